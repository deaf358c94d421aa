package store

import (
	"database/sql"
	"maps"
	"slices"
)

// Pair gives what was measured between the solutions of two runs, if anything was.
func (s *Store) Pair(a, b string) (body []byte, ok bool, err error) {
	return s.get("pair", "SELECT body, sum FROM pairs WHERE a = ? AND b = ?", a, b)
}

// CommitPairs keeps what was measured between the solutions of two runs each, in place of
// what was kept before: all of that or, after an error, nothing. The runs must have records.
func (s *Store) CommitPairs(bodies map[[2]string][]byte) error {
	return s.within(func(tx *sql.Tx) error {
		keys := slices.SortedFunc(maps.Keys(bodies), func(p, q [2]string) int { return slices.Compare(p[:], q[:]) })
		for _, k := range keys {
			_, err := tx.Exec("INSERT INTO pairs (a, b, body, sum) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body, sum = excluded.sum",
				k[0], k[1], notNil(bodies[k]), checksum(bodies[k], k[0], k[1]))
			if err != nil {
				return err
			}
		}
		return nil
	})
}
