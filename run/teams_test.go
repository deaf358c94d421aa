package run

import (
	"bytes"
	"context"
	"runtime"
	"testing"
)

// Runs whose work is shared, at every step and in every product of their optimizers, end
// in the bits of runs by one.
func TestHelpersAgree(t *testing.T) {
	var jobs []*Job
	for _, o := range []string{"sgd(lr=0.1)", "muon(lr=0.01)", "shampoo(lr=0.01, max_dim=256)"} {
		jobs = append(jobs, jobOf(t, "glyphs(train=512, batch=128)", "mlp(256)", o, "steps=3", "end", "norm"))
	}
	var want []byte
	for _, workers := range []int{1, 2, 4} {
		s := newMemory()
		for _, j := range jobs { // one by one, so that there are helpers for each
			if _, err := All(context.Background(), s, []*Job{j}, workers, nil); err != nil {
				t.Fatal(err)
			}
		}
		var got []byte
		for _, j := range jobs {
			got = append(got, s.records[j.Run.Key()]...)
			got = append(got, s.solutions[j.Run.Key()+" end"]...)
		}
		if want == nil {
			want = got
		} else if !bytes.Equal(got, want) {
			t.Errorf("%d workers give other bits than 1", workers)
		}
	}
}

// Each run is helped by its share of the workers that have no run of their own; when one
// is over, by more.
func TestTeams(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	for _, c := range []struct {
		workers, jobs, leave int
		shares               bool
		size                 int
	}{{4, 2, 0, true, 4}, {4, 4, 0, false, 4}, {4, 4, 3, true, 4}, {1, 3, 0, false, 1}, {9, 3, 0, false, 4}, {9, 3, 2, true, 4}} {
		teams := newTeams(c.workers, c.jobs)
		for i := range c.leave {
			teams.leave(i)
		}
		last := teams.crews[len(teams.crews)-1]
		last.Enter()
		if last.Shares() != c.shares || last.Size() != c.size {
			t.Errorf("%+v: shares %v among %d", c, last.Shares(), last.Size())
		}
		last.Leave()
		teams.close()
	}
}
