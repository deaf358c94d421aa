package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var madgradDoc = Doc{
	Name:    "madgrad",
	Family:  "adaptive",
	Summary: "Dual averaging from the start, divided by the cube root of a weighted sum of squared gradients, with momentum by averaging points.",
	Equations: `g = g + weight_decay*x
c = (lr + eps)*sqrt(t)
s = s + c*g
v = v + c*g^2
z = x0 - s/(cbrt(v) + eps)
d = (1-momentum)*(z - x)`,
	Source: "Defazio & Jelassi 2021, Adaptivity without compromise: a momentumized, adaptive, dual averaged gradient method for stochastic optimization, arXiv 2101.11075, Algorithm 1",
	Notes: []string{
		"x0 is the point before the first step. eps in c is in the authors' code.",
		"Every past gradient pulls on from x0, so that decay and schedules act otherwise than in other rules: lr is the weight of a gradient for good.",
	},
	Decay:       "in the gradient, so that it passes through s and v",
	Epsilon:     "added to the cube root, and to lr",
	Memory:      "3 values per parameter (s, v, x0)",
	Gradients:   1,
	Invariances: []Invariance{SignedPermutation},
	Example:     "madgrad(lr=1e-2)",
}

type madgradSettings struct {
	LR          Schedule `arg:"lr" default:"1e-2" valid:"(0,inf)" search:"1e-5..1 log" help:"step size"`
	Momentum    float64  `arg:"momentum" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"share of the old point in the new one"`
	Eps         float64  `arg:"eps" default:"1e-6" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the cube root"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the gradient"`
}

func (*madgradSettings) anchored() {}

type madgrad[T problem.Float] struct {
	madgradSettings
	spans       []span
	s, v, start []T
	room        []T
}

func newMADGRAD[T problem.Float](s *madgradSettings, c *Context[T]) (part[T], error) {
	list, start := gather(c.Start, c.Blocks)
	n := len(start)
	return &madgrad[T]{
		madgradSettings: *s, spans: pieces(list, piece), s: kernel.Vector[T](n), v: kernel.Vector[T](n), start: start,
		room: make([]T, min(n, piece)),
	}, nil
}

func (r *madgrad[T]) Step(s *Step[T]) {
	weight := T((r.LR.At(s.T) + r.Eps) * math.Sqrt(float64(s.T)))
	for _, p := range r.spans {
		d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		start, sum, v, u := r.start[p.at:][:len(d)], r.s[p.at:][:len(d)], r.v[p.at:][:len(d)], r.room[:len(d)]
		pull(d, T(r.WeightDecay.At(s.T)), x)
		kernel.Axpy(sum, weight, d)
		kernel.Square(u, d)
		kernel.Axpy(v, weight, u)
		kernel.Cbrt(u, v)
		kernel.Add(u, u, []T{T(r.Eps)})
		kernel.Quotient(u, sum, u)
		kernel.Sub(d, start, u) // z
		kernel.Sub(d, d, x)
		kernel.Scale(d, T(1-r.Momentum))
	}
}

func (r *madgrad[T]) Memory() []any  { return []any{r.s, r.v, r.start} }
func (r *madgrad[T]) Flops() float64 { return 25 * float64(len(r.s)) }
