package store

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var (
	// ErrInUse is that another process has the store open.
	ErrInUse = errors.New("in use by another basin")
	// ErrNotStore is that the file is no store and never was.
	ErrNotStore = errors.New("not a basin store")
	// ErrDamaged is that the file was a store but no longer holds what was kept.
	ErrDamaged = errors.New("damaged")
)

// explain turns what the database says into what is wrong with the store and what
// to do about it. Errors of the store itself pass unchanged.
func (s *Store) explain(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	code := e.Code() & 0xff // the rest is detail
	if e.Code() == sqlite3.SQLITE_IOERR_LOCK {
		code = sqlite3.SQLITE_READONLY // what may only be read cannot be locked either
	}
	switch code {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("store %s is %w; wait until that is done, or choose another file", s.path, ErrInUse)
	case sqlite3.SQLITE_NOTADB:
		return s.notStore("nor any SQLite file")
	case sqlite3.SQLITE_CORRUPT:
		return s.damaged("SQLite cannot read it")
	case sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("store %s cannot be opened or made; check that its folder exists and that you may write to both", s.path)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return fmt.Errorf("store %s cannot be written; check the permissions of the file and its folder", s.path)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("store %s: the disk is full; free some space and run the same command again, what was kept stays", s.path)
	case sqlite3.SQLITE_TOOBIG:
		return fmt.Errorf("store %s: one body is larger than SQLite can keep (1 GB)", s.path)
	case sqlite3.SQLITE_IOERR:
		return fmt.Errorf("store %s: reading or writing failed (%w); check the disk and its free space", s.path, err)
	}
	return fmt.Errorf("store %s: %w", s.path, err)
}

func (s *Store) notStore(why string) error {
	return fmt.Errorf("%s is %w, %s; choose another file", s.path, ErrNotStore, why)
}

func (s *Store) damaged(what string) error {
	return fmt.Errorf("store %s is %w: %s; move it away and run again, its runs can be repeated", s.path, ErrDamaged, what)
}
