package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"basin/study"
)

// surveyed makes the runs of three optimizers at two seeds, and the survey of them.
func surveyed(t *testing.T, s *memory, taskText, model, at string, measures ...string) *Survey {
	t.Helper()
	v := &Survey{}
	for _, o := range []string{"sgd(lr=0.1)", "adam(lr=0.01)", "lion(lr=1e-3)"} {
		for seed := range 2 {
			j := jobOf(t, taskText, model, o, "steps=30", at, measures...)
			j.Run.Seed = uint64(seed + 1)
			v.Records = append(v.Records, do(t, s, j))
			v.Data, v.Points, v.Courses, v.Probes = j.Data, j.Points, [][]study.Point{j.Points}, j.Probes
		}
	}
	return v
}

func between(t *testing.T, s PairStore, v *Survey, workers int) []study.Pair {
	t.Helper()
	pairs, err := Between(context.Background(), s, v, workers)
	if err != nil {
		t.Fatal(err)
	}
	return pairs
}

func TestBetween(t *testing.T) {
	s := newMemory()
	v := surveyed(t, s, "two_moons", "mlp(6, 4)", "steps=10,end", "loss", "disagreement", "overlap(k=2)", "separation")
	pairs := between(t, s, v, 1)
	want := asJSON(t, pairs)
	course, all := 0, 0
	for _, p := range pairs {
		for _, m := range p.Measured {
			switch {
			case strings.HasPrefix(m.Probe, "overlap"):
				course++
				if p.A.Key != p.B.Key || p.A.Point == p.B.Point {
					t.Errorf("overlap of %v and %v", p.A, p.B)
				}
			case strings.HasPrefix(m.Probe, "separation"):
				all++
				if p.A.Key >= p.B.Key || p.A.Point != p.B.Point {
					t.Errorf("separation of %v and %v", p.A, p.B)
				}
			case strings.HasPrefix(m.Probe, "loss"):
				t.Error("a probe of single solutions is measured between two")
			}
		}
	}
	if course != 6 || all != 30 {
		t.Errorf("%d pairs along runs and %d at points, want 6 and 2 * 15", course, all)
	}

	// Nothing is measured again, by however many workers, and what is missing is.
	v.Progress = func(done, all int) { t.Errorf("%d of %d pairs are measured again", done, all) }
	if got := asJSON(t, between(t, s, v, 3)); got != want {
		t.Error("from the store pairs are others")
	}
	measured := 0
	v.Progress = func(int, int) { measured++ }
	delete(s.pairs, [2]string{pairs[0].A.Key, pairs[0].B.Key})
	if got := asJSON(t, between(t, s, v, 3)); got != want || measured != 2 {
		t.Errorf("%d pairs are measured again, want 2, and equal: %v", measured, got == want)
	}
	s.pairs = map[[2]string][]byte{}
	if got := asJSON(t, between(t, s, v, 3)); got != want {
		t.Error("by three workers pairs are others")
	}

	// Records in another order have the same pairs.
	slices.Reverse(v.Records)
	s.pairs = map[[2]string][]byte{}
	again := map[string]string{}
	for _, p := range between(t, s, v, 2) {
		again[fmt.Sprint(p.A, p.B)] = asJSON(t, p)
	}
	for _, p := range pairs {
		if asJSON(t, p) != again[fmt.Sprint(p.A, p.B)] {
			t.Errorf("pair %v, %v is another in another order", p.A, p.B)
		}
	}
}

// Whatever the room for sketches, the numbers are the same.
func TestBetweenInBlocks(t *testing.T) {
	s := newMemory()
	v := surveyed(t, s, "two_moons", "mlp(6, 4)", "end", "disagreement", "cka_between(examples=60)")
	members, _ := v.members(s)
	var todo []Comparison
	for b := range members {
		for a := range b {
			todo = append(todo, Comparison{a, b, v.Probes})
		}
	}
	var want map[string]string
	for _, bytes := range []int{1 << 30, 200_000, 0} {
		got := map[string]string{}
		err := compareWithin(context.Background(), bytes, v.Data, members, todo, 2, func(c Comparison, m []study.Measurement) error {
			got[fmt.Sprint(c.A, c.B)] = asJSON(t, m)
			return nil
		})
		if err != nil || len(got) != 15 {
			t.Fatalf("%d pairs, error %v", len(got), err)
		}
		if want == nil {
			want = got
		}
		for k, m := range got {
			if m != want[k] {
				t.Errorf("with room for %d bytes pair %s is another", bytes, k)
			}
		}
	}
}

func TestBetweenInterrupted(t *testing.T) {
	s := newMemory()
	v := surveyed(t, s, "two_moons", "mlp(6, 4)", "end", "disagreement")
	want := asJSON(t, between(t, s, v, 1))
	s.pairs = map[[2]string][]byte{}
	ctx, cancel := context.WithCancel(context.Background())
	v.Progress = func(done, all int) {
		if done == 7 {
			cancel()
		}
	}
	if _, err := Between(ctx, s, v, 1); !errors.Is(err, ErrInterrupted) {
		t.Fatalf("error %v", err)
	}
	if len(s.pairs) != 7 {
		t.Errorf("%d pairs are kept, want 7", len(s.pairs))
	}
	rest := 0
	v.Progress = func(int, int) { rest++ }
	if got := asJSON(t, between(t, s, v, 1)); got != want || rest != 8 {
		t.Errorf("%d pairs are left, want 8, and equal: %v", rest, got == want)
	}
}

// A network with batch normalisation is compared in the state that belongs to each solution:
// what a sketch sees is what a pass of the run sees.
func TestBetweenWithState(t *testing.T) {
	s := newMemory()
	v := surveyed(t, s, "two_moons", "mlp(6, 4, norm=batch)", "end", "accuracy", "disagreement")
	pairs := between(t, s, v, 1)
	right := map[string]float64{}
	for _, rec := range v.Records {
		for r := range rec.Solutions[0].Readings() {
			if r.Name == "test_accuracy" {
				right[rec.Key] = r.Value
			}
		}
	}
	apart := false
	for _, p := range pairs {
		for _, r := range p.Measured[0].Readings {
			if r.Name != "disagreement" {
				continue
			}
			a, b := right[p.A.Key], right[p.B.Key]
			// Of two classes, two solutions differ where one of them alone is right.
			if least, most := max(a-b, b-a), min(2-a-b, a+b); r.Value < least-1e-9 || r.Value > most+1e-9 {
				t.Errorf("accuracies %v and %v, disagreement %v", a, b, r.Value)
			}
			apart = apart || r.Value > 0
		}
	}
	if !apart {
		t.Error("all solutions decide alike")
	}
}

func TestBetweenOfNothing(t *testing.T) {
	s := newMemory()
	v := surveyed(t, s, "two_moons", "mlp(6, 4)", "train_loss=1e-9,end", "disagreement")
	pairs := between(t, s, v, 2)
	if len(pairs) != 15 {
		t.Errorf("%d pairs, want those at the end alone: 15", len(pairs))
	}
	v.Probes = nil
	if pairs := between(t, s, v, 2); len(pairs) != 0 {
		t.Errorf("%d pairs of no measure", len(pairs))
	}
	// A solution that is missing is an error with its run.
	v = surveyed(t, s, "two_moons", "mlp(6, 4)", "end", "separation")
	delete(s.solutions, v.Records[2].Key+" end")
	if _, err := Between(context.Background(), s, v, 2); err == nil || !strings.Contains(err.Error(), v.Records[2].Key) {
		t.Errorf("error %v", err)
	}
}
