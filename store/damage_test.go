package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// damaged demands an ErrDamaged that says what.
func damaged(t *testing.T, err error, what string) {
	t.Helper()
	if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), what) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want that %s is damaged", err, what)
	}
}

func TestDamagedBodies(t *testing.T) {
	for _, c := range []struct {
		what, query string
		get         func(s *Store) error
	}{
		{`record ["a"]`, "UPDATE records SET body = x'00' WHERE key = 'a'", func(s *Store) error { _, _, err := s.Record("a"); return err }},
		{`record ["a"]`, "UPDATE records SET (body, sum) = (SELECT body, sum FROM records WHERE key = 'b') WHERE key = 'a'",
			func(s *Store) error { _, _, err := s.Record("a"); return err }},
		{`solution ["a" "end"]`, "UPDATE solutions SET sum = 0 WHERE point = 'end'", func(s *Store) error { _, _, err := s.Solution("a", "end"); return err }},
		{`solution ["a" "end"]`, "UPDATE solutions SET (body, sum) = (SELECT body, sum FROM solutions WHERE point = 'x') WHERE point = 'end'",
			func(s *Store) error { _, _, err := s.Solution("a", "end"); return err }},
		{`checkpoint ["a"]`, "UPDATE checkpoints SET body = CAST(body || x'00' AS BLOB)", func(s *Store) error { _, _, err := s.Checkpoint("a"); return err }},
	} {
		s := open(t, filepath.Join(t.TempDir(), "s.db"))
		must(t, s.Commit("a", []byte("one"), map[string][]byte{"end": []byte("two"), "x": []byte("three")}))
		must(t, s.PutRecord("b", []byte("four")))
		must(t, s.PutCheckpoint("a", []byte("five")))
		must(t, s.Check())
		alter(t, s, c.query)
		damaged(t, c.get(s), c.what)
		damaged(t, s.Check(), c.what)
		if !strings.HasPrefix(c.what, "record") {
			continue
		}
		var keys []string
		for e, err := range s.Records() {
			if keys = append(keys, e.Key); e.Key == "a" {
				damaged(t, err, c.what)
			} else {
				must(t, err)
			}
		}
		if fmt.Sprint(keys) != "[a b]" {
			t.Errorf("records were %q, want a and b", keys)
		}
	}
}

func TestCheckFindsOrphans(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	must(t, s.Commit("a", nil, map[string][]byte{"end": nil}))
	alter(t, s, "PRAGMA foreign_keys = OFF; DELETE FROM records")
	damaged(t, s.Check(), `the solution of run "a" at "end" has no record`)
}

func TestTruncatedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	must(t, s.PutRecord("k", bytes.Repeat([]byte("x"), 1<<16)))
	must(t, s.Close())
	info, err := os.Stat(path)
	must(t, err)
	for _, size := range []int64{info.Size() - 4096, info.Size() / 2, 4096, 100, 2} {
		must(t, os.Truncate(path, size))
		s, err := Open(path)
		if err == nil {
			err = s.Check()
			must(t, s.Close())
		}
		if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNotStore) {
			t.Errorf("cut to %d bytes: got %v", size, err)
		}
	}
}

// Whatever page is overwritten with noise, no call gives another body than the one
// that was kept.
func TestNoiseIsNeverTakenForABody(t *testing.T) {
	const page, seeds = 4096, 40
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	kept := map[string][]byte{}
	for i := range 12 {
		key := fmt.Sprint("run", i)
		kept[key] = bytes.Repeat([]byte(key), 100*(i+1))
		must(t, s.Commit(key, kept[key], map[string][]byte{"end": kept[key]}))
	}
	must(t, s.Close())
	whole, err := os.ReadFile(path)
	must(t, err)
	found := 0
	for seed := range uint64(seeds) {
		r := rand.New(rand.NewPCG(seed, 0))
		data := bytes.Clone(whole)
		at := r.IntN(len(data)/page) * page
		for i := at + r.IntN(page); i < at+page; i++ {
			data[i] = byte(r.Uint32())
		}
		must(t, os.WriteFile(path, data, 0o600))
		if errs := audit(path, kept); len(errs) > 0 {
			found++
			for _, err := range errs {
				if strings.Contains(err.Error(), "wrong body") {
					t.Errorf("seed %d, page %d: %v", seed, at/page, err)
				}
			}
		}
	}
	if found < seeds/2 {
		t.Errorf("only %d of %d damages were noticed", found, seeds)
	}
}

// audit reads everything and gives every error, and whatever is not as it was kept.
func audit(path string, kept map[string][]byte) (errs []error) {
	s, err := Open(path)
	if err != nil {
		return []error{err}
	}
	defer func() { _ = s.Close() }()
	note := func(body, want []byte, ok bool, err error) {
		switch {
		case err != nil:
			errs = append(errs, err)
		case ok && !bytes.Equal(body, want):
			errs = append(errs, fmt.Errorf("wrong body %.20q instead of %.20q", body, want))
		case !ok:
			errs = append(errs, errors.New("a body is missing"))
		}
	}
	for key, want := range kept {
		body, ok, err := s.Record(key)
		note(body, want, ok, err)
		body, ok, err = s.Solution(key, "end")
		note(body, want, ok, err)
	}
	for e, err := range s.Records() {
		note(e.Body, kept[e.Key], true, err)
	}
	if err := s.Check(); err != nil {
		errs = append(errs, err)
	}
	return errs
}
