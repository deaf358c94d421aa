package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var adamDoc = Doc{
	Name:    "adam",
	Family:  "adaptive",
	Summary: "Adam: a mean of gradients over the root of a mean of their squares, both corrected for their start at zero; decay is part of the gradient.",
	Equations: `g = g + weight_decay*x
m = beta1*m + (1-beta1)*g
v = beta2*v + (1-beta2)*g^2
d = -lr * m/(1-beta1^t) / (sqrt(v/(1-beta2^t)) + eps)`,
	Source: "Kingma & Ba 2015, Adam: a method for stochastic optimization, arXiv 1412.6980, Algorithm 1",
	Notes: []string{
		"eps is added to the corrected root, as in PyTorch and in the paper's Algorithm 1; the variant of the paper's section 2 and Hugging Face's AdamW add it to the uncorrected root.",
		"With eps=0 a coordinate whose v is 0 does not move.",
		"Decay goes through the moments (L2 penalty); adamw keeps it out of them.",
	},
	Decay:       "in the gradient, so that it passes through m and v",
	Epsilon:     "added to the corrected root",
	Correction:  "m and v",
	Memory:      "2 values per parameter (m, v)",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "adam(lr=1e-3)",
}

type adamSettings struct {
	LR          Schedule `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Beta1       float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2       float64  `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squares"`
	Eps         float64  `arg:"eps" default:"1e-8" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the root"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the gradient"`
}

// adam is the stepper of adam and of adamw.
type adam[T problem.Float] struct {
	adamSettings
	stretches[T]
	decoupled bool
	m, v      []T
	rates     kernel.AdamRates[T]
}

func newAdam[T problem.Float](s *adamSettings, c *Context[T]) (part[T], error) {
	where, n := newStretches(c)
	return &adam[T]{adamSettings: *s, stretches: where, m: kernel.Vector[T](n), v: kernel.Vector[T](n)}, nil
}

func (r *adam[T]) Step(s *Step[T]) {
	t := float64(s.T)
	rate, decay := r.LR.At(s.T), r.WeightDecay.At(s.T)
	r.rates = kernel.AdamRates[T]{
		Beta1: T(r.Beta1), Rest1: T(1 - r.Beta1), Beta2: T(r.Beta2), Rest2: T(1 - r.Beta2),
		Step: T(rate / (1 - math.Pow(r.Beta1, t))), Root: T(1 / math.Sqrt(1-math.Pow(r.Beta2, t))), Eps: T(r.Eps),
	}
	if r.decoupled {
		r.rates.Apart = T(rate * decay)
	} else {
		r.rates.Decay = T(decay)
	}
	r.each(s, r)
}

func (r *adam[T]) along(s *Step[T], p span) {
	n := p.hi - p.lo
	kernel.Adam(s.D[p.lo:p.hi], r.m[p.at:][:n], r.v[p.at:][:n], s.X[p.lo:p.hi], &r.rates)
}

func (r *adam[T]) Memory() []any  { return []any{r.m, r.v} }
func (r *adam[T]) Flops() float64 { return 14 * float64(len(r.m)) }

// Metric implements problem.Preconditioner.
func (r *adam[T]) Metric(t int) problem.Metric {
	return problem.Metric{InvSqrt: correctedRoots(r.v, r.Beta1, r.Beta2, r.Eps, t), Rate: r.LR.At(t), Edge: edgeOfMean(r.Beta1)}
}

// correctedRoots is byRoots for P = (1-beta1^t) (sqrt(v/(1-beta2^t)) + eps).
func correctedRoots[T problem.Float](v []T, beta1, beta2, eps float64, t int) []float64 {
	return byRoots(v, 1-math.Pow(beta1, float64(t)), 1/math.Sqrt(1-math.Pow(beta2, float64(t))), eps)
}
