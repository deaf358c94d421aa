package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

func TestNotAStore(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text")
	must(t, os.WriteFile(text, []byte(strings.Repeat("a file of text\n", 100)), 0o600))
	short := filepath.Join(t.TempDir(), "short")
	must(t, os.WriteFile(short, []byte("xy"), 0o600))
	for _, c := range []struct{ path, why string }{
		{text, "nor any SQLite file"},
		{short, "nor any SQLite file"},
		{other(t, "CREATE TABLE a (b)"), "it is an SQLite file of something else"},
		{other(t, "PRAGMA application_id = 7"), "it is an SQLite file of something else"},
		{other(t, "PRAGMA user_version = 7"), "it is an SQLite file of something else"},
		{other(t, "PRAGMA application_id = 1650553710"), "its tables have revision 0"},
		{other(t, "PRAGMA journal_mode = wal; CREATE TABLE a (b)"), "it is an SQLite file of something else"},
	} {
		before, err := os.ReadFile(c.path)
		must(t, err)
		_, err = Open(c.path)
		want := c.path + " is not a basin store, " + c.why + "; choose another file"
		if !errors.Is(err, ErrNotStore) || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
		after, err := os.ReadFile(c.path)
		must(t, err)
		if !bytes.Equal(before, after) {
			t.Errorf("%s: Open changed the file", c.why)
		}
	}
}

func TestNewerStore(t *testing.T) {
	_, err := Open(other(t, "PRAGMA application_id = 1650553710; PRAGMA user_version = 3"))
	if err == nil || !strings.Contains(err.Error(), "made by a newer basin (tables of revision 3, this one knows 2)") {
		t.Errorf("got %v", err)
	}
}

func TestCannotBeMade(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	must(t, os.WriteFile(file, nil, 0o600))
	for _, path := range []string{filepath.Join(dir, "missing", "s.db"), filepath.Join(file, "s.db"), dir} {
		_, err := Open(path)
		want := "store " + path + " cannot be opened or made; check that its folder exists and that you may write to both"
		if err == nil || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}

// An empty file is what a crash in the first moment leaves.
func TestEmptyFileBecomesAStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	must(t, os.WriteFile(path, nil, 0o600))
	s := open(t, path)
	must(t, s.PutRecord("k", nil))
	must(t, s.Check())
}

func TestOpenTwiceInOneProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	_, err := Open(path)
	want := "store " + path + " is in use by another basin; wait until that is done, or choose another file"
	if !errors.Is(err, ErrInUse) || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	must(t, s.PutRecord("k", nil))
	must(t, s.Close())
	open(t, path)
}

// A full disk is played by a limit on the pages of the file.
func TestFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	must(t, s.Commit("k", []byte("small"), nil))
	must(t, s.PutCheckpoint("k", []byte("half")))
	alter(t, s, "PRAGMA max_page_count = 20")
	err := s.Commit("k", []byte("other"), map[string][]byte{"end": make([]byte, 1<<20)})
	want := "store " + path + ": the disk is full; free some space and run the same command again, what was kept stays"
	if err == nil || err.Error() != want {
		t.Fatalf("got %v\nwant %s", err, want)
	}
	if body, ok, err := s.Record("k"); string(body) != "small" || !ok || err != nil {
		t.Errorf("the record is %q, %v, %v", body, ok, err)
	}
	if _, ok, err := s.Checkpoint("k"); !ok || err != nil {
		t.Errorf("the checkpoint: %v, %v", ok, err)
	}
	alter(t, s, "PRAGMA max_page_count = 10000")
	must(t, s.Commit("k", []byte("other"), map[string][]byte{"end": make([]byte, 1<<20)}))
	must(t, s.Check())
}

func TestCannotBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	alter(t, s, "PRAGMA query_only = 1")
	err := s.PutRecord("k", nil)
	want := "store " + path + " cannot be written; check the permissions of the file and its folder"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestReadOnly(t *testing.T) {
	if os.Getuid() <= 0 {
		t.Skip("permissions do not bind this user")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "s.db")
	must(t, open(t, path).Close())
	must(t, os.Chmod(path, 0o400))
	_, err := Open(path)
	want := "store " + path + " cannot be written; check the permissions of the file and its folder"
	if err == nil || err.Error() != want {
		t.Errorf("read-only file: got %v\nwant %s", err, want)
	}
	must(t, os.Chmod(dir, 0o500))
	defer func() { must(t, os.Chmod(dir, 0o700)) }() // so that it can be removed
	other := filepath.Join(dir, "other.db")
	_, err = Open(other)
	want = "store " + other + " cannot be opened or made; check that its folder exists and that you may write to both"
	if err == nil || err.Error() != want {
		t.Errorf("read-only folder: got %v\nwant %s", err, want)
	}
}

func TestTooLargeABody(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	c, err := s.db.Conn(t.Context())
	must(t, err)
	_, err = sqlite.Limit(c, sqlite3.SQLITE_LIMIT_LENGTH, 1000)
	must(t, err)
	must(t, c.Close())
	must(t, s.PutRecord("k", make([]byte, 500)))
	err = s.PutRecord("k", make([]byte, 2000))
	want := "store " + path + ": one body is larger than SQLite can keep (1 GB)"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}
