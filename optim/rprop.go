package optim

import (
	"basin/kernel"
	"basin/problem"
)

var rpropDoc = Doc{
	Name:    "rprop",
	Family:  "sign",
	Summary: "Sign descent with a step size for each coordinate, which grows while its gradient keeps its sign and shrinks when it changes.",
	Equations: `h = h*etaplus    if g has the sign of q
h = h*etaminus   if it has the other one; then also g = 0
h = min(max(h, step_size_min), step_size_max)
d = -lr(t)/lr * h*sign(g)
q = g                                     (h = lr and q = 0 before t = 1)`,
	Source: "Riedmiller & Braun 1993, A direct adaptive method for faster backpropagation learning: the RPROP algorithm; in the form iRprop- of Igel & Huesken 2000, Improving the Rprop learning algorithm",
	Notes: []string{
		"As in PyTorch: no step is taken back, and a coordinate whose gradient has changed its sign rests for one step.",
		"It is made for gradients of the whole training set; noise in their signs shrinks all steps.",
		"lr is the first step size; where it is a schedule, its peak is, and steps follow the schedule's course.",
	},
	Memory:      "2 values per parameter (h, q)",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "rprop(lr=1e-3)",
}

type rpropSettings struct {
	LR          Schedule `arg:"lr" default:"0.01" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"first step size of every coordinate"`
	EtaMinus    float64  `arg:"etaminus" default:"0.5" valid:"(0,1)" help:"what a step size is multiplied by when the gradient changes its sign"`
	EtaPlus     float64  `arg:"etaplus" default:"1.2" valid:"(1,inf)" help:"and when it does not"`
	StepSizeMin float64  `arg:"step_size_min" default:"1e-6" valid:"[0,inf)" help:"smallest step size"`
	StepSizeMax float64  `arg:"step_size_max" default:"50" valid:"[0,inf]" help:"largest step size"`
}

type rprop[T problem.Float] struct {
	rpropSettings
	spans []span
	h, q  []T
}

func newRprop[T problem.Float](s *rpropSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &rprop[T]{rpropSettings: *s, spans: list, h: filled(n, T(s.LR.Peak)), q: kernel.Vector[T](n)}, nil
}

func (r *rprop[T]) Step(s *Step[T]) {
	rates := kernel.ResilientRates[T]{
		Shrink: T(r.EtaMinus), Grow: T(r.EtaPlus), Low: T(r.StepSizeMin), High: T(r.StepSizeMax),
		Course: T(r.LR.At(s.T) / r.LR.Peak),
	}
	for _, p := range r.spans {
		d := s.D[p.lo:p.hi]
		kernel.Resilient(d, r.h[p.at:][:len(d)], r.q[p.at:][:len(d)], &rates)
	}
}

func (r *rprop[T]) Memory() []any  { return []any{r.h, r.q} }
func (r *rprop[T]) Flops() float64 { return 6 * float64(len(r.h)) }
