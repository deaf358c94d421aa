package store

import (
	"database/sql"
	"errors"
	"fmt"
)

// Check reads the whole store and says what is first found wrong with it: pages or
// indexes that SQLite finds damaged, a body without its checksum, a solution
// without a record.
func (s *Store) Check() error {
	return s.within(func(tx *sql.Tx) error {
		var verdict string
		if err := tx.QueryRow("PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
			return err
		}
		if verdict != "ok" {
			return s.damaged(verdict)
		}
		for _, t := range []struct{ what, query string }{
			{"record", "SELECT key, NULL, body, sum FROM records"},
			{"solution", "SELECT key, point, body, sum FROM solutions"},
			{"checkpoint", "SELECT key, NULL, body, sum FROM checkpoints"},
			{"pair", "SELECT a, b, body, sum FROM pairs"},
		} {
			if err := s.checkBodies(tx, t.what, t.query); err != nil {
				return err
			}
		}
		return s.checkOwners(tx)
	})
}

func (s *Store) checkBodies(tx *sql.Tx, what, query string) error {
	rows, err := tx.Query(query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var key string
		var more sql.NullString // a point, or another key
		var body []byte
		var sum uint32
		if err := rows.Scan(&key, &more, &body, &sum); err != nil {
			return err
		}
		names := []string{key}
		if more.Valid {
			names = append(names, more.String)
		}
		if checksum(body, names...) != sum {
			return s.mismatch(what, names...)
		}
	}
	return rows.Err()
}

func (s *Store) checkOwners(tx *sql.Tx) error {
	var key, point string
	err := tx.QueryRow("SELECT key, point FROM solutions WHERE key NOT IN (SELECT key FROM records) LIMIT 1").Scan(&key, &point)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.damaged(fmt.Sprintf("the solution of run %q at %q has no record", key, point))
}
