package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var adaboundDoc = Doc{
	Name:    "adabound",
	Family:  "adaptive",
	Summary: "Adam whose step sizes are held between bounds that close in on final_lr, so that it ends as SGD with momentum.",
	Equations: `g = g + weight_decay*x
m = beta1*m + (1-beta1)*g
v = beta2*v + (1-beta2)*g^2,  w = v                   (amsbound: w = max(w, v))
low  = final_lr*lr(t)/lr * (1 - 1/(gamma*t + 1))
high = final_lr*lr(t)/lr * (1 + 1/(gamma*t))
d = -min(max(lr*sqrt(1-beta2^t)/(1-beta1^t) / (sqrt(w) + eps), low), high) * m`,
	Source: "Luo et al. 2019, Adaptive gradient methods with dynamic bound of learning rate, arXiv 1902.09843, Algorithm 2; amsbound: Algorithm 3",
	Notes: []string{
		"The bounds and the correction for the start at zero are those of the authors' code; the paper divides step sizes by sqrt(t) instead. m itself is not corrected where a bound holds.",
		"A schedule of lr moves the bounds with it, lr being its peak.",
	},
	Clipping:    "the step size of each coordinate, between low and high",
	Decay:       "in the gradient, so that it passes through m and v",
	Epsilon:     "added to the uncorrected root",
	Correction:  "m and v, before the step size is bounded",
	Memory:      "2 values per parameter (m, v), 3 with amsbound (w)",
	Gradients:   1,
	Invariances: []Invariance{SignedPermutation},
	Example:     "adabound(lr=1e-3)",
}

type adaboundSettings struct {
	LR          Schedule `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size of Adam"`
	FinalLR     float64  `arg:"final_lr" default:"0.1" valid:"(0,inf)" search:"1e-3..10 log" help:"step size of SGD, at the end"`
	Gamma       float64  `arg:"gamma" default:"1e-3" valid:"(0,inf)" search:"1e-4..1e-1 log" help:"how fast the bounds close in"`
	Beta1       float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2       float64  `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squares"`
	Eps         float64  `arg:"eps" default:"1e-8" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the root"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the gradient"`
	AMSBound    bool     `arg:"amsbound" default:"false" help:"divide by the largest mean of squares so far"`
}

type adabound[T problem.Float] struct {
	adaboundSettings
	spans   []span
	m, v, w []T // w for amsbound alone
	room    []T
}

func newAdaBound[T problem.Float](s *adaboundSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	r := &adabound[T]{
		adaboundSettings: *s, spans: pieces(list, piece), m: kernel.Vector[T](n), v: kernel.Vector[T](n), room: make([]T, min(n, piece)),
	}
	if s.AMSBound {
		r.w = kernel.Vector[T](n)
	}
	return r, nil
}

func (r *adabound[T]) Step(s *Step[T]) {
	t, lr := float64(s.T), r.LR.At(s.T)
	first := meanRates[T](r.Beta1, -1)
	rate := T(lr * math.Sqrt(1-math.Pow(r.Beta2, t)) / (1 - math.Pow(r.Beta1, t)))
	final := r.FinalLR * lr / r.LR.Peak
	low, high := T(final*(1-1/(r.Gamma*t+1))), T(final*(1+1/(r.Gamma*t)))
	for _, p := range r.spans {
		d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		v, u := r.v[p.at:][:len(d)], r.room[:len(d)]
		pull(d, T(r.WeightDecay.At(s.T)), x)
		kernel.MeanSquare(v, d, T(r.Beta2), T(1-r.Beta2))
		if r.AMSBound {
			w := r.w[p.at:][:len(d)]
			kernel.Max(w, w, v)
			v = w
		}
		kernel.Sqrt(u, v)
		kernel.Add(u, u, []T{T(r.Eps)})
		kernel.Quotient(u, []T{rate}, u)
		clamp(u, low, high)
		kernel.Momentum(d, r.m[p.at:][:len(d)], x, &first)
		kernel.Mul(d, d, u)
	}
}

func (r *adabound[T]) Memory() []any  { return []any{r.m, r.v, r.w} }
func (r *adabound[T]) Flops() float64 { return 14 * float64(len(r.m)) }
