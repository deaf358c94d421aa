package optim

import (
	"basin/kernel"
	"basin/problem"
)

var adadeltaDoc = Doc{
	Name:    "adadelta",
	Family:  "adaptive",
	Summary: "Gradients over the root of their mean square, times the root of the mean square of past steps, so that a step has the units of x.",
	Equations: `g = g + weight_decay*x
v = rho*v + (1-rho)*g^2
u = sqrt(s + eps) / sqrt(v + eps) * g
s = rho*s + (1-rho)*u^2
d = -lr*u`,
	Source: "Zeiler 2012, ADADELTA: an adaptive learning rate method, arXiv 1212.5701, Algorithm 1",
	Notes: []string{
		"eps is inside both roots. It is what the first steps are made of, so that eps=0 never moves; its size decides how fast the method starts.",
		"s is the mean square of u, without lr, as in PyTorch. lr=1 is the paper's method.",
	},
	Decay:       "in the gradient, so that it passes through v and s",
	Epsilon:     "added to both means of squares, under the roots",
	Memory:      "2 values per parameter (v, s)",
	Gradients:   1,
	Invariances: []Invariance{SignedPermutation},
	Example:     "adadelta(lr=1)",
}

type adadeltaSettings struct {
	LR          Schedule `arg:"lr" default:"1" valid:"(0,inf)" search:"1e-2..1e2 log" help:"multiple of the step that the rule finds"`
	Rho         float64  `arg:"rho" default:"0.9" valid:"[0,1)" search:"0.8..0.99" help:"memory of the means of squares"`
	Eps         float64  `arg:"eps" default:"1e-6" valid:"[0,inf)" search:"1e-8..1e-2 log" help:"added under the roots"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the gradient"`
}

type adadelta[T problem.Float] struct {
	adadeltaSettings
	spans        []span
	v, s         []T
	square, step []T
}

func newAdadelta[T problem.Float](s *adadeltaSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &adadelta[T]{
		adadeltaSettings: *s, spans: pieces(list, piece), v: kernel.Vector[T](n), s: kernel.Vector[T](n),
		square: make([]T, min(n, piece)), step: make([]T, min(n, piece)),
	}, nil
}

func (r *adadelta[T]) Step(s *Step[T]) {
	keep, fresh := T(r.Rho), T(1-r.Rho)
	divide := quotientRates[T](1, 1, 0, 0)
	eps := [1]T{T(r.Eps)}
	for _, p := range r.spans {
		d, x, q := s.D[p.lo:p.hi], s.X[p.lo:p.hi], r.s[p.at:][:p.hi-p.lo]
		v, w, u := r.v[p.at:][:len(d)], r.square[:len(d)], r.step[:len(d)]
		pull(d, T(r.WeightDecay.At(s.T)), x)
		kernel.MeanSquare(v, d, keep, fresh)
		kernel.Add(w, v, eps[:])
		kernel.Add(u, q, eps[:])
		kernel.Sqrt(u, u)
		kernel.Mul(u, u, d)
		kernel.Adam(d, u, w, x, &divide)
		kernel.MeanSquare(q, d, keep, fresh)
		kernel.Scale(d, T(r.LR.At(s.T)))
	}
}

func (r *adadelta[T]) Memory() []any  { return []any{r.v, r.s} }
func (r *adadelta[T]) Flops() float64 { return 17 * float64(len(r.v)) }
