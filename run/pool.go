package run

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"basin/study"
)

// An Outcome is how one of several jobs went.
type Outcome struct {
	Record *study.Record
	Fresh  bool          // whether it was trained, rather than found in the store
	Took   time.Duration // until it was done
	// Reached are the points that it came to in training, now; none of those that were in
	// the store. Resumed tells that another call trained it in part.
	Reached []Reached
	Resumed bool
}

// A Reached is how long training took to come to a point: of the steps that lead there, no
// check of the matching loss, detour or probe.
type Reached struct {
	Point study.Point
	Took  time.Duration
}

// All does every job, each by one of a number of workers, and gives the outcomes
// in the order of the jobs. Workers for whom there is no job share the work of the
// others. Neither this nor the order in which jobs are done has influence on any record.
// done, where not nil, is told of each as it ends, one at a time. The
// first error ends the others and is returned.
func All(ctx context.Context, store Store, jobs []*Job, workers int, done func(i int, o Outcome)) ([]Outcome, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	outcomes := make([]Outcome, len(jobs))
	teams := newTeams(workers, len(jobs))
	defer teams.close()
	var next atomic.Int64
	var mu sync.Mutex
	var wg sync.WaitGroup
	var first error
	for team := range teams.crews {
		wg.Go(func() {
			defer teams.leave(team)
			for i := int(next.Add(1)) - 1; i < len(jobs) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				began := time.Now()
				jobs[i].Crew = teams.crews[team]
				outcome, err := outcomeOf(ctx, store, jobs[i])
				outcome.Took = time.Since(began)
				mu.Lock()
				if err != nil {
					if first == nil {
						first = err
					}
					cancel(err)
				} else {
					outcomes[i] = outcome
					if done != nil {
						done(i, outcomes[i])
					}
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if first == nil && ctx.Err() != nil {
		first = ErrInterrupted
	}
	return outcomes, first
}
