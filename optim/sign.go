package optim

import (
	"basin/kernel"
	"basin/problem"
)

var signsgdDoc = Doc{
	Name:        "signsgd",
	Aliases:     []string{"sign"},
	Family:      "sign",
	Summary:     "Sign descent: every coordinate moves by lr against the sign of its gradient.",
	Equations:   `d = -lr*weight_decay*x - lr*sign(g)`,
	Source:      "Bernstein et al. 2018, signSGD: compressed optimisation for non-convex problems, arXiv 1802.04434, Algorithm 1",
	Notes:       []string{"sign(0) = 0.", "It is steepest descent in the maximum norm with steps of length lr. Decay is decoupled."},
	Decay:       "apart from the gradient, times lr",
	Memory:      "none",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "signsgd(lr=1e-3)",
}

var signumDoc = Doc{
	Name:    "signum",
	Family:  "sign",
	Summary: "Sign descent on a mean of gradients.",
	Equations: `m = momentum*m + (1-momentum)*g
d = -lr*weight_decay*x - lr*sign(m)`,
	Source: "Bernstein et al. 2018, signSGD: compressed optimisation for non-convex problems, arXiv 1802.04434, Algorithm 2",
	Notes: []string{
		"sign(0) = 0. Whether m is a mean or a sum does not matter, as only its sign is used. Decay is decoupled.",
	},
	Decay:       "apart from the gradient, times lr",
	Memory:      "1 value per parameter (m), none without momentum",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "signum(lr=1e-3, momentum=0.9)",
}

type signsgdSettings struct {
	LR          Schedule `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-6..1e-2 log" help:"step of every coordinate"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
}

type signumSettings struct {
	LR          Schedule `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-6..1e-2 log" help:"step of every coordinate"`
	Momentum    float64  `arg:"momentum" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
}

// signum is the stepper of signum, and of signsgd as signum without momentum.
type signum[T problem.Float] struct {
	signumSettings
	stretches[T]
	n     int
	m     []T
	rates kernel.SignRates[T]
}

func newSignSGD[T problem.Float](s *signsgdSettings, c *Context[T]) (part[T], error) {
	return newSignum(&signumSettings{LR: s.LR, WeightDecay: s.WeightDecay}, c)
}

func newSignum[T problem.Float](s *signumSettings, c *Context[T]) (part[T], error) {
	r := &signum[T]{signumSettings: *s}
	r.stretches, r.n = newStretches(c)
	if s.Momentum != 0 {
		r.m = kernel.Vector[T](r.n)
	}
	return r, nil
}

func (r *signum[T]) Step(s *Step[T]) {
	rate := r.LR.At(s.T)
	momentum, fresh := T(r.Momentum), T(1-r.Momentum)
	r.rates = kernel.SignRates[T]{
		Old: momentum, Now: fresh, Keep: momentum, Fresh: fresh, Step: T(rate), Apart: T(rate * r.WeightDecay.At(s.T)),
	}
	r.each(s, r)
}

func (r *signum[T]) along(s *Step[T], p span) {
	d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
	if r.m == nil {
		kernel.SignDescent(d, x, r.rates.Step, r.rates.Apart)
	} else {
		kernel.SignMomentum(d, r.m[p.at:][:len(d)], x, &r.rates)
	}
}

func (r *signum[T]) Memory() []any  { return []any{r.m} }
func (r *signum[T]) Flops() float64 { return 6 * float64(r.n) }
