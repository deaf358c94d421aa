package optim

import (
	"errors"

	"basin/kernel"
	"basin/problem"
)

var lookaheadDoc = Doc{
	Name:    "lookahead",
	Family:  "averaged",
	Summary: "Every k steps of base the point goes back to a mean of where it is and where it was k steps before.",
	Equations: `d = base at x
every k-th step, with slow the x of k steps before:
d = slow + alpha*(x + d - slow) - x`,
	Source: "Zhang, Lucas, Hinton & Ba 2019, Lookahead optimizer: k steps forward, 1 step back, arXiv 1907.08610, Algorithm 1",
	Notes: []string{
		"alpha is the share of the fast weights, as in the paper and the authors' code.",
		"The memory of base is left alone when the point goes back; the authors' pullback can also reset or interpolate a momentum.",
		"Training and answer are at the fast weights; the paper evaluates at the slow ones, which are the same at multiples of k.",
		"A link after it, as in lookahead | clip_norm(1), changes where the next slow point is.",
	},
	Memory:      "1 value per parameter (slow), and that of base",
	Gradients:   1,
	Invariances: []Invariance{Rotation, SignedPermutation},
	Example:     "lookahead(k=5, alpha=0.5, base=sgd(lr=0.1))",
}

type lookaheadSettings struct {
	K     int     `arg:"k" default:"5" valid:"[1,inf)" search:"2..20 log" help:"steps of base from one return to the next"`
	Alpha float64 `arg:"alpha" default:"0.5" valid:"[0,1]" search:"0.1..1" help:"share of the fast weights"`
	Base  Base    `arg:"base" default:"sgd(lr=0.1)" help:"optimizer that takes the steps"`
}

func (s *lookaheadSettings) check() error {
	if s.Base.o.isAnchored() {
		return errors.New("base goes to points of its own, from which it cannot be taken back")
	}
	return nil
}

type lookahead[T problem.Float] struct {
	lookaheadSettings
	base  part[T]
	spans []span
	slow  []T
	room  []T
}

func newLookahead[T problem.Float](s *lookaheadSettings, c *Context[T]) (part[T], error) {
	base, err := build(s.Base.o, c)
	if err != nil {
		return nil, err
	}
	r := &lookahead[T]{lookaheadSettings: *s, base: base}
	r.spans, r.slow = gather(c.Start, c.Blocks)
	r.spans, r.room = pieces(r.spans, piece), make([]T, min(len(r.slow), piece))
	return r, nil
}

func (r *lookahead[T]) Step(s *Step[T]) {
	if (s.T-1)%r.K == 0 {
		for _, p := range r.spans {
			copy(r.slow[p.at:], s.X[p.lo:p.hi])
		}
	}
	r.base.Step(s)
	if s.T%r.K != 0 {
		return
	}
	alpha := T(r.Alpha)
	for _, p := range r.spans {
		d, x, slow := s.D[p.lo:p.hi], s.X[p.lo:p.hi], r.slow[p.at:][:p.hi-p.lo]
		gone := r.room[:len(d)]
		kernel.Sub(gone, x, slow)
		kernel.Add(d, d, gone)
		kernel.Axpby(alpha, d, -1, gone)
	}
}

func (r *lookahead[T]) Memory() []any      { return append([]any{r.slow}, r.base.Memory()...) }
func (r *lookahead[T]) Unwrap() Stepper[T] { return r.base }

func (r *lookahead[T]) Flops() float64 {
	return flops(r.base) + 4*float64(len(r.slow))/float64(r.K)
}
