// Package store keeps what runs leave behind in one SQLite file: records, the
// solutions that belong to them, what was measured between two runs, checkpoints of
// unfinished runs, and how often each study was looked at. Bodies are bytes that the store does not interpret; each
// carries a checksum that is verified whenever it is read.
//
// One process has a store to itself while it is open, by SQLite's own lock on the
// file, which the operating system drops with the process however it ends. What a
// call has reported as kept is on disk (synchronous=FULL) and survives a crash of
// the process or of the machine; of a call cut short all is there or nothing, since
// the next Open takes back what was half done by the journal beside the file
// (FILE-journal). Nothing beside the file is left after Close.
package store

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
)

// A Store is an open store file. It is safe for concurrent use by goroutines.
type Store struct {
	path string
	db   *sql.DB
}

// applicationID marks an SQLite file as a store: "basn" in ASCII.
const applicationID = 0x6261736e

// schema is the revision of the tables below.
const schema = 2

const tables = `
CREATE TABLE records (
	key  TEXT NOT NULL PRIMARY KEY,
	body BLOB NOT NULL,
	sum  INTEGER NOT NULL
) STRICT;
CREATE TABLE solutions (
	key   TEXT NOT NULL REFERENCES records (key),
	point TEXT NOT NULL,
	body  BLOB NOT NULL,
	sum   INTEGER NOT NULL,
	PRIMARY KEY (key, point)
) STRICT;
CREATE TABLE checkpoints (
	key  TEXT NOT NULL PRIMARY KEY,
	body BLOB NOT NULL,
	sum  INTEGER NOT NULL
) STRICT;
CREATE TABLE looks (
	study TEXT NOT NULL,
	seeds INTEGER NOT NULL,
	PRIMARY KEY (study, seeds)
) STRICT, WITHOUT ROWID;
` + pairsTable

// pairsTable came with revision 2.
const pairsTable = `
CREATE TABLE pairs (
	a    TEXT NOT NULL REFERENCES records (key),
	b    TEXT NOT NULL REFERENCES records (key),
	body BLOB NOT NULL,
	sum  INTEGER NOT NULL,
	PRIMARY KEY (a, b)
) STRICT;
`

// Open opens the store at path, or makes it, in a folder that exists. Its error is
// ErrInUse while another process has the store open, ErrNotStore if the file is
// something else, which is then left as it is, and ErrDamaged if it was a store.
func Open(path string) (*Store, error) {
	name, err := dataSource(path)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	db, err := sql.Open("sqlite", name) // the driver of modernc.org/sqlite
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	db.SetMaxOpenConns(1) // it holds the lock, and lets one goroutine in at a time
	s := &Store{path, db}
	if err := s.claim(); err != nil {
		_ = db.Close()
		return nil, err
	}
	return s, nil
}

// Close ends the use of the store.
func (s *Store) Close() error { return s.explain(s.db.Close()) }

// dataSource names the file to the driver.
func dataSource(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	abs = filepath.ToSlash(abs)
	if !strings.HasPrefix(abs, "/") {
		abs = "/" + abs
	}
	options := url.Values{
		"_txlock":       {"exclusive"},
		"_busy_timeout": {"250"}, // another process may be about to close
		"_foreign_keys": {"on"},
		"_synchronous":  {"full"},
	}
	file := url.URL{Scheme: "file", Path: abs, RawQuery: options.Encode()}
	return file.String(), nil
}

// claim makes sure that the file is a store, or empty and to become one, and keeps
// the lock of the transaction that finds out. The lock is kept from here on, not
// from the first read: two processes that each held on to a read lock would both
// wait in vain for the other's.
func (s *Store) claim() error {
	return s.within(func(tx *sql.Tx) error {
		if err := s.identify(tx); err != nil {
			return err
		}
		_, err := tx.Exec("PRAGMA locking_mode = EXCLUSIVE")
		return err
	})
}

func (s *Store) identify(tx *sql.Tx) error {
	var application, version, objects int
	err := tx.QueryRow(`SELECT
		(SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version),
		(SELECT count(*) FROM sqlite_schema)`).Scan(&application, &version, &objects)
	switch {
	case err != nil:
		return err
	case application == 0 && version == 0 && objects == 0:
		_, err := tx.Exec(tables + fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, schema))
		return err
	case application != applicationID:
		return s.notStore("it is an SQLite file of something else")
	case version > schema:
		return fmt.Errorf("store %s was made by a newer basin (tables of revision %d, this one knows %d); use that one, or choose another file", s.path, version, schema)
	case version == 1:
		_, err := tx.Exec(pairsTable + fmt.Sprintf("PRAGMA user_version = %d;", schema))
		return err
	case version != schema:
		return s.notStore(fmt.Sprintf("its tables have revision %d", version))
	}
	return nil
}

// within does f in one transaction: all of it or, after an error, none.
func (s *Store) within(f func(tx *sql.Tx) error) error {
	tx, err := s.db.Begin()
	if err != nil {
		return s.explain(err)
	}
	defer func() { _ = tx.Rollback() }() // after Commit there is nothing to roll back
	if err := f(tx); err != nil {
		return s.explain(err)
	}
	return s.explain(tx.Commit())
}
