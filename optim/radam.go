package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var radamDoc = Doc{
	Name:    "radam",
	Family:  "adaptive",
	Summary: "Adam whose early steps are shortened by as much as its mean of squares is uncertain; the first few do not divide by it at all.",
	Equations: `g = g + weight_decay*x
m = beta1*m + (1-beta1)*g
v = beta2*v + (1-beta2)*g^2
R = 2/(1-beta2) - 1,  rho = R - 2*t*beta2^t/(1-beta2^t)
r = sqrt((rho-4)*(rho-2)*R / ((R-4)*(R-2)*rho))
d = -lr * r * sqrt(1-beta2^t) * m/(1-beta1^t) / (sqrt(v) + eps)    if rho > 5
d = -lr * m/(1-beta1^t)                                            otherwise`,
	Source: "Liu et al. 2020, On the variance of the adaptive learning rate and beyond, arXiv 1908.03265, Algorithm 2",
	Notes: []string{
		"rho > 5 as in PyTorch; the paper has rho > 4, and optax and the code of AdaBelief have rho >= 5. With beta2 <= 2/3 rho never comes to 5.",
		"eps is added to the uncorrected root, as in PyTorch.",
		"The first steps have the size of the gradient: with beta2=0.999 there are 5.",
	},
	Decay:       "in the gradient, so that it passes through m and v",
	Epsilon:     "added to the uncorrected root",
	Correction:  "m and v",
	Memory:      "2 values per parameter (m, v)",
	Gradients:   1,
	Invariances: []Invariance{SignedPermutation},
	Example:     "radam(lr=1e-2)",
}

type radamSettings struct {
	LR          Schedule `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Beta1       float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2       float64  `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squares"`
	Eps         float64  `arg:"eps" default:"1e-8" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the root"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the gradient"`
}

type radam[T problem.Float] struct {
	radamSettings
	spans []span
	m, v  []T
}

func newRAdam[T problem.Float](s *radamSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &radam[T]{radamSettings: *s, spans: list, m: kernel.Vector[T](n), v: kernel.Vector[T](n)}, nil
}

func (r *radam[T]) Step(s *Step[T]) {
	t := float64(s.T)
	step := r.LR.At(s.T) / (1 - math.Pow(r.Beta1, t))
	rho, rectify := rectification(r.Beta2, t)
	adapt := rho > 5
	rates := kernel.AdamRates[T]{
		Beta1: T(r.Beta1), Rest1: T(1 - r.Beta1), Beta2: T(r.Beta2), Rest2: T(1 - r.Beta2),
		Step: T(step * rectify * math.Sqrt(1-math.Pow(r.Beta2, t))), Root: 1, Eps: T(r.Eps), Decay: T(r.WeightDecay.At(s.T)),
	}
	for _, p := range r.spans {
		d, m := s.D[p.lo:p.hi], r.m[p.at:][:p.hi-p.lo]
		kernel.Adam(d, m, r.v[p.at:][:len(d)], s.X[p.lo:p.hi], &rates)
		if !adapt {
			copy(d, m)
			kernel.Scale(d, -T(step))
		}
	}
}

// rectification gives the length rho of the simple average that a mean of squares is
// worth after t steps, and the factor r by which RAdam shortens a step then, which is 0 unless
// rho > 4.
func rectification(beta2, t float64) (rho, r float64) {
	last, power := 2/(1-beta2)-1, math.Pow(beta2, t)
	rho = last - 2*t*power/(1-power)
	if rho <= 4 {
		return rho, 0
	}
	return rho, math.Sqrt((rho - 4) * (rho - 2) * last / ((last - 4) * (last - 2) * rho))
}

func (r *radam[T]) Memory() []any  { return []any{r.m, r.v} }
func (r *radam[T]) Flops() float64 { return 13 * float64(len(r.m)) }
