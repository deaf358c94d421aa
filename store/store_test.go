package store

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func open(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// alter changes the tables behind the store's back.
func alter(t testing.TB, s *Store, query string) {
	t.Helper()
	if _, err := s.db.Exec(query); err != nil {
		t.Fatal(err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestBodiesComeBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?c%20#é.db")
	s := open(t, path)
	large := bytes.Repeat([]byte("0123456789"), 1<<17)
	must(t, s.Commit("k", nil, map[string][]byte{"end": large, "train_loss=0.1": {}}))
	must(t, s.PutCheckpoint("k", []byte{0}))
	must(t, s.PutSolution("k", "", []byte("at no point")))
	must(t, s.PutRecord("", []byte("of no key")))
	for range 2 {
		for _, c := range []struct {
			what string
			get  func() ([]byte, bool, error)
			want []byte
			ok   bool
		}{
			{"record", func() ([]byte, bool, error) { return s.Record("k") }, nil, true},
			{"record of no key", func() ([]byte, bool, error) { return s.Record("") }, []byte("of no key"), true},
			{"no record", func() ([]byte, bool, error) { return s.Record("K") }, nil, false},
			{"solution", func() ([]byte, bool, error) { return s.Solution("k", "end") }, large, true},
			{"empty solution", func() ([]byte, bool, error) { return s.Solution("k", "train_loss=0.1") }, nil, true},
			{"solution at no point", func() ([]byte, bool, error) { return s.Solution("k", "") }, []byte("at no point"), true},
			{"no solution", func() ([]byte, bool, error) { return s.Solution("k", "steps=1") }, nil, false},
			{"checkpoint", func() ([]byte, bool, error) { return s.Checkpoint("k") }, []byte{0}, true},
			{"no checkpoint", func() ([]byte, bool, error) { return s.Checkpoint("") }, nil, false},
		} {
			got, ok, err := c.get()
			if err != nil || ok != c.ok || !bytes.Equal(got, c.want) {
				t.Errorf("%s: got %d bytes, %v, %v", c.what, len(got), ok, err)
			}
		}
		points, err := s.Solutions("k")
		if want := []string{"", "end", "train_loss=0.1"}; err != nil || !slices.Equal(points, want) {
			t.Errorf("solutions at %q, %v, want %q", points, err, want)
		}
		must(t, s.Check())
		must(t, s.Close())
		s = open(t, path)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the file has another name: %v", err)
	}
}

func TestCloseLeavesOneFile(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "s.db"))
	must(t, s.PutRecord("k", []byte("r")))
	must(t, s.Close())
	entries, err := os.ReadDir(dir)
	must(t, err)
	if len(entries) != 1 || entries[0].Name() != "s.db" {
		t.Errorf("the folder holds %v", entries)
	}
	if _, _, err := s.Record("k"); err == nil {
		t.Error("a closed store should give no record")
	}
}

func TestCommitIsAllOrNothing(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	must(t, s.Commit("k", []byte("old"), map[string][]byte{"a": []byte("old"), "b": []byte("old")}))
	must(t, s.PutCheckpoint("k", []byte("half")))
	alter(t, s, "CREATE TRIGGER refuse BEFORE DELETE ON checkpoints BEGIN SELECT RAISE(ABORT, 'refused'); END")
	if err := s.Commit("k", []byte("new"), map[string][]byte{"a": []byte("new"), "c": []byte("new")}); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Fatalf("commit gave %v", err)
	}
	is := func(want map[string]string) {
		t.Helper()
		record, _, err := s.Record("k")
		must(t, err)
		got := map[string]string{"": string(record)}
		points, err := s.Solutions("k")
		must(t, err)
		for _, p := range points {
			body, _, err := s.Solution("k", p)
			must(t, err)
			got[p] = string(body)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("the store holds %v, want %v", got, want)
		}
	}
	is(map[string]string{"": "old", "a": "old", "b": "old"})
	alter(t, s, "DROP TRIGGER refuse")
	must(t, s.Commit("k", []byte("new"), map[string][]byte{"a": []byte("new"), "c": []byte("new")}))
	is(map[string]string{"": "new", "a": "new", "b": "old", "c": "new"})
	if _, ok, err := s.Checkpoint("k"); ok || err != nil {
		t.Errorf("the checkpoint should be gone: %v, %v", ok, err)
	}
}

func TestSolutionNeedsRecord(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	if err := s.PutSolution("k", "end", nil); err == nil || !strings.HasSuffix(err.Error(), "a solution of run k at end cannot be kept, since the run has no record") {
		t.Errorf("got %v", err)
	}
	must(t, s.PutRecord("k", nil))
	must(t, s.PutSolution("k", "end", nil))
}

func TestRecordsInOrderOfKeys(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	keys := []string{"b", "", "a", "ab", "a\x00", "B", "é"}
	for _, k := range keys {
		must(t, s.PutRecord(k, []byte("body of "+k)))
	}
	slices.Sort(keys)
	var got []string
	for e, err := range s.Records() {
		must(t, err)
		if string(e.Body) != "body of "+e.Key {
			t.Errorf("record %q has body %q", e.Key, e.Body)
		}
		got = append(got, e.Key)
		if _, ok, err := s.Record(e.Key); !ok || err != nil { // the store may be used meanwhile
			t.Errorf("record %q: %v, %v", e.Key, ok, err)
		}
		if e.Key == "a" {
			must(t, s.PutRecord("aa", []byte("body of aa")))
		}
	}
	keys = append(keys, "aa")
	slices.Sort(keys)
	if !slices.Equal(got, keys) {
		t.Errorf("got %q, want %q", got, keys)
	}
	for range s.Records() {
		break
	}
	must(t, s.PutRecord("c", nil))
}

func TestLooks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	for i, c := range []struct {
		study       string
		seeds, want int
	}{{"a", 8, 1}, {"a", 8, 1}, {"a", 12, 2}, {"b", 8, 1}, {"a", 8, 2}, {"a", 16, 3}} {
		if i == 4 {
			must(t, s.Close())
			s = open(t, path)
		}
		if got, err := s.AddLook(c.study, c.seeds); err != nil || got != c.want {
			t.Errorf("look %d: got %d, %v, want %d", i, got, err, c.want)
		}
	}
}

// Goroutines write their own keys and read those of all; run with -race.
func TestGoroutines(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	const goroutines, rounds = 8, 10
	errs := make(chan error, goroutines)
	var group sync.WaitGroup
	for g := range goroutines {
		group.Go(func() {
			key := fmt.Sprint("run", g)
			var err error
			for i := range rounds {
				body := []byte(fmt.Sprint(key, i))
				err = errors.Join(err, s.PutCheckpoint(key, body), s.Commit(key, body, map[string][]byte{"end": body}))
				for e, e2 := range s.Records() {
					err = errors.Join(err, e2)
					if !strings.HasPrefix(string(e.Body), e.Key) {
						err = errors.Join(err, fmt.Errorf("record %s has body %s", e.Key, e.Body))
					}
				}
				_, e := s.AddLook("study", g*rounds+i)
				err = errors.Join(err, e)
			}
			errs <- err
		})
	}
	group.Wait()
	for range goroutines {
		must(t, <-errs)
	}
	must(t, s.Check())
	if n, err := s.AddLook("study", 0); err != nil || n != goroutines*rounds {
		t.Errorf("%d looks, %v, want %d", n, err, goroutines*rounds)
	}
}

// What Open promises in the package comment.
func TestSettings(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	for pragma, want := range map[string]string{
		"journal_mode": "delete", "synchronous": "2", "locking_mode": "exclusive", "foreign_keys": "1", "application_id": "1650553710", "user_version": "2",
	} {
		var got string
		if err := s.db.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, %v, want %s", pragma, got, err, want)
		}
	}
}

// other makes an SQLite file that is no store.
func other(t *testing.T, query string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other.db")
	db, err := sql.Open("sqlite", path)
	must(t, err)
	_, err = db.Exec(query)
	must(t, err)
	must(t, db.Close())
	return path
}
