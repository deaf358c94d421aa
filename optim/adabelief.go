package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var adabeliefDoc = Doc{
	Name:    "adabelief",
	Family:  "adaptive",
	Summary: "Adam divided by how far gradients are from their mean instead of from zero: long steps where they are as expected.",
	Equations: `m = beta1*m + (1-beta1)*g
v = beta2*v + (1-beta2)*(g-m)^2 + eps
d = -lr*weight_decay*x - lr * m/(1-beta1^t) / (sqrt(v/(1-beta2^t)) + eps)
rectify, with rho and r of radam:
d = -lr*weight_decay*x - lr * r * sqrt(1-beta2^t) * m/(1-beta1^t) / (sqrt(v) + eps)    if rho >= 5
d = -lr*weight_decay*x - lr * m/(1-beta1^t)                                            otherwise`,
	Source: "Zhuang et al. 2020, AdaBelief optimizer: adapting stepsizes by the belief in observed gradients, arXiv 2010.07468, Algorithm 2",
	Notes: []string{
		"m in g-m is the new mean. eps stays in v and so adds up over steps, and is added to the root once more, as in the authors' adabelief_pytorch 0.2.1.",
		"rectify=true is the default of adabelief_pytorch, not of the paper. Its threshold is rho >= 5, that of PyTorch's RAdam rho > 5.",
		"Decay is decoupled, as is the default of adabelief_pytorch.",
	},
	Decay:       "apart from the gradient, times lr",
	Epsilon:     "added to v at every step, and to the root (rectify: the uncorrected one)",
	Correction:  "m and v",
	Memory:      "2 values per parameter (m, v)",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "adabelief(lr=1e-3)",
}

type adabeliefSettings struct {
	LR          Schedule `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Beta1       float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2       float64  `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the variance"`
	Eps         float64  `arg:"eps" default:"1e-16" valid:"[0,inf)" search:"1e-16..1e-8 log" help:"added to the variance and to its root"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
	Rectify     bool     `arg:"rectify" default:"false" help:"shorten early steps as radam does"`
}

type adabelief[T problem.Float] struct {
	adabeliefSettings
	spans []span
	m, v  []T
}

func newAdaBelief[T problem.Float](s *adabeliefSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &adabelief[T]{adabeliefSettings: *s, spans: pieces(list, piece), m: kernel.Vector[T](n), v: kernel.Vector[T](n)}, nil
}

func (r *adabelief[T]) Step(s *Step[T]) {
	t, lr := float64(s.T), r.LR.At(s.T)
	off := kernel.MomentumRates[T]{Keep: T(r.Beta1), Fresh: T(1 - r.Beta1), Now: 1, Mean: -1, Step: 1}
	step, second, apart := lr/(1-math.Pow(r.Beta1, t)), math.Sqrt(1-math.Pow(r.Beta2, t)), lr*r.WeightDecay.At(s.T)
	divide, adapt := quotientRates[T](step, 1/second, r.Eps, apart), true
	if r.Rectify {
		rho, shorten := rectification(r.Beta2, t)
		divide, adapt = quotientRates[T](step*shorten*second, 1, r.Eps, apart), rho >= 5
	}
	for _, p := range r.spans {
		d, x, m, v := s.D[p.lo:p.hi], s.X[p.lo:p.hi], r.m[p.at:][:p.hi-p.lo], r.v[p.at:][:p.hi-p.lo]
		kernel.Momentum(d, m, x, &off)
		kernel.MeanSquare(v, d, T(r.Beta2), T(1-r.Beta2))
		kernel.Add(v, v, []T{T(r.Eps)})
		if adapt {
			kernel.Adam(d, m, v, x, &divide)
		} else {
			copy(d, m)
			kernel.Axpby(-T(step), d, -T(apart), x)
		}
	}
}

func (r *adabelief[T]) Memory() []any  { return []any{r.m, r.v} }
func (r *adabelief[T]) Flops() float64 { return 16 * float64(len(r.m)) }
