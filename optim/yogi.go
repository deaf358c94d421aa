package optim

import (
	"math"

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
		"TensorFlow Addons, optax and torch_optimizer start m at initial_accumulator as well, which pushes every coordinate one way at first: initial_mean=1e-6 is theirs. Other ports start v at the first squared gradient.",
		"m and v are corrected as if they had started at zero, as in all of these; the paper corrects nothing.",
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
	spans []span
	m, v  []T
}

func newYogi[T problem.Float](s *yogiSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &yogi[T]{yogiSettings: *s, spans: list, m: filled(n, T(s.InitialM)), v: filled(n, T(s.InitialV))}, nil
}

func (r *yogi[T]) Step(s *Step[T]) {
	t := float64(s.T)
	beta1, rest1, rest2, eps := T(r.Beta1), T(1-r.Beta1), T(1-r.Beta2), T(r.Eps)
	step, correct := T(r.LR.At(s.T)/(1-math.Pow(r.Beta1, t))), T(1/math.Sqrt(1-math.Pow(r.Beta2, t)))
	decay, least := T(r.WeightDecay.At(s.T)), smallest[T]()
	for _, p := range r.spans {
		d := s.D[p.lo:p.hi]
		x, m, v := s.X[p.lo:][:len(d)], r.m[p.at:][:len(d)], r.v[p.at:][:len(d)]
		for i, g := range d {
			g += T(decay * x[i])
			m[i] = flush(T(beta1*m[i])+T(rest1*g), least)
			square := T(g * g)
			change := T(rest2 * square)
			if v[i] > square {
				change = -change
			} else if v[i] == square {
				change = 0
			}
			v[i] += change
			d[i] = -T(step * quotient(m[i], T(root(v[i])*correct)+eps))
		}
	}
}

func (r *yogi[T]) Memory() []any  { return []any{r.m, r.v} }
func (r *yogi[T]) Flops() float64 { return 15 * float64(len(r.m)) }
