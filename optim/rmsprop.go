package optim

import (
	"basin/kernel"
	"basin/problem"
)

var rmspropDoc = Doc{
	Name:    "rmsprop",
	Family:  "adaptive",
	Summary: "Gradients over the root of their mean square, or of their variance, with or without momentum.",
	Equations: `g = g + weight_decay*x
v = alpha*v + (1-alpha)*g^2
c = alpha*c + (1-alpha)*g                    (centered)
u = g / (sqrt(v) + eps)                      (centered: g / (sqrt(v - c^2) + eps))
m = momentum*m + u
d = -lr*m                                    (momentum=0: -lr*u)`,
	Source: "Tieleman & Hinton 2012, Neural networks for machine learning, lecture 6.5; centered and with momentum: Graves 2013, Generating sequences with recurrent neural networks, arXiv 1308.0850, equations 38-45",
	Notes: []string{
		"eps is added to the root and lr is outside m, as in PyTorch; TensorFlow and optax have eps under the root, and optax has lr inside m.",
		"v starts at zero and is not corrected, so that the first steps are long: 1/sqrt(1-alpha) times lr.",
		"Centered, it keeps the variance w = v - c^2 itself, as w = alpha*w + alpha*(1-alpha)*(g-c)^2 with the old c, which is the same but for rounding and cannot fall below zero.",
	},
	Decay:       "in the gradient, so that it passes through v",
	Epsilon:     "added to the root",
	Memory:      "1 value per parameter (v, centered w), one more with momentum (m), and one more if centered (c)",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "rmsprop(lr=1e-3)",
}

type rmspropSettings struct {
	LR          Schedule `arg:"lr" default:"0.01" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Alpha       float64  `arg:"alpha" default:"0.99" valid:"[0,1)" search:"0.9..0.999" help:"memory of the mean of squares"`
	Eps         float64  `arg:"eps" default:"1e-8" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the root"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the gradient"`
	Momentum    float64  `arg:"momentum" default:"0" valid:"[0,1)" search:"0..0.99" help:"memory of past steps"`
	Centered    bool     `arg:"centered" default:"false" help:"divide by the root of the variance"`
}

type rmsprop[T problem.Float] struct {
	rmspropSettings
	spans   []span
	v, m, c []T
	room    []T
}

func newRMSprop[T problem.Float](s *rmspropSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	r := &rmsprop[T]{
		rmspropSettings: *s, spans: pieces(list, piece), v: kernel.Vector[T](n),
		room: make([]T, min(n, piece)),
	}
	if s.Momentum != 0 {
		r.m = kernel.Vector[T](n)
	}
	if s.Centered {
		r.c = kernel.Vector[T](n)
	}
	return r, nil
}

func (r *rmsprop[T]) Step(s *Step[T]) {
	keep, fresh := T(r.Alpha), T(1-r.Alpha)
	first := meanRates[T](r.Alpha, 1)
	divide := quotientRates[T](1, 1, r.Eps, 0)
	if r.c == nil {
		divide.Beta2, divide.Rest2 = keep, fresh
	}
	sum := kernel.MomentumRates[T]{Keep: T(r.Momentum), Fresh: 1, Mean: 1, Step: T(r.LR.At(s.T))}
	for _, p := range r.spans {
		d, x, v, u := s.D[p.lo:p.hi], s.X[p.lo:p.hi], r.v[p.at:][:p.hi-p.lo], r.room[:p.hi-p.lo]
		pull(d, T(r.WeightDecay.At(s.T)), x)
		if r.c != nil {
			c := r.c[p.at:][:len(d)]
			kernel.Sub(u, d, c)
			kernel.MeanSquare(v, u, keep, fresh*keep)
			mean(u, c, d, x, &first)
		}
		copy(u, d)
		kernel.Adam(d, u, v, x, &divide)
		if r.m == nil {
			kernel.Scale(d, sum.Step)
		} else {
			kernel.Momentum(d, r.m[p.at:][:len(d)], x, &sum)
		}
	}
}

func (r *rmsprop[T]) Memory() []any { return []any{r.v, r.m, r.c} }

func (r *rmsprop[T]) Flops() float64 {
	each := 10
	if r.m != nil {
		each += 2
	}
	if r.c != nil {
		each += 5
	}
	return float64(each * len(r.v))
}

// Metric implements problem.Preconditioner.
func (r *rmsprop[T]) Metric(t int) problem.Metric {
	return problem.Metric{InvSqrt: byRoots(r.v, 1, 1, r.Eps), Rate: r.LR.At(t), Edge: edgeOfMomentum(r.Momentum)}
}
