package store

import (
	"database/sql"
	"errors"
	"iter"
	"maps"
	"slices"
)

// PutRecord keeps the record of a run, in place of an earlier one.
func (s *Store) PutRecord(key string, body []byte) error {
	return s.explain(put(s.db, "records", key, body))
}

// Record gives the record of a run, if there is one.
func (s *Store) Record(key string) (body []byte, ok bool, err error) {
	return s.get("record", "SELECT body, sum FROM records WHERE key = ?", key)
}

// An Entry is a record with its key.
type Entry struct {
	Key  string
	Body []byte
}

// Records gives all records in order of their keys. The store may be used, and
// changed, while they are gone through. A damaged record comes as an error with its
// key; any other error is the last.
func (s *Store) Records() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for from := ""; ; {
			var e Entry
			var sum uint32
			err := s.db.QueryRow("SELECT key, body, sum FROM records WHERE key >= ? ORDER BY key LIMIT 1", from).Scan(&e.Key, &e.Body, &sum)
			switch {
			case errors.Is(err, sql.ErrNoRows):
				return
			case err != nil:
				yield(Entry{}, s.explain(err))
				return
			case checksum(e.Body, e.Key) != sum:
				e, err = Entry{Key: e.Key}, s.mismatch("record", e.Key)
			}
			if !yield(e, err) {
				return
			}
			from = e.Key + "\x00" // the next possible key
		}
	}
}

// Commit keeps a record together with solutions by point, and drops the run's
// checkpoint: all of that or, after an error, nothing. Solutions at other points
// stay.
func (s *Store) Commit(key string, record []byte, solutions map[string][]byte) error {
	return s.within(func(tx *sql.Tx) error {
		if err := put(tx, "records", key, record); err != nil {
			return err
		}
		for _, point := range slices.Sorted(maps.Keys(solutions)) {
			if err := putSolution(tx, key, point, solutions[point]); err != nil {
				return err
			}
		}
		return dropCheckpoint(tx, key)
	})
}
