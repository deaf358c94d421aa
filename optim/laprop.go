package optim

import (
	"math"

	"basin/problem"
)

var lapropDoc = Doc{
	Name:    "laprop",
	Family:  "adaptive",
	Summary: "Adam the other way round: a mean of gradients each divided by the root of the mean of squares at its own time.",
	Equations: `v = beta2*v + (1-beta2)*g^2
u = sqrt(1-beta2^t) * g / (sqrt(v + eps_root) + eps)
m = beta1*m + (1-beta1)*u
d = -lr * m/(1-beta1^t)
d = d - lr*weight_decay*(x+d)`,
	Source: "Ziyin, Wang & Ueda 2020, LaProp: separating momentum and adaptivity in Adam, arXiv 2002.04839, Algorithm 1",
	Notes: []string{
		"eps is added to the uncorrected root, as in pytorch_optimizer, which has eps_root=1e-15 as well.",
		"m is corrected as if lr had been the same throughout; the paper's m contains lr.",
		"Decay acts after the step, on the new point.",
	},
	Decay:       "apart from the gradient, times lr, on the new point",
	Epsilon:     "added to the uncorrected root; eps_root under it",
	Correction:  "m and v",
	Memory:      "2 values per parameter (m, v)",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "laprop(lr=1e-3)",
}

type lapropSettings struct {
	LR          Schedule `arg:"lr" default:"4e-4" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Beta1       float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of divided gradients"`
	Beta2       float64  `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squares"`
	Eps         float64  `arg:"eps" default:"1e-15" valid:"[0,inf)" search:"1e-15..1e-4 log" help:"added to the root"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of the new point taken away, times lr"`
	EpsRoot     float64  `arg:"eps_root" default:"0" valid:"[0,inf)" help:"added under the root"`
}

type laprop[T problem.Float] struct {
	lapropSettings
	spans []span
	m, v  []T
}

func newLaProp[T problem.Float](s *lapropSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &laprop[T]{lapropSettings: *s, spans: list, m: make([]T, n), v: make([]T, n)}, nil
}

func (r *laprop[T]) Step(s *Step[T]) {
	t, lr := float64(s.T), r.LR.At(s.T)
	beta1, rest1, beta2, rest2 := T(r.Beta1), T(1-r.Beta1), T(r.Beta2), T(1-r.Beta2)
	step, correct := T(lr/(1-math.Pow(r.Beta1, t))), T(math.Sqrt(1-math.Pow(r.Beta2, t)))
	eps, under := T(r.Eps), T(r.EpsRoot)
	apart, least := T(lr*r.WeightDecay.At(s.T)), smallest[T]()
	for _, p := range r.spans {
		d := s.D[p.lo:p.hi]
		x, m, v := s.X[p.lo:][:len(d)], r.m[p.at:][:len(d)], r.v[p.at:][:len(d)]
		for i, g := range d {
			v[i] = flush(T(beta2*v[i])+T(T(rest2*g)*g), least)
			u := quotient(T(correct*g), root(v[i]+under)+eps)
			m[i] = flush(T(beta1*m[i])+T(rest1*u), least)
			move := -T(step * m[i])
			d[i] = move - T(apart*(x[i]+move))
		}
	}
}

func (r *laprop[T]) Memory() []any  { return []any{r.m, r.v} }
func (r *laprop[T]) Flops() float64 { return 16 * float64(len(r.m)) }
