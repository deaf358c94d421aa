package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var amsgradDoc = Doc{
	Name:    "amsgrad",
	Family:  "adaptive",
	Summary: "Adam divided by the root of the largest mean of squares so far.",
	Equations: `g = g + weight_decay*x                     (decoupled: no)
m = beta1*m + (1-beta1)*g
v = beta2*v + (1-beta2)*g^2
w = max(w, v)
d = -lr * m/(1-beta1^t) / (sqrt(w/(1-beta2^t)) + eps)
d = d - lr*weight_decay*x                  (decoupled)`,
	Source: "Reddi, Kale & Kumar 2018, On the convergence of Adam and beyond, arXiv 1904.09237, Algorithm 2",
	Notes: []string{
		"The maximum is that of the uncorrected v and is corrected after, as in PyTorch, so that steps still grow while 1-beta2^t does; optax takes the maximum of the corrected v, and the paper corrects nothing.",
		"decoupled=true is PyTorch's AdamW(amsgrad=True), whose default decay is 0.01.",
	},
	Decay:       "in the gradient, so that it passes through m and v; decoupled=true: apart from it, times lr",
	Epsilon:     "added to the corrected root",
	Correction:  "m and w",
	Memory:      "3 values per parameter (m, v, w)",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "amsgrad(lr=1e-3)",
}

type amsgradSettings struct {
	LR          Schedule `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Beta1       float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2       float64  `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squares"`
	Eps         float64  `arg:"eps" default:"1e-8" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the root"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1 log" help:"multiple of x added to the gradient, or share of x taken away, times lr"`
	Decoupled   bool     `arg:"decoupled" default:"false" help:"keep decay out of the moments"`
}

type amsgrad[T problem.Float] struct {
	amsgradSettings
	spans   []span
	m, v, w []T
}

func newAMSGrad[T problem.Float](s *amsgradSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &amsgrad[T]{
		amsgradSettings: *s, spans: pieces(list, piece),
		m: kernel.Vector[T](n), v: kernel.Vector[T](n), w: kernel.Vector[T](n),
	}, nil
}

func (r *amsgrad[T]) Step(s *Step[T]) {
	t, lr := float64(s.T), r.LR.At(s.T)
	decay, apart := decays(lr, r.WeightDecay.At(s.T), r.Decoupled)
	divide := quotientRates[T](lr/(1-math.Pow(r.Beta1, t)), 1/math.Sqrt(1-math.Pow(r.Beta2, t)), r.Eps, apart)
	divide.Beta1, divide.Rest1 = T(r.Beta1), T(1-r.Beta1)
	for _, p := range r.spans {
		d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		v, w := r.v[p.at:][:len(d)], r.w[p.at:][:len(d)]
		pull(d, T(decay), x)
		kernel.MeanSquare(v, d, T(r.Beta2), T(1-r.Beta2))
		kernel.Max(w, w, v)
		kernel.Adam(d, r.m[p.at:][:len(d)], w, x, &divide)
	}
}

// decays divides decay into the multiple of x that is part of the gradient and the one
// taken away beside it.
func decays(lr, decay float64, decoupled bool) (coupled, apart float64) {
	if decoupled {
		return 0, lr * decay
	}
	return decay, 0
}

func (r *amsgrad[T]) Memory() []any  { return []any{r.m, r.v, r.w} }
func (r *amsgrad[T]) Flops() float64 { return 19 * float64(len(r.m)) }

// Metric implements problem.Preconditioner.
func (r *amsgrad[T]) Metric(t int) problem.Metric {
	return problem.Metric{InvSqrt: correctedRoots(r.w, r.Beta1, r.Beta2, r.Eps, t), Rate: r.LR.At(t), Edge: edgeOfMean(r.Beta1)}
}
