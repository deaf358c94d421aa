package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var adoptDoc = Doc{
	Name:    "adopt",
	Family:  "adaptive",
	Summary: "Adam whose gradient is divided before it enters the mean, by the mean of squares without itself; it converges for any beta2.",
	Equations: `v = g^2, d = 0                                     at t = 1, from then on
u = g / max(sqrt(v), eps), cut to +-(t-1)^(1/4)
m = beta1*m + (1-beta1)*u
d = -lr*weight_decay*x - lr*m
v = beta2*v + (1-beta2)*g^2`,
	Source: "Taniguchi et al. 2024, ADOPT: modified Adam can converge with any beta2 with the optimal rate, arXiv 2411.02853, with clipping",
	Notes: []string{
		"As in the authors' code the first step changes nothing, nor does decay then, and u is cut at (t-1)^(1/4). pytorch_optimizer decays at the first step and cuts at t^(1/4).",
		"Decay is decoupled, the authors' decouple=True.",
		"m and v are not corrected.",
	},
	Clipping:    "every coordinate of u, at (t-1)^(1/4)",
	Decay:       "apart from the gradient, times lr; none at the first step",
	Epsilon:     "the least that a gradient is divided by",
	Memory:      "2 values per parameter (m, v)",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "adopt(lr=1e-3)",
}

type adoptSettings struct {
	LR          Schedule `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Beta1       float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of divided gradients"`
	Beta2       float64  `arg:"beta2" default:"0.9999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squares"`
	Eps         float64  `arg:"eps" default:"1e-6" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"least divisor"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
}

type adopt[T problem.Float] struct {
	adoptSettings
	spans []span
	m, v  []T
	room  []T
}

func newADOPT[T problem.Float](s *adoptSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &adopt[T]{
		adoptSettings: *s, spans: pieces(list, piece), m: kernel.Vector[T](n), v: kernel.Vector[T](n),
		room: make([]T, min(n, piece)),
	}, nil
}

func (r *adopt[T]) Step(s *Step[T]) {
	lr := r.LR.At(s.T)
	first := meanRates[T](r.Beta1, -lr)
	limit := T(math.Pow(float64(s.T-1), 0.25))
	for _, p := range r.spans {
		d, x, v := s.D[p.lo:p.hi], s.X[p.lo:p.hi], r.v[p.at:][:p.hi-p.lo]
		if s.T == 1 {
			kernel.Square(v, d)
			kernel.Sub(d, d, d) // zero, or not a number
			continue
		}
		u := r.room[:len(d)]
		kernel.Sqrt(u, v)
		kernel.Max(u, u, []T{T(r.Eps)})
		kernel.Quotient(u, d, u)
		clamp(u, -limit, limit)
		kernel.MeanSquare(v, d, T(r.Beta2), T(1-r.Beta2))
		mean(d, r.m[p.at:][:len(d)], u, x, &first)
		pull(d, -T(lr*r.WeightDecay.At(s.T)), x)
	}
}

func (r *adopt[T]) Memory() []any  { return []any{r.m, r.v} }
func (r *adopt[T]) Flops() float64 { return 15 * float64(len(r.m)) }
