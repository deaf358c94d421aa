package bench

import (
	"slices"
	"sync"
	"time"
)

// Times are what was measured in one stretch: milliseconds per unit of work.
type Times struct {
	Best   float64 `json:"best"`
	Median float64 `json:"median"`
	Count  int     `json:"count"` // of measurements
}

// shortest is the time below which several units are measured together, so that
// neither the clock nor starting a goroutine counts.
const (
	shortest     = 100 * time.Microsecond
	shortestRuns = 20 * time.Millisecond // where several runs start together
)

// Sample carries the workload out for some time, at least once, and gives the time
// of a unit; of runs at the same time, the time over their number.
func (p *Prepared) Sample(atLeast time.Duration) Times {
	least := shortest
	if len(p.Run) > 1 {
		least = shortestRuns
	}
	times := 1
	for took := p.batch(times); took < least; took = p.batch(times) {
		times *= 2
	}
	var all []float64
	for end := time.Now().Add(atLeast); len(all) == 0 || time.Now().Before(end); {
		took := p.batch(times)
		all = append(all, float64(took)/1e6/float64(times*len(p.Run)))
	}
	slices.Sort(all)
	return Times{Best: all[0], Median: all[len(all)/2], Count: len(all)}
}

// batch measures some units, of all runs at once.
func (p *Prepared) batch(times int) time.Duration {
	begin := time.Now()
	if len(p.Run) == 1 {
		for range times {
			p.Run[0]()
		}
		return time.Since(begin)
	}
	var all sync.WaitGroup
	for _, run := range p.Run {
		all.Go(func() {
			for range times {
				run()
			}
		})
	}
	all.Wait()
	return time.Since(begin)
}
