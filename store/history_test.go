package store

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
)

// model is what a store should hold, in plain maps.
type model struct {
	records, checkpoints map[string][]byte
	solutions            map[string]map[string][]byte
	looks                map[string]map[int]bool
}

func newModel() *model {
	return &model{map[string][]byte{}, map[string][]byte{}, map[string]map[string][]byte{}, map[string]map[int]bool{}}
}

// compare demands that the store holds what the model does and no more.
func (m *model) compare(s *Store) error {
	var keys []string
	for e, err := range s.Records() {
		if err != nil {
			return err
		}
		keys = append(keys, e.Key)
		if want, ok := m.records[e.Key]; !ok || !bytes.Equal(e.Body, want) {
			return fmt.Errorf("record %s has %d bytes, want %d", e.Key, len(e.Body), len(want))
		}
		points, err := s.Solutions(e.Key)
		if err != nil {
			return err
		}
		if want := slices.Sorted(maps.Keys(m.solutions[e.Key])); !slices.Equal(points, want) {
			return fmt.Errorf("run %s has solutions at %q, want %q", e.Key, points, want)
		}
		for p, want := range m.solutions[e.Key] {
			if got, ok, err := s.Solution(e.Key, p); err != nil || !ok || !bytes.Equal(got, want) {
				return fmt.Errorf("solution %s %s: %d bytes, %v, %v, want %d bytes", e.Key, p, len(got), ok, err, len(want))
			}
		}
	}
	if want := slices.Sorted(maps.Keys(m.records)); !slices.Equal(keys, want) {
		return fmt.Errorf("records are %q, want %q", keys, want)
	}
	for i := range 4 {
		key := fmt.Sprint("run", i)
		got, ok, err := s.Checkpoint(key)
		if want, has := m.checkpoints[key]; err != nil || ok != has || !bytes.Equal(got, want) {
			return fmt.Errorf("checkpoint %s: %d bytes, %v, %v, want %d bytes, %v", key, len(got), ok, err, len(want), has)
		}
	}
	return s.Check()
}

// TestHistories does the same random things to a store and to maps, reopening the
// store now and then. To replay a failure, loop over its seed alone.
func TestHistories(t *testing.T) {
	const seeds, actions = 12, 60
	for seed := range uint64(seeds) {
		path := filepath.Join(t.TempDir(), fmt.Sprint(seed))
		r := rand.New(rand.NewPCG(seed, 1))
		s, m := open(t, path), newModel()
		for i := range actions {
			what, err := act(r, s, m)
			if err == nil && r.IntN(10) == 0 {
				must(t, s.Close())
				s = open(t, path)
				what += ", reopen"
				err = m.compare(s)
			}
			if err != nil {
				t.Fatalf("seed %d, action %d (%s): %v", seed, i, what, err)
			}
		}
		if err := m.compare(s); err != nil {
			t.Fatalf("seed %d, at the end: %v", seed, err)
		}
		must(t, s.Close())
	}
}

// act does one random thing to both.
func act(r *rand.Rand, s *Store, m *model) (what string, err error) {
	key, point := fmt.Sprint("run", r.IntN(4)), fmt.Sprint("steps=", r.IntN(3))
	body := make([]byte, r.IntN(2)*r.IntN(20000)+r.IntN(20))
	for i := range body {
		body[i] = byte(r.Uint32())
	}
	switch r.IntN(7) {
	case 0:
		m.records[key] = body
		return "PutRecord", s.PutRecord(key, body)
	case 1:
		m.checkpoints[key] = body
		return "PutCheckpoint", s.PutCheckpoint(key, body)
	case 2:
		delete(m.checkpoints, key)
		return "DropCheckpoint", s.DropCheckpoint(key)
	case 3:
		err := s.PutSolution(key, point, body)
		if _, ok := m.records[key]; !ok {
			if err == nil {
				return "PutSolution", fmt.Errorf("it was kept without a record")
			}
			return "PutSolution", nil
		}
		m.putSolution(key, point, body)
		return "PutSolution", err
	case 4:
		study, seeds := fmt.Sprint("study", r.IntN(2)), r.IntN(5)
		if m.looks[study] == nil {
			m.looks[study] = map[int]bool{}
		}
		m.looks[study][seeds] = true
		got, err := s.AddLook(study, seeds)
		if want := len(m.looks[study]); err == nil && got != want {
			err = fmt.Errorf("%d looks, want %d", got, want)
		}
		return "AddLook", err
	}
	solutions := map[string][]byte{}
	for i := range r.IntN(3) {
		solutions[fmt.Sprint("steps=", i)] = body[:len(body)/(i+1)]
	}
	m.records[key] = body
	for p, b := range solutions {
		m.putSolution(key, p, b)
	}
	delete(m.checkpoints, key)
	return "Commit", s.Commit(key, body, solutions)
}

func (m *model) putSolution(key, point string, body []byte) {
	if m.solutions[key] == nil {
		m.solutions[key] = map[string][]byte{}
	}
	m.solutions[key][point] = body
}
