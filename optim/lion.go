package optim

import (
	"basin/kernel"
	"basin/problem"
)

var lionDoc = Doc{
	Name:    "lion",
	Family:  "sign",
	Summary: "Sign descent on a mix of the gradient and a longer mean of gradients.",
	Equations: `d = -lr*weight_decay*x - lr*sign(beta1*m + (1-beta1)*g)
m = beta2*m + (1-beta2)*g`,
	Source:      "Chen et al. 2023, Symbolic discovery of optimization algorithms, arXiv 2302.06675, Algorithm 2",
	Notes:       []string{"sign(0) = 0. m is updated after its use. Decay is decoupled, which confines |x| to 1/weight_decay (arXiv 2310.05898)."},
	Decay:       "apart from the gradient, times lr",
	Memory:      "1 value per parameter (m)",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "lion(lr=3e-4, weight_decay=0.1)",
}

type lionSettings struct {
	LR          Schedule `arg:"lr" default:"3e-4" valid:"(0,inf)" search:"1e-6..1e-2 log" help:"step of every coordinate"`
	Beta1       float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"share of m in the step"`
	Beta2       float64  `arg:"beta2" default:"0.99" valid:"[0,1)" search:"0.9..0.999" help:"memory of the mean of gradients"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..10 log" help:"share of x taken away, times lr"`
}

type lion[T problem.Float] struct {
	lionSettings
	stretches[T]
	m     []T
	rates kernel.SignRates[T]
}

func newLion[T problem.Float](s *lionSettings, c *Context[T]) (part[T], error) {
	where, n := newStretches(c)
	return &lion[T]{lionSettings: *s, stretches: where, m: kernel.Vector[T](n)}, nil
}

func (r *lion[T]) Step(s *Step[T]) {
	rate := r.LR.At(s.T)
	r.rates = kernel.SignRates[T]{
		Old: T(r.Beta1), Now: T(1 - r.Beta1), Keep: T(r.Beta2), Fresh: T(1 - r.Beta2),
		Step: T(rate), Apart: T(rate * r.WeightDecay.At(s.T)),
	}
	r.each(s, r)
}

func (r *lion[T]) along(s *Step[T], p span) {
	kernel.SignMomentum(s.D[p.lo:p.hi], r.m[p.at:][:p.hi-p.lo], s.X[p.lo:p.hi], &r.rates)
}

func (r *lion[T]) Memory() []any  { return []any{r.m} }
func (r *lion[T]) Flops() float64 { return 9 * float64(len(r.m)) }
