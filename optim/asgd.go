package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var asgdDoc = Doc{
	Name:    "asgd",
	Family:  "averaged",
	Summary: "Gradient descent with a falling step size, answering with the average of the points it passes through.",
	Equations: `eta = lr / (1 + lambd*lr*(t-1))^alpha
g = g + weight_decay*x
d = -eta*g - lambd*eta*x
ax = ax + mu*(x+d - ax),  mu = 1/max(1, t-1-t0)    (the answer)`,
	Source: "Polyak & Juditsky 1992, Acceleration of stochastic approximation by averaging; step sizes: Bottou 2012, Stochastic gradient descent tricks, section 5",
	Notes: []string{
		"ax is the last point itself until step t0+1, and the plain mean of all points from there on.",
		"Up to step t0+2 the weight of a point is 1, as in PyTorch, so that with t0=0 the average starts at the second point.",
		"The average is over the points as they are: what a link after this rule does to the change is in it.",
	},
	Decay:       "in the gradient; lambd apart from it, times eta",
	Answer:      "ax",
	Memory:      "1 value per parameter (ax)",
	Gradients:   1,
	Invariances: []Invariance{Rotation, SignedPermutation},
	Example:     "asgd(lr=0.1, t0=100)",
}

type asgdSettings struct {
	LR          Schedule `arg:"lr" default:"0.01" valid:"(0,inf)" search:"1e-4..10 log" help:"step size at the start"`
	Lambd       float64  `arg:"lambd" default:"1e-4" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"how soon the step size falls, and share of x taken away, times the step size"`
	Alpha       float64  `arg:"alpha" default:"0.75" valid:"[0,inf)" search:"0.5..1" help:"power of the fall"`
	T0          float64  `arg:"t0" default:"1e6" valid:"[0,inf]" help:"step at which averaging starts"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the gradient"`
}

type asgd[T problem.Float] struct {
	asgdSettings
	spans []span
	ax    []T   // average up to the point before step t
	t     int64 // last step, after which the point is not in ax yet
}

func newASGD[T problem.Float](s *asgdSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &asgd[T]{asgdSettings: *s, spans: list, ax: kernel.Vector[T](n)}, nil
}

func (r *asgd[T]) Step(s *Step[T]) {
	lr := r.LR.At(s.T)
	eta := lr / math.Pow(1+r.Lambd*lr*float64(s.T-1), r.Alpha)
	away, mu := eta*(r.WeightDecay.At(s.T)+r.Lambd), r.weight()
	for _, p := range r.spans {
		d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		if r.t > 0 {
			kernel.Axpby(T(1-mu), r.ax[p.at:][:len(x)], T(mu), x)
		}
		kernel.Axpby(T(-eta), d, T(-away), x)
	}
	r.t = int64(s.T)
}

// weight is mu of the last step.
func (r *asgd[T]) weight() float64 { return 1 / max(1, float64(r.t)-1-r.T0) }

// Average is ax with the point after the last step.
func (r *asgd[T]) Average(dst, x []T) {
	mu := r.weight()
	for _, p := range r.spans {
		dst := dst[p.lo:p.hi]
		copy(dst, x[p.lo:p.hi])
		if r.t > 0 {
			kernel.Axpby(T(mu), dst, T(1-mu), r.ax[p.at:][:len(dst)])
		}
	}
}

func (r *asgd[T]) Memory() []any  { return []any{r.ax, &r.t} }
func (r *asgd[T]) Flops() float64 { return 6 * float64(len(r.ax)) }
