package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var yogiDoc = Doc{
	Name:    "yogi",
	Family:  "adaptive",
	Summary: "Adam whose mean of squares moves by a share of the new square alone, so that it falls slowly after large gradients.",
	Equations: `g = g + weight_decay*x
m = beta1*m + (1-beta1)*g
v = v - (1-beta2)*sign(v - g^2)*g^2
d = -lr * m/(1-beta1^t) / (sqrt(v/(1-beta2^t)) + eps)
(v = initial_accumulator and m = initial_mean before t = 1)`,
	Source: "Zaheer et al. 2018, Adaptive methods for nonconvex optimization, NeurIPS 31, Algorithm 2",
	Notes: []string{
		"TensorFlow Addons and torch_optimizer start m at initial_accumulator as well, which pushes every coordinate one way at first: initial_mean=1e-6 is theirs. Other ports start v at the first squared gradient.",
		"m and v are corrected as if they had started at zero, as in these; the paper corrects nothing.",
	},
	Decay:       "in the gradient, so that it passes through m and v",
	Epsilon:     "added to the corrected root",
	Correction:  "m and v",
	Memory:      "2 values per parameter (m, v)",
	Gradients:   1,
	Invariances: []Invariance{SignedPermutation},
	Example:     "yogi(lr=0.01)",
}

type yogiSettings struct {
	LR          Schedule `arg:"lr" default:"0.01" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Beta1       float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2       float64  `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"1 - the share of a square by which v moves"`
	Eps         float64  `arg:"eps" default:"1e-3" valid:"[0,inf)" search:"1e-8..1e-2 log" help:"added to the root"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the gradient"`
	InitialV    float64  `arg:"initial_accumulator" default:"1e-6" valid:"[0,inf)" help:"v before the first step"`
	InitialM    float64  `arg:"initial_mean" default:"0" valid:"(-inf,inf)" help:"m before the first step"`
}

type yogi[T problem.Float] struct {
	yogiSettings
	spans        []span
	m, v         []T
	square, room []T
}

func newYogi[T problem.Float](s *yogiSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &yogi[T]{
		yogiSettings: *s, spans: pieces(list, piece), m: filled(n, T(s.InitialM)), v: filled(n, T(s.InitialV)),
		square: make([]T, min(n, piece)), room: make([]T, min(n, piece)),
	}, nil
}

func (r *yogi[T]) Step(s *Step[T]) {
	t := float64(s.T)
	divide := quotientRates[T](r.LR.At(s.T)/(1-math.Pow(r.Beta1, t)), 1/math.Sqrt(1-math.Pow(r.Beta2, t)), r.Eps, 0)
	divide.Beta1, divide.Rest1 = T(r.Beta1), T(1-r.Beta1)
	for _, p := range r.spans {
		d, x, v := s.D[p.lo:p.hi], s.X[p.lo:p.hi], r.v[p.at:][:p.hi-p.lo]
		square, u := r.square[:len(d)], r.room[:len(d)]
		pull(d, T(r.WeightDecay.At(s.T)), x)
		kernel.Square(square, d)
		kernel.Sub(u, v, square)
		kernel.Sign(u, u)
		kernel.Mul(u, u, square)
		kernel.Axpy(v, -T(1-r.Beta2), u)
		kernel.Adam(d, r.m[p.at:][:len(d)], v, x, &divide)
	}
}

func (r *yogi[T]) Memory() []any  { return []any{r.m, r.v} }
func (r *yogi[T]) Flops() float64 { return 15 * float64(len(r.m)) }
