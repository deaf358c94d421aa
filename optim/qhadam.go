package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var qhadamDoc = Doc{
	Name:    "qhadam",
	Family:  "adaptive",
	Summary: "Quasi-hyperbolic Adam: a mix of the gradient with its mean, over the root of a mix of its square with their mean.",
	Equations: `g = g + weight_decay*x                            (decoupled: no)
m = beta1*m + (1-beta1)*g
v = beta2*v + (1-beta2)*g^2
u = nu1*m/(1-beta1^t) + (1-nu1)*g
w = nu2*v/(1-beta2^t) + (1-nu2)*g^2
d = -lr * u / (sqrt(w) + eps)
d = d - lr*weight_decay*x                         (decoupled)`,
	Source: "Ma & Yarats 2019, Quasi-hyperbolic momentum and Adam for deep learning, arXiv 1810.06801, section 4",
	Notes: []string{
		"nu1 = nu2 = 1 is adam; nu1 = beta1 with nu2 = 1 is close to nadam. The defaults are those of the paper; the authors' code has nu1=1, beta1=0.9.",
	},
	Decay:       "in the gradient, so that it passes through m and v; decoupled=true: apart from it, times lr",
	Epsilon:     "added to the corrected root",
	Correction:  "m and v",
	Memory:      "2 values per parameter (m, v)",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "qhadam(lr=1e-3)",
}

type qhadamSettings struct {
	LR          Schedule `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Beta1       float64  `arg:"beta1" default:"0.995" valid:"[0,1)" search:"0..0.999" help:"memory of the mean of gradients"`
	Beta2       float64  `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squares"`
	Nu1         float64  `arg:"nu1" default:"0.7" valid:"[0,1]" search:"0..1" help:"share of the mean of gradients"`
	Nu2         float64  `arg:"nu2" default:"1" valid:"[0,1]" search:"0..1" help:"share of the mean of squares"`
	Eps         float64  `arg:"eps" default:"1e-8" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the root"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1 log" help:"multiple of x added to the gradient, or share of x taken away, times lr"`
	Decoupled   bool     `arg:"decoupled" default:"false" help:"keep decay out of the moments"`
}

type qhadam[T problem.Float] struct {
	qhadamSettings
	spans       []span
	m, v        []T
	mix, square []T
}

func newQHAdam[T problem.Float](s *qhadamSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &qhadam[T]{
		qhadamSettings: *s, spans: pieces(list, piece), m: kernel.Vector[T](n), v: kernel.Vector[T](n),
		mix: make([]T, min(n, piece)), square: make([]T, min(n, piece)),
	}, nil
}

func (r *qhadam[T]) Step(s *Step[T]) {
	t, lr := float64(s.T), r.LR.At(s.T)
	decay, apart := decays(lr, r.WeightDecay.At(s.T), r.Decoupled)
	first := meanRates[T](r.Beta1, r.Nu1/(1-math.Pow(r.Beta1, t)))
	second := meanRates[T](r.Beta2, r.Nu2/(1-math.Pow(r.Beta2, t)))
	first.Now, second.Now = T(1-r.Nu1), T(1-r.Nu2)
	divide := quotientRates[T](lr, 1, r.Eps, apart)
	for _, p := range r.spans {
		d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		u, w := r.mix[:len(d)], r.square[:len(d)]
		pull(d, T(decay), x)
		mean(u, r.m[p.at:][:len(d)], d, x, &first)
		kernel.Square(w, d)
		kernel.Momentum(w, r.v[p.at:][:len(d)], x, &second)
		kernel.Adam(d, u, w, x, &divide)
	}
}

func (r *qhadam[T]) Memory() []any  { return []any{r.m, r.v} }
func (r *qhadam[T]) Flops() float64 { return 20 * float64(len(r.m)) }
