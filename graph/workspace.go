package graph

import (
	"basin/internal/crew"
	"basin/kernel"
)

// A Workspace is memory for plans to work in, and perhaps helpers. Plans that never run
// at the same time may share one; none keeps anything there from one run to the next.
type Workspace[T Float] struct {
	arena   []T
	crew    *crew.Crew
	benches []bench[T] // by worker
	job     job[T]
}

// A bench is what one worker computes with.
type bench[T Float] struct {
	scratch kernel.Scratch[T]
	own     []T
	desk    desk[T]
	call    call[T]
	args    [][]T // of call, where they are cut
}

// Use lets runs share their work with helpers; nil ends that. No bit of a result
// depends on it.
func (w *Workspace[T]) Use(c *crew.Crew) {
	w.crew = c
	w.benches = make([]bench[T], c.Size())
	w.benches[0].scratch.Use(c)
}

// compute runs a step whose operands are bound.
func (w *Workspace[T]) compute(s *step[T]) {
	if s.pieces > 1 && w.crew.Size() > 1 {
		w.job = job[T]{w, s, w.crew.Pieces(s.pieces)}
		w.crew.Do(w.job.pieces, &w.job)
	} else {
		w.benches[0].run(s, &s.call)
	}
}

// A job is a step that workers share.
type job[T Float] struct {
	w      *Workspace[T]
	s      *step[T]
	pieces int
}

// Piece computes piece i of the step.
func (j *job[T]) Piece(worker, i int) {
	b, s := &j.w.benches[worker], j.s
	b.call = s.call
	b.call.lo, b.call.hi = i*s.hi/j.pieces, (i+1)*s.hi/j.pieces
	if along := s.n.row.along; along != 0 {
		b.args = b.call.cut(s.hi, along, b.args[:0])
	}
	b.run(s, &b.call)
}

// cut leaves a call its pieces, of n in all, of what lies along the first axis. The
// arguments go to args.
func (c *call[T]) cut(n int, along uint8, args [][]T) [][]T {
	for j, a := range c.args {
		if along>>j&1 != 0 {
			a = within(a, c, n)
		}
		args = append(args, a)
	}
	c.args, c.out, c.room, c.labels = args, within(c.out, c, n), within(c.room, c, n), within(c.labels, c, n)
	return args
}

func within[E any, T Float](a []E, c *call[T], n int) []E {
	each := len(a) / n
	return a[c.lo*each : c.hi*each]
}

// run computes what the call asks for.
func (b *bench[T]) run(s *step[T], c *call[T]) {
	if len(b.own) < s.size {
		b.own = make([]T, s.size)
	}
	c.scratch, c.desk, c.own = &b.scratch, &b.desk, b.own[:s.size]
	s.run(c)
}

// Rates, as rough as is good enough to tell what is worth sharing: operations of
// products and the like, and elements read or written, per nanosecond.
const (
	flopRate    = 100
	elementRate = 10
	// In nanoseconds: a piece that is worth handing over, and a Run in which it is
	// worth waking helpers at all.
	leastPiece  = 5_000
	leastShared = 100_000
)

// mostPieces bounds what every piece does anew: a convolution packs its weights.
const mostPieces = 32

// pieces is into how many pieces a node is best cut for sharing: 1 where it is not.
func pieces(n *Node) int {
	if n.row.split == nil {
		return 1
	}
	return min(n.row.split(n), int(n.nanoseconds()/leastPiece), mostPieces)
}

// nanoseconds is about how long one core takes for a node.
func (n *Node) nanoseconds() float64 {
	elements := n.shape.Len()
	for _, a := range n.args {
		elements += a.shape.Len()
	}
	t := float64(elements) / elementRate
	if n.row.flops != nil {
		t += n.row.flops(n) / flopRate
	}
	return t
}
