package optim

import (
	"slices"

	"basin/kernel"
	"basin/problem"
)

var l2InitDoc = Doc{
	Name:      "l2_init",
	Family:    "continual",
	Summary:   "Decay towards the start instead of zero, which keeps a network able to learn task after task.",
	Equations: `g = g + strength*(x - x_0)`,
	Source:    "Kumar, Marklund & Van Roy 2023, Maintaining plasticity in continual learning via regenerative regularization, arXiv 2308.11958, Equation 2 (the gradient of strength/2 |x - x_0|^2; the paper has no half)",
	Notes: []string{
		"x_0 is the point before the first step of the run. What is added is part of the gradient, so it passes through the moments of the rule behind it.",
	},
	Decay:       "in the gradient, towards the start",
	EndsAt:      "the minimum of the loss with the penalty",
	Memory:      "1 value per parameter (x_0), which does not change",
	Gradients:   1,
	Invariances: []Invariance{Rotation, SignedPermutation},
	Example:     "l2_init(strength=1e-4) | sgd(lr=0.1)",
}

type l2InitSettings struct {
	Strength Schedule `arg:"strength" default:"1e-3" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x - x_0 added to the gradient"`
}

type l2Init[T problem.Float] struct {
	l2InitSettings
	spans []span
	start []T
}

func newL2Init[T problem.Float](s *l2InitSettings, c *Context[T]) (part[T], error) {
	list, _ := spans(c.Blocks)
	return &l2Init[T]{l2InitSettings: *s, spans: list, start: slices.Clone(c.Start)}, nil
}

func (r *l2Init[T]) Step(s *Step[T]) {
	strength := T(r.Strength.At(s.T))
	for _, p := range r.spans {
		d := s.D[p.lo:p.hi]
		kernel.Axpy(d, strength, s.X[p.lo:p.hi])
		kernel.Axpy(d, -strength, r.start[p.lo:p.hi])
	}
}

func (r *l2Init[T]) Memory() []any  { return []any{r.start} }
func (r *l2Init[T]) Flops() float64 { return 4 * float64(len(r.start)) }
