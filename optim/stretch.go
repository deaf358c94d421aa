package optim

import (
	"basin/internal/crew"
	"basin/kernel"
	"basin/problem"
)

// stretch is the length of what one of several workers takes at a time: some ten
// microseconds' work.
const stretch = 1 << 15

// A coordinatewise rule changes each coordinate without regard to any other.
type coordinatewise[T problem.Float] interface {
	// along does a step on one stretch, while others may be doing it on others.
	along(s *Step[T], p span)
}

// stretches are where a coordinatewise rule works, alone or with helpers.
type stretches[T problem.Float] struct {
	crew *crew.Crew
	cut  []span
	rule coordinatewise[T]
	step *Step[T]
}

// newStretches cuts what c's blocks are kept in; n is their length together.
func newStretches[T problem.Float](c *Context[T]) (w stretches[T], n int) {
	list, n := spans(c.Blocks)
	return stretches[T]{crew: c.Crew, cut: pieces(list, stretch)}, n
}

// each does the rule's step on all stretches.
func (w *stretches[T]) each(s *Step[T], rule coordinatewise[T]) {
	w.rule, w.step = rule, s
	w.crew.Share(len(w.cut), w)
}

// Piece implements crew.Task.
func (w *stretches[T]) Piece(_, i int) { w.rule.along(w.step, w.cut[i]) }

// A Mover adds changes to a point, with helpers if it has any.
type Mover[T problem.Float] struct {
	Crew *crew.Crew
	x, d []T
}

// Move adds d to x, which has the same length.
func (m *Mover[T]) Move(x, d []T) {
	m.x, m.d = x, d
	m.Crew.Share((len(x)+stretch-1)/stretch, m)
}

// Piece implements crew.Task.
func (m *Mover[T]) Piece(_, i int) {
	lo, hi := i*stretch, min((i+1)*stretch, len(m.x))
	kernel.Axpy(m.x[lo:hi], 1, m.d[lo:hi])
}
