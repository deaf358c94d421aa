package optim

import (
	"basin/kernel"
	"basin/problem"
)

var adagradDoc = Doc{
	Name:    "adagrad",
	Family:  "adaptive",
	Summary: "Each coordinate is divided by the root of the sum of all its squared gradients.",
	Equations: `g = g + weight_decay*x
v = v + g^2                           (v = initial_accumulator_value before t = 1)
d = -lr/(1 + (t-1)*lr_decay) * g / (sqrt(v) + eps)`,
	Source: "Duchi, Hazan & Singer 2011, Adaptive subgradient methods for online learning and stochastic optimization, JMLR 12, with a diagonal matrix",
	Notes: []string{
		"eps is added to the root, as in PyTorch; TensorFlow and optax add it to v, which optax starts at 0.1.",
	},
	Decay:       "in the gradient, so that it passes through v",
	Epsilon:     "added to the root",
	Memory:      "1 value per parameter (v)",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "adagrad(lr=0.01)",
}

type adagradSettings struct {
	LR          Schedule `arg:"lr" default:"0.01" valid:"(0,inf)" search:"1e-4..1 log" help:"step size"`
	LRDecay     float64  `arg:"lr_decay" default:"0" valid:"[0,inf)" help:"lr falls as 1/(1 + (t-1)*lr_decay)"`
	Eps         float64  `arg:"eps" default:"1e-10" valid:"[0,inf)" search:"1e-12..1e-4 log" help:"added to the root"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the gradient"`
	Initial     float64  `arg:"initial_accumulator_value" default:"0" valid:"[0,inf)" help:"v before the first step"`
}

type adagrad[T problem.Float] struct {
	adagradSettings
	spans []span
	v     []T
	room  []T
}

func newAdagrad[T problem.Float](s *adagradSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &adagrad[T]{
		adagradSettings: *s, spans: pieces(list, piece), v: filled(n, T(s.Initial)), room: make([]T, min(n, piece)),
	}, nil
}

// filled makes n values v.
func filled[T problem.Float](n int, v T) []T {
	x := kernel.Vector[T](n)
	for i := range x {
		x[i] = v
	}
	return x
}

func (r *adagrad[T]) Step(s *Step[T]) {
	divide := quotientRates[T](r.LR.At(s.T)/(1+float64(s.T-1)*r.LRDecay), 1, r.Eps, 0)
	divide.Rest2 = 1 // a sum of squares
	for _, p := range r.spans {
		d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		u := r.room[:len(d)]
		pull(d, T(r.WeightDecay.At(s.T)), x)
		copy(u, d)
		kernel.Adam(d, u, r.v[p.at:][:len(d)], x, &divide)
	}
}

func (r *adagrad[T]) Memory() []any  { return []any{r.v} }
func (r *adagrad[T]) Flops() float64 { return 8 * float64(len(r.v)) }

// Metric implements problem.Preconditioner.
func (r *adagrad[T]) Metric(t int) problem.Metric {
	return problem.Metric{InvSqrt: byRoots(r.v, 1, 1, r.Eps), Rate: r.LR.At(t) / (1 + float64(t-1)*r.LRDecay), Edge: edgeOfMomentum(0)}
}
