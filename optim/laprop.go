package optim

import (
	"math"

	"basin/kernel"
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
	spans       []span
	m, v        []T
	now, square []T
}

func newLaProp[T problem.Float](s *lapropSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &laprop[T]{
		lapropSettings: *s, spans: pieces(list, piece), m: kernel.Vector[T](n), v: kernel.Vector[T](n),
		now: make([]T, min(n, piece)), square: make([]T, min(n, piece)),
	}, nil
}

func (r *laprop[T]) Step(s *Step[T]) {
	t, lr := float64(s.T), r.LR.At(s.T)
	divide := quotientRates[T](-math.Sqrt(1-math.Pow(r.Beta2, t)), 1, r.Eps, 0)
	first := meanRates[T](r.Beta1, -lr/(1-math.Pow(r.Beta1, t)))
	apart := lr * r.WeightDecay.At(s.T)
	for _, p := range r.spans {
		d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		v, u, w := r.v[p.at:][:len(d)], r.now[:len(d)], r.square[:len(d)]
		kernel.MeanSquare(v, d, T(r.Beta2), T(1-r.Beta2))
		kernel.Add(w, v, []T{T(r.EpsRoot)})
		copy(u, d)
		kernel.Adam(d, u, w, x, &divide)
		kernel.Momentum(d, r.m[p.at:][:len(d)], x, &first)
		kernel.Axpby(T(1-apart), d, -T(apart), x)
	}
}

func (r *laprop[T]) Memory() []any  { return []any{r.m, r.v} }
func (r *laprop[T]) Flops() float64 { return 16 * float64(len(r.m)) }
