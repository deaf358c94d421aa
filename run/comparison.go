package run

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"basin/probe"
	"basin/problem"
	"basin/study"
	"basin/task"
)

// A Member is a solution that is compared with others of the same problem.
type Member struct {
	Place study.Place
	// Seed is that of its run, from which its start follows, if that is Seeded.
	Seed   uint64
	Seeded bool
	// Load gives the parameters and makes the problem ready for being evaluated there.
	Load func(*problem.Problem[float32]) ([]float32, error)
}

// A Comparison is two members, by their indices, and what is to be measured between them.
type Comparison struct {
	A, B     int
	Measures []probe.Bound
}

const (
	// atHand is the memory, in bytes, that sketches may take at a time.
	atHand = 1 << 30
	// drawn is the seed by which measures between solutions draw examples, the same for all
	// runs.
	drawn = 0
)

// Compare makes comparisons, each by one of a number of workers, of which no number
// depends. done is told of each as it ends, one at a time and in no fixed order; its error
// ends all. After an interruption the error is ErrInterrupted.
func Compare(ctx context.Context, data *task.Data, members []Member, todo []Comparison, workers int,
	done func(c Comparison, measured []study.Measurement) error) error {
	return compareWithin(ctx, atHand, data, members, todo, workers, done)
}

func compareWithin(ctx context.Context, bytes int, data *task.Data, members []Member, todo []Comparison, workers int,
	done func(c Comparison, measured []study.Measurement) error) error {
	if len(todo) == 0 {
		return nil
	}
	b := &bench{data: data, members: members, stations: make([]station, workers), sketches: make([]map[string]probe.Sketch, len(members))}
	first := todo[0].A
	if err := b.sketch(ctx, first, b.needs(todo)[first], 0); err != nil {
		return err
	}
	most := max(2, bytes/max(b.size(first), 1))
	todo = tiled(todo, max(most/2, 1))
	for len(todo) > 0 {
		n := prefix(todo, most)
		if err := b.compare(ctx, todo[:n], done); err != nil {
			return err
		}
		todo = todo[n:]
	}
	return nil
}

// tiled is todo in an order in which few members are needed at a time: pairs of blocks of
// members.
func tiled(todo []Comparison, block int) []Comparison {
	at := func(c Comparison) [4]int {
		lo, hi := min(c.A, c.B), max(c.A, c.B)
		return [4]int{lo / block, hi / block, lo, hi}
	}
	return slices.SortedStableFunc(slices.Values(todo), func(c, d Comparison) int {
		x, y := at(c), at(d)
		return slices.Compare(x[:], y[:])
	})
}

// prefix is how many of todo need no more than so many members, at least one.
func prefix(todo []Comparison, most int) int {
	seen := map[int]bool{}
	for i, c := range todo {
		seen[c.A], seen[c.B] = true, true
		if len(seen) > most && i > 0 {
			return i
		}
	}
	return len(todo)
}

// A bench holds the sketches at hand and a station for each worker.
type bench struct {
	data     *task.Data
	members  []Member
	stations []station
	sketches []map[string]probe.Sketch // by member and recipe
	starts   sync.Map                  // by seed
}

// A station is the problem of one worker, made when it is first used. Data and so
// objectives are the same for all seeds.
type station struct{ problem *problem.Problem[float32] }

func (b *bench) at(worker int) (*problem.Problem[float32], error) {
	s := &b.stations[worker]
	if s.problem == nil {
		p, err := task.New[float32](b.data, drawn)
		if err != nil {
			return nil, err
		}
		s.problem = p
	}
	return s.problem, nil
}

// start is where the run of a member begins, nil where that is not known.
func (b *bench) start(member int) ([]float32, error) {
	m := &b.members[member]
	if !m.Seeded {
		return nil, nil
	}
	if x, ok := b.starts.Load(m.Seed); ok {
		return x.([]float32), nil
	}
	p, err := task.New[float32](b.data, m.Seed)
	if err != nil {
		return nil, err
	}
	b.starts.Store(m.Seed, p.Start)
	return p.Start, nil
}

// needs gives what is to be sketched of each member.
func (b *bench) needs(todo []Comparison) map[int][]probe.Bound {
	needs := map[int][]probe.Bound{}
	for _, c := range todo {
		for _, m := range c.Measures {
			for _, i := range []int{c.A, c.B} {
				if !slices.ContainsFunc(needs[i], func(n probe.Bound) bool { return n.Recipe() == m.Recipe() }) {
					needs[i] = append(needs[i], m)
				}
			}
		}
	}
	return needs
}

// size is the memory that the sketches of a member take.
func (b *bench) size(member int) int {
	n := 0
	for _, s := range b.sketches[member] {
		n += s.Bytes()
	}
	return n
}

// compare makes comparisons whose sketches may be at hand together.
func (b *bench) compare(ctx context.Context, todo []Comparison, done func(Comparison, []study.Measurement) error) error {
	needs := b.needs(todo)
	var who []int
	for i := range b.members {
		if _, ok := needs[i]; !ok {
			b.sketches[i] = nil
		} else {
			who = append(who, i)
		}
	}
	err := each(ctx, len(b.stations), len(who), func(worker, k int) error { return b.sketch(ctx, who[k], needs[who[k]], worker) })
	if err != nil {
		return err
	}
	var mu sync.Mutex
	return each(ctx, len(b.stations), len(todo), func(worker, k int) error {
		measured, err := b.between(ctx, todo[k], worker)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		return done(todo[k], measured)
	})
}

// sketch makes the sketches of a member that are not at hand.
func (b *bench) sketch(ctx context.Context, member int, measures []probe.Bound, worker int) error {
	var pass *probe.Pass
	for _, m := range measures {
		if _, ok := b.sketches[member][m.Recipe()]; ok {
			continue
		}
		if pass == nil {
			p, err := b.at(worker)
			if err != nil {
				return err
			}
			x, err := b.members[member].Load(p)
			if err != nil {
				return err
			}
			start, err := b.start(member)
			if err != nil {
				return err
			}
			pass = b.pass(ctx, p, x, start)
			if b.sketches[member] == nil {
				b.sketches[member] = map[string]probe.Sketch{}
			}
		}
		s := m.Sketch(pass)
		if ctx.Err() != nil {
			return ErrInterrupted
		}
		b.sketches[member][m.Recipe()] = s
	}
	return nil
}

// pass is a pass over x with the start of a member's run.
func (b *bench) pass(ctx context.Context, p *problem.Problem[float32], x, start []float32) *probe.Pass {
	own := *interruptible(ctx, p)
	own.Start = start
	pass := probe.NewPass(&own, x, math.NaN(), drawn)
	if start == nil {
		pass.Start = nil
	}
	return pass
}

// between measures one pair.
func (b *bench) between(ctx context.Context, c Comparison, worker int) ([]study.Measurement, error) {
	p, err := b.at(worker)
	if err != nil {
		return nil, err
	}
	start, err := b.start(c.A)
	if err != nil {
		return nil, err
	}
	pair := &probe.Pair{At: func(x []float64) *probe.Pass {
		narrow := make([]float32, len(x))
		for i, v := range x {
			narrow[i] = float32(v)
		}
		p.Calibrate(narrow)
		return b.pass(ctx, p, narrow, start)
	}}
	var measured []study.Measurement
	for _, m := range c.Measures {
		readings, err := m.Between(pair, b.sketches[c.A][m.Recipe()], b.sketches[c.B][m.Recipe()])
		switch {
		case ctx.Err() != nil:
			return nil, ErrInterrupted
		case err != nil:
			return nil, fmt.Errorf("measure %s between %s at %s and %s at %s: %w", m.Recipe(),
				b.members[c.A].Place.Key, b.members[c.A].Place.Point, b.members[c.B].Place.Key, b.members[c.B].Place.Point, err)
		}
		measured = append(measured, study.Measurement{Probe: m.Recipe(), Revision: probe.Revision, Readings: readings})
	}
	return measured, nil
}

// each does f for 0..n-1, each by one of the workers; the first error ends all.
func each(ctx context.Context, workers, n int, f func(worker, i int) error) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	var next atomic.Int64
	var wg sync.WaitGroup
	var once sync.Once
	var first error
	for w := range min(workers, n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && inner.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := f(w, i); err != nil {
					once.Do(func() { first = err })
					cancel()
				}
			}
		})
	}
	wg.Wait()
	if first == nil && ctx.Err() != nil {
		return ErrInterrupted
	}
	return first
}
