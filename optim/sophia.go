package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

const sophiaSource = "Liu, Li, Hall, Liang & Ma 2024, Sophia: a scalable stochastic second-order optimizer for language model pre-training, arXiv 2305.14342, "

var sophiaHDoc = Doc{
	Name:    "sophia_h",
	Family:  "curvature",
	Summary: "Momentum over an average of the Hessian's diagonal, estimated now and then with random signs, and cut short coordinate by coordinate.",
	Equations: `h = beta2*h + (1-beta2) * z * (H z), z of random signs, at steps 1, 1+update_period, ...
m = beta1*m + (1-beta1)*g
d = -lr*weight_decay*x - lr * clip(m / max(gamma*h, eps), -p, p)`,
	Source: sophiaSource + "Algorithms 1 and 3",
	Notes: []string{
		"The diagonal is signed: where it is negative, eps takes its place and the step is as a rule cut short, to p times lr.",
		"h is renewed before the step of the same number, with the Hessian of the step's batch at x. There is no correction for m and h, which start at zero. gamma=1 is what pytorch_optimizer's SophiaH does.",
		"With eps=0 a coordinate whose gamma*h is not positive does not move. The signs of a step are the choice \"rademacher\".",
	},
	Clipping:    "every coordinate, at p times lr",
	Decay:       "apart from the gradient, times lr",
	Epsilon:     "least value of gamma*h",
	Memory:      "2 values per parameter (m, h)",
	Gradients:   1,
	Products:    0.1,
	Invariances: []Invariance{LossScale},
	Example:     "sophia_h(lr=1e-3, gamma=1)",
}

var sophiaGDoc = Doc{
	Name:    "sophia_g",
	Family:  "curvature",
	Summary: "Momentum over an average of the Gauss-Newton matrix's diagonal, estimated now and then from labels that the model makes up, and cut short coordinate by coordinate.",
	Equations: `h = beta2*h + (1-beta2) * s^2, s the gradient with sampled labels, at steps 1, 1+k, ...
m = beta1*m + (1-beta1)*g
d = -lr*weight_decay*x - lr * sign(m) * min(1, |m| / (rho*bs*h + eps))`,
	Source: sophiaSource + "Algorithms 2 and 3",
	Notes: []string{
		"h is renewed before the step of the same number, with labels drawn from what the model at x holds for likely (Gauss-Newton-Bartlett). Losses that are no negative log-likelihood have no such labels: there it is refused.",
		"s is the gradient of the mean over a batch, so that bs*s^2 is the diagonal on average when bs is the number of predictions in the batch: that of the first batch for bs=0. The authors' code wants it given.",
		"The paper's gamma is rho here, as in the authors' code, which adds eps = 1e-15. With eps=0 a coordinate whose h is 0 does not move.",
		"Should a later batch have no such labels, h stays as it is.",
	},
	Clipping:    "every coordinate, at lr",
	Decay:       "apart from the gradient, times lr",
	Epsilon:     "added to rho*bs*h",
	Memory:      "2 values per parameter (m, h)",
	Gradients:   1.1,
	Invariances: []Invariance{SignedPermutation},
	Example:     "sophia_g(lr=1e-3)",
}

type sophiaHSettings struct {
	LR           Schedule `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"longest step of a coordinate, over p"`
	Beta1        float64  `arg:"beta1" default:"0.96" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2        float64  `arg:"beta2" default:"0.99" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of diagonals"`
	Gamma        float64  `arg:"gamma" default:"0.01" valid:"(0,inf)" search:"1e-3..1 log" help:"share of the diagonal that counts"`
	P            float64  `arg:"p" default:"1" valid:"(0,inf]" help:"where a coordinate is cut short"`
	Eps          float64  `arg:"eps" default:"1e-12" valid:"[0,inf)" help:"least diagonal"`
	UpdatePeriod int      `arg:"update_period" default:"10" valid:"[1,inf)" help:"steps from one estimate to the next"`
	WeightDecay  Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
}

func (s *sophiaHSettings) evaluations() (gradients, products float64) {
	return 1, 1 / float64(s.UpdatePeriod)
}

type sophiaGSettings struct {
	LR          Schedule `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"longest step of a coordinate"`
	Beta1       float64  `arg:"beta1" default:"0.965" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2       float64  `arg:"beta2" default:"0.99" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of diagonals"`
	Rho         float64  `arg:"rho" default:"0.04" valid:"(0,inf)" search:"1e-3..1 log" help:"share of the diagonal that counts"`
	BS          int      `arg:"bs" default:"0" valid:"[0,inf)" help:"predictions in a batch; 0: as many as the first batch has"`
	K           int      `arg:"k" default:"10" valid:"[1,inf)" help:"steps from one estimate to the next"`
	Eps         float64  `arg:"eps" default:"1e-15" valid:"[0,inf)" help:"added to the diagonal"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
}

func (s *sophiaGSettings) evaluations() (gradients, products float64) {
	return 1 + 1/float64(s.K), 0
}

// sophia is the stepper of both: m over weight*h + plus, which is at least the floor,
// cut short.
type sophia[T problem.Float] struct {
	lr, weightDecay Schedule
	beta1, beta2    float64
	weight, most    float64
	floor, plus     float64
	every           int
	estimate        func(s *Step[T]) []T // of the diagonal, in the whole space; nil: there is none

	spans []span
	m, h  []T
	room  []T
}

func newSophiaH[T problem.Float](s *sophiaHSettings, c *Context[T]) (part[T], error) {
	probe, err := newHutchinson(c)
	if err != nil {
		return nil, err
	}
	r := &sophia[T]{
		lr: s.LR, weightDecay: s.WeightDecay, beta1: s.Beta1, beta2: s.Beta2,
		weight: s.Gamma, most: s.P, floor: s.Eps, every: s.UpdatePeriod,
	}
	r.estimate = func(s *Step[T]) []T {
		if !probe.draw(s) {
			return nil
		}
		kernel.Mul(probe.hz, probe.hz, probe.z)
		return probe.hz
	}
	return r.on(c), nil
}

func newSophiaG[T problem.Float](s *sophiaGSettings, c *Context[T]) (part[T], error) {
	if err := c.needsLabels(); err != nil {
		return nil, err
	}
	size := s.BS
	if size == 0 {
		size = c.predictions()
	}
	r := &sophia[T]{
		lr: s.LR, weightDecay: s.WeightDecay, beta1: s.Beta1, beta2: s.Beta2,
		weight: s.Rho * float64(size), most: 1, plus: s.Eps, every: s.K,
	}
	g := kernel.Vector[T](c.Layout.N)
	r.estimate = func(s *Step[T]) []T {
		f, ok := c.sampled(s)
		if !ok {
			return nil
		}
		f.Grad(g, s.X)
		kernel.Square(g, g)
		return g
	}
	return r.on(c), nil
}

// on gives the stepper its memory.
func (r *sophia[T]) on(c *Context[T]) *sophia[T] {
	list, n := spans(c.Blocks)
	r.spans = pieces(list, piece)
	r.m, r.h, r.room = kernel.Vector[T](n), kernel.Vector[T](n), make([]T, min(n, piece))
	return r
}

func (r *sophia[T]) Step(s *Step[T]) {
	var fresh []T
	if (s.T-1)%r.every == 0 {
		fresh = r.estimate(s)
	}
	lr := r.lr.At(s.T)
	first, most := meanRates[T](r.beta1, 1), T(min(r.most, math.MaxFloat32))
	for _, p := range r.spans {
		d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		h, u := r.h[p.at:][:len(d)], r.room[:len(d)]
		if fresh != nil {
			kernel.Axpby(T(r.beta2), h, T(1-r.beta2), fresh[p.lo:p.hi])
		}
		kernel.Mul(u, h, []T{T(r.weight)})
		kernel.Add(u, u, []T{T(r.plus)})
		kernel.Max(u, u, []T{T(r.floor)})
		kernel.Momentum(d, r.m[p.at:][:len(d)], x, &first)
		kernel.Quotient(d, d, u)
		clamp(d, -most, most)
		kernel.Axpby(-T(lr), d, -T(lr*r.weightDecay.At(s.T)), x)
	}
}

func (r *sophia[T]) Age(t int) (int, bool) { return (t - 1) % r.every, t > 0 }

func (r *sophia[T]) Memory() []any { return []any{r.m, r.h} }

func (r *sophia[T]) Flops() float64 { return (10 + 4/float64(r.every)) * float64(len(r.m)) }
