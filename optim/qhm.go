package optim

import (
	"basin/kernel"
	"basin/problem"
)

var qhmDoc = Doc{
	Name:    "qhm",
	Family:  "descent",
	Summary: "Quasi-hyperbolic momentum: gradient descent along a mix of the gradient and a mean of gradients.",
	Equations: `g = g + weight_decay*x             (weight_decay_type=direct: g as it is)
m = momentum*m + (1-momentum)*g
d = -lr*(nu*m + (1-nu)*g)          (weight_decay_type=direct: -lr*weight_decay*x besides)`,
	Source: "Ma & Yarats 2019, Quasi-hyperbolic momentum and Adam for deep learning, arXiv 1810.06801, section 3",
	Notes: []string{
		"nu=0 is plain descent, nu=1 heavy ball with a mean for m, nu=momentum Nesterov's method, each with a step size 1-momentum times that of sgd.",
		"momentum and nu default to the paper's rule of thumb. m is not corrected for its start at zero.",
	},
	Decay:       "in the gradient (weight_decay_type=grad), or apart from it, times lr (direct)",
	Memory:      "1 value per parameter (m)",
	Gradients:   1,
	Invariances: []Invariance{Rotation, SignedPermutation},
	Example:     "qhm(lr=0.3, momentum=0.95, nu=0.7)",
}

type qhmDecay string

type qhmSettings struct {
	LR              Schedule `arg:"lr" default:"0.1" valid:"(0,inf)" search:"1e-4..10 log" help:"step size"`
	Momentum        float64  `arg:"momentum" default:"0.999" valid:"[0,1)" search:"0..0.999" help:"memory of the mean of gradients"`
	Nu              float64  `arg:"nu" default:"0.7" valid:"[0,1]" search:"0..1" help:"share of the mean in the step"`
	WeightDecay     Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the gradient, or taken away times lr"`
	WeightDecayType qhmDecay `arg:"weight_decay_type" default:"grad" choices:"grad|direct" help:"whether decay is part of the gradient"`
}

type qhm[T problem.Float] struct {
	qhmSettings
	spans []span
	m     []T
}

func newQHM[T problem.Float](s *qhmSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &qhm[T]{qhmSettings: *s, spans: list, m: kernel.Vector[T](n)}, nil
}

func (r *qhm[T]) Step(s *Step[T]) {
	lr, decay := r.LR.At(s.T), r.WeightDecay.At(s.T)
	rates := kernel.MomentumRates[T]{
		Keep: T(r.Momentum), Fresh: T(1 - r.Momentum), Now: T(1 - r.Nu), Mean: T(r.Nu), Step: T(-lr),
	}
	direct := r.WeightDecayType == "direct"
	if !direct {
		rates.Decay = T(decay)
	}
	for _, p := range r.spans {
		d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		kernel.Momentum(d, r.m[p.at:][:len(d)], x, &rates)
		if direct && decay != 0 {
			kernel.Axpy(d, T(-lr*decay), x)
		}
	}
}

func (r *qhm[T]) Memory() []any  { return []any{r.m} }
func (r *qhm[T]) Flops() float64 { return 9 * float64(len(r.m)) }
