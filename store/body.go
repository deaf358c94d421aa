package store

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// checksum covers a body and the names it is kept under, so that it does not pass
// for another one's.
func checksum(body []byte, names ...string) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	sum := uint32(0)
	for _, n := range names {
		sum = crc32.Update(sum, table, binary.LittleEndian.AppendUint64(nil, uint64(len(n))))
		sum = crc32.Update(sum, table, []byte(n))
	}
	return crc32.Update(sum, table, body)
}

// An execer is the database or a transaction.
type execer interface {
	Exec(query string, args ...any) (sql.Result, error)
}

func put(x execer, table, key string, body []byte) error {
	_, err := x.Exec("INSERT INTO "+table+" (key, body, sum) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body, sum = excluded.sum",
		key, notNil(body), checksum(body, key))
	return err
}

// notNil is body, which the driver would take for NULL where it is nil.
func notNil(body []byte) []byte {
	if body == nil {
		return []byte{}
	}
	return body
}

// get reads the body and sum that a query selects and verifies them.
func (s *Store) get(what, query string, names ...string) (body []byte, ok bool, err error) {
	args := make([]any, len(names))
	for i, n := range names {
		args[i] = n
	}
	var sum uint32
	err = s.db.QueryRow(query, args...).Scan(&body, &sum)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, false, nil
	case err != nil:
		return nil, false, s.explain(err)
	case checksum(body, names...) != sum:
		return nil, false, s.mismatch(what, names...)
	}
	return body, true, nil
}

// mismatch is the error for a body that does not have its checksum.
func (s *Store) mismatch(what string, names ...string) error {
	return s.damaged(fmt.Sprintf("%s %q does not have its checksum", what, names))
}
