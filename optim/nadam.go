package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var nadamDoc = Doc{
	Name:    "nadam",
	Family:  "adaptive",
	Summary: "Adam that looks ahead along its momentum as Nesterov's method does.",
	Equations: `g = g + weight_decay*x
m = beta1*m + (1-beta1)*g
v = beta2*v + (1-beta2)*g^2
mu(t) = beta1 * (1 - 0.96^(t*momentum_decay)/2),  P = P*mu(t)      (P = 1 before t = 1)
u = (1-mu(t))/(1-P) * g + mu(t+1)/(1-P*mu(t+1)) * m
d = -lr * u / (sqrt(v/(1-beta2^t)) + eps)`,
	Source: "Dozat 2016, Incorporating Nesterov momentum into Adam, ICLR 2016 workshop",
	Notes: []string{
		"As documented in PyTorch and as its code has been since 2.0. PyTorch 1.13 by default multiplied mu(t) into the second product twice: that is nadam_torch113.",
		"momentum_decay=inf is a momentum without schedule, mu = beta1, as in optax; momentum_decay=0 leaves it at beta1/2.",
	},
	Decay:       "in the gradient, so that it passes through m and v",
	Epsilon:     "added to the corrected root",
	Correction:  "g, m and v",
	Memory:      "2 values per parameter (m, v) and the number P",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "nadam(lr=2e-3)",
}

var nadamTorch113Doc = Doc{
	Name:    "nadam_torch113",
	Family:  "adaptive",
	Summary: "NAdam with the mistake of PyTorch 1.13 in its look-ahead, to compare with runs of that version; use nadam otherwise.",
	Equations: `as nadam, but
u = (1-mu(t))/(1-P) * g + mu(t+1)/(1-P*mu(t)*mu(t+1)) * m`,
	Source:      "torch.optim.NAdam of PyTorch 1.13.1, single-tensor path",
	Notes:       []string{"P has mu(t) as a factor already, so that the mean m is divided by too much: a mistake, mended in PyTorch 2.0."},
	Decay:       nadamDoc.Decay,
	Epsilon:     nadamDoc.Epsilon,
	Correction:  "g, m (wrongly) and v",
	Memory:      nadamDoc.Memory,
	Gradients:   1,
	Invariances: nadamDoc.Invariances,
	Example:     "nadam_torch113(lr=2e-3)",
}

type nadamSettings struct {
	LR            Schedule `arg:"lr" default:"2e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Beta1         float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2         float64  `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squares"`
	Eps           float64  `arg:"eps" default:"1e-8" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the root"`
	WeightDecay   Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the gradient"`
	MomentumDecay float64  `arg:"momentum_decay" default:"4e-3" valid:"[0,inf]" help:"how fast the momentum rises from beta1/2 to beta1; inf: it is beta1"`
}

// nadam is the stepper of nadam and of nadam_torch113.
type nadam[T problem.Float] struct {
	nadamSettings
	twice   bool // whether mu(t) is in the second product twice
	spans   []span
	m, v    []T
	product float64 // P
	mix     []T
}

func newNAdam[T problem.Float](s *nadamSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &nadam[T]{
		nadamSettings: *s, spans: pieces(list, piece),
		m: kernel.Vector[T](n), v: kernel.Vector[T](n), product: 1, mix: make([]T, min(n, piece)),
	}, nil
}

func newNAdamTorch113[T problem.Float](s *nadamSettings, c *Context[T]) (part[T], error) {
	p, err := newNAdam(s, c)
	p.(*nadam[T]).twice = true
	return p, err
}

func (r *nadam[T]) Step(s *Step[T]) {
	mu, next := r.momentum(s.T), r.momentum(s.T+1)
	r.product *= mu
	ahead := r.product * next
	if r.twice {
		ahead *= mu
	}
	decay := T(r.WeightDecay.At(s.T))
	mix := kernel.MomentumRates[T]{
		Decay: decay, Keep: T(r.Beta1), Fresh: T(1 - r.Beta1),
		Now: T((1 - mu) / (1 - r.product)), Mean: T(next / (1 - ahead)), Step: 1,
	}
	divide := kernel.AdamRates[T]{
		Beta1: 1, Beta2: T(r.Beta2), Rest2: T(1 - r.Beta2), Decay: decay,
		Step: T(r.LR.At(s.T)), Root: T(1 / math.Sqrt(1-math.Pow(r.Beta2, float64(s.T)))), Eps: T(r.Eps),
	}
	for _, p := range r.spans {
		d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		u := r.mix[:len(d)]
		mean(u, r.m[p.at:][:len(d)], d, x, &mix)
		kernel.Adam(d, u, r.v[p.at:][:len(d)], x, &divide)
	}
}

// momentum is mu(t).
func (r *nadam[T]) momentum(t int) float64 {
	return r.Beta1 * (1 - 0.5*math.Pow(0.96, float64(t)*r.MomentumDecay))
}

func (r *nadam[T]) Memory() []any  { return []any{r.m, r.v, &r.product} }
func (r *nadam[T]) Flops() float64 { return 17 * float64(len(r.m)) }
