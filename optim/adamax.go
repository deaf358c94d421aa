package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var adamaxDoc = Doc{
	Name:    "adamax",
	Family:  "adaptive",
	Summary: "Adam with the largest recent gradient of each coordinate in place of the root of its mean square.",
	Equations: `g = g + weight_decay*x
m = beta1*m + (1-beta1)*g
u = max(beta2*u, |g| + eps)
d = -lr * m/(1-beta1^t) / u`,
	Source: "Kingma & Ba 2015, Adam: a method for stochastic optimization, arXiv 1412.6980, Algorithm 2",
	Notes: []string{
		"eps is added to |g| inside the maximum, as in PyTorch and optax; the paper has none. With eps=0 a coordinate whose u is 0 does not move.",
		"A maximum needs no correction for its start at zero.",
	},
	Decay:       "in the gradient, so that it passes through m and u",
	Epsilon:     "added to |g| inside the maximum",
	Correction:  "m alone",
	Memory:      "2 values per parameter (m, u)",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "adamax(lr=2e-3)",
}

type adamaxSettings struct {
	LR          Schedule `arg:"lr" default:"2e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Beta1       float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2       float64  `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the largest gradient"`
	Eps         float64  `arg:"eps" default:"1e-8" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the size of a gradient"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the gradient"`
}

type adamax[T problem.Float] struct {
	adamaxSettings
	spans []span
	m, u  []T
	room  []T
}

func newAdamax[T problem.Float](s *adamaxSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &adamax[T]{
		adamaxSettings: *s, spans: pieces(list, piece), m: kernel.Vector[T](n), u: kernel.Vector[T](n), room: make([]T, min(n, piece)),
	}, nil
}

func (r *adamax[T]) Step(s *Step[T]) {
	step := T(r.LR.At(s.T) / (1 - math.Pow(r.Beta1, float64(s.T))))
	first := meanRates[T](r.Beta1, -1)
	for _, p := range r.spans {
		d, x, u := s.D[p.lo:p.hi], s.X[p.lo:p.hi], r.u[p.at:][:p.hi-p.lo]
		size := r.room[:len(d)]
		pull(d, T(r.WeightDecay.At(s.T)), x)
		kernel.Abs(size, d)
		kernel.Add(size, size, []T{T(r.Eps)})
		kernel.Scale(u, T(r.Beta2))
		kernel.Max(u, u, size)
		kernel.Momentum(d, r.m[p.at:][:len(d)], x, &first)
		kernel.Quotient(d, d, u)
		kernel.Scale(d, step)
	}
}

func (r *adamax[T]) Memory() []any  { return []any{r.m, r.u} }
func (r *adamax[T]) Flops() float64 { return 11 * float64(len(r.m)) }
