package run

import (
	"runtime"
	"sync"

	"basin/internal/crew"
)

// teams divide workers among the runs in flight: each run has one, who is helped by its
// share of those without a run of their own.
type teams struct {
	crews   []*crew.Crew
	workers int

	mu   sync.Mutex
	left []bool // by crew
}

func newTeams(workers, jobs int) *teams {
	t := &teams{workers: min(workers, runtime.GOMAXPROCS(0))}
	for range min(workers, jobs) {
		t.crews = append(t.crews, crew.New(t.workers-1))
	}
	t.left = make([]bool, len(t.crews))
	t.divide()
	return t
}

// leave says that a crew's worker has no more runs, and may help others.
func (t *teams) leave(team int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.left[team] = true
	t.divide()
}

func (t *teams) divide() {
	running := 0
	for _, left := range t.left {
		if !left {
			running++
		}
	}
	for i, c := range t.crews {
		if !t.left[i] {
			c.Limit(t.workers/running - 1)
		}
	}
}

func (t *teams) close() {
	for _, c := range t.crews {
		c.Close()
	}
}
