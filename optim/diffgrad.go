package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var diffgradDoc = Doc{
	Name:    "diffgrad",
	Family:  "adaptive",
	Summary: "Adam with shorter steps, down to half, where the gradient has changed little since the last step.",
	Equations: `g = g + weight_decay*x
m = beta1*m + (1-beta1)*g
v = beta2*v + (1-beta2)*g^2
u = m / (1 + exp(-|q - g|)),  q = g
d = -lr * sqrt(1-beta2^t) * u/(1-beta1^t) / (sqrt(v) + eps)`,
	Source: "Dubey et al. 2020, diffGrad: an optimization method for convolutional neural networks, arXiv 1909.11015",
	Notes: []string{
		"The change of the gradient is taken as it is, so that the scale of the loss matters.",
		"eps is added to the uncorrected root, as in torch_optimizer.",
	},
	Decay:       "in the gradient, so that it passes through m, v and q",
	Epsilon:     "added to the uncorrected root",
	Correction:  "m and v",
	Memory:      "3 values per parameter (m, v, q)",
	Gradients:   1,
	Invariances: []Invariance{SignedPermutation},
	Example:     "diffgrad(lr=1e-3)",
}

type diffgradSettings struct {
	LR          Schedule `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Beta1       float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2       float64  `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squares"`
	Eps         float64  `arg:"eps" default:"1e-8" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the root"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the gradient"`
}

type diffgrad[T problem.Float] struct {
	diffgradSettings
	spans      []span
	m, v, q    []T
	mean, room []T
}

func newDiffGrad[T problem.Float](s *diffgradSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &diffgrad[T]{
		diffgradSettings: *s, spans: pieces(list, piece),
		m: kernel.Vector[T](n), v: kernel.Vector[T](n), q: kernel.Vector[T](n),
		mean: make([]T, min(n, piece)), room: make([]T, min(n, piece)),
	}, nil
}

func (r *diffgrad[T]) Step(s *Step[T]) {
	t := float64(s.T)
	first := meanRates[T](r.Beta1, 1)
	divide := quotientRates[T](r.LR.At(s.T)*math.Sqrt(1-math.Pow(r.Beta2, t))/(1-math.Pow(r.Beta1, t)), 1, r.Eps, 0)
	divide.Beta2, divide.Rest2 = T(r.Beta2), T(1-r.Beta2)
	for _, p := range r.spans {
		d, x, q := s.D[p.lo:p.hi], s.X[p.lo:p.hi], r.q[p.at:][:p.hi-p.lo]
		u, w := r.mean[:len(d)], r.room[:len(d)]
		pull(d, T(r.WeightDecay.At(s.T)), x)
		kernel.Sub(w, q, d)
		kernel.Abs(w, w)
		kernel.Sigmoid(w, w)
		copy(q, d)
		mean(u, r.m[p.at:][:len(d)], d, x, &first)
		kernel.Mul(u, u, w)
		kernel.Adam(d, u, r.v[p.at:][:len(d)], x, &divide)
	}
}

func (r *diffgrad[T]) Memory() []any  { return []any{r.m, r.v, r.q} }
func (r *diffgrad[T]) Flops() float64 { return 25 * float64(len(r.m)) }
