package optim

import (
	"math"

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
}

func newADOPT[T problem.Float](s *adoptSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &adopt[T]{adoptSettings: *s, spans: list, m: make([]T, n), v: make([]T, n)}, nil
}

func (r *adopt[T]) Step(s *Step[T]) {
	beta1, rest1, beta2, rest2 := T(r.Beta1), T(1-r.Beta1), T(r.Beta2), T(1-r.Beta2)
	lr := r.LR.At(s.T)
	step, apart, eps := T(lr), T(lr*r.WeightDecay.At(s.T)), T(r.Eps)
	limit, least := T(math.Pow(float64(s.T-1), 0.25)), smallest[T]()
	for _, p := range r.spans {
		d := s.D[p.lo:p.hi]
		x, m, v := s.X[p.lo:][:len(d)], r.m[p.at:][:len(d)], r.v[p.at:][:len(d)]
		if s.T == 1 {
			for i, g := range d {
				v[i] = flush(T(g*g), least)
				d[i] = g - g // zero, or not a number
			}
			continue
		}
		for i, g := range d {
			u := max(-limit, min(quotient(g, max(root(v[i]), eps)), limit))
			m[i] = flush(T(beta1*m[i])+T(rest1*u), least)
			v[i] = flush(T(beta2*v[i])+T(T(rest2*g)*g), least)
			d[i] = -T(apart*x[i]) - T(step*m[i])
		}
	}
}

func (r *adopt[T]) Memory() []any  { return []any{r.m, r.v} }
func (r *adopt[T]) Flops() float64 { return 15 * float64(len(r.m)) }
