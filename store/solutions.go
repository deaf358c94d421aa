package store

import (
	"database/sql"
	"fmt"
)

// PutSolution keeps the solution of a run at a point, in place of an earlier one.
// The run must have a record.
func (s *Store) PutSolution(key, point string, body []byte) error {
	return s.within(func(tx *sql.Tx) error {
		var known bool
		if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM records WHERE key = ?)", key).Scan(&known); err != nil {
			return err
		}
		if !known {
			return fmt.Errorf("store %s: a solution of run %s at %s cannot be kept, since the run has no record", s.path, key, point)
		}
		return putSolution(tx, key, point, body)
	})
}

// Solution gives the solution of a run at a point, if there is one.
func (s *Store) Solution(key, point string) (body []byte, ok bool, err error) {
	return s.get("solution", "SELECT body, sum FROM solutions WHERE key = ? AND point = ?", key, point)
}

// Solutions lists the points at which solutions of a run are kept, in order.
func (s *Store) Solutions(key string) (points []string, err error) {
	rows, err := s.db.Query("SELECT point FROM solutions WHERE key = ? ORDER BY point", key)
	if err != nil {
		return nil, s.explain(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var p string
		if err := rows.Scan(&p); err != nil {
			return nil, s.explain(err)
		}
		points = append(points, p)
	}
	return points, s.explain(rows.Err())
}

func putSolution(x execer, key, point string, body []byte) error {
	_, err := x.Exec("INSERT INTO solutions (key, point, body, sum) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body, sum = excluded.sum",
		key, point, notNil(body), checksum(body, key, point))
	return err
}
