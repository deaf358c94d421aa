package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var scheduleFreeSGDDoc = Doc{
	Name:    "schedule_free_sgd",
	Family:  "averaged",
	Summary: "Schedule-free SGD: steps of z along gradients at y, which lies between z and the mean of z; the mean replaces the falling step size.",
	Equations: `g = g + weight_decay*y
z = z - lr*g
c = w/sum of all w, with w = t^r * (largest lr so far)^weight_lr_power
x = (1-c)*x + c*z
y = momentum*x + (1-momentum)*z
Training is at y, d = the change to y; the answer is x; x, y and z start together.`,
	Source: "Defazio, Yang, Mehta, Mishchenko, Khaled & Cutkosky 2024, The road less scheduled, arXiv 2405.15682, equations 3 to 5",
	Notes: []string{
		"The warm-up that the authors' code calls warmup_steps is that of lr: lr=constant(1, warmup=100). While lr does not fall, x weighs each z by lr^weight_lr_power.",
		"r=0 and a fixed lr give c = 1/t, the equal mean.",
		"Decay is evaluated at y, as by default in the authors' code, where it can be at z.",
		"y is kept by whoever trains, x and z here; the authors' code in use keeps z and y alone and works x out.",
	},
	Decay:       "in the gradient, at y",
	Answer:      "x, the weighted mean of z",
	Memory:      "2 values per parameter (x, z), and the sum of weights",
	Gradients:   1,
	Invariances: []Invariance{Rotation, SignedPermutation},
	Example:     "schedule_free_sgd(lr=0.5)",
}

var scheduleFreeAdamWDoc = Doc{
	Name:    "schedule_free_adamw",
	Aliases: []string{"schedule_free"},
	Family:  "averaged",
	Summary: "Schedule-free AdamW: schedule-free SGD whose gradient is divided by the root of a mean of squares; the average takes the place of a first moment.",
	Equations: `v = beta2*v + (1-beta2)*g^2
z = z - lr*weight_decay*y - lr * g / (sqrt(v/(1-beta2^t)) + eps)
c = w/sum of all w, with w = t^r * (largest lr so far)^weight_lr_power
x = (1-c)*x + c*z
y = beta1*x + (1-beta1)*z
Training is at y, d = the change to y; the answer is x; x, y and z start together.`,
	Source: "Defazio, Yang, Mehta, Mishchenko, Khaled & Cutkosky 2024, The road less scheduled, arXiv 2405.15682, Algorithm 1",
	Notes: []string{
		"The warm-up that the authors' code calls warmup_steps is that of lr: lr=constant(2.5e-3, warmup=100).",
		"v is corrected, and lr is not, as in the newest of the authors' reference code. Algorithm 1 and older code multiply lr by sqrt(1-beta2^t) instead, which adds eps to the uncorrected root and makes early weights w smaller.",
		"Decay is evaluated at y and acts on z, as by default in the authors' code.",
		"With eps=0 a coordinate whose v is 0 does not move.",
	},
	Decay:       "apart from the gradient, times lr, at y",
	Epsilon:     "added to the corrected root",
	Correction:  "v",
	Answer:      "x, the weighted mean of z",
	Memory:      "3 values per parameter (v, x, z), and the sum of weights",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "schedule_free_adamw(lr=constant(2.5e-3, warmup=100))",
}

type scheduleFreeSGDSettings struct {
	LR            Schedule `arg:"lr" default:"1" valid:"(0,inf)" search:"1e-3..100 log" help:"step size of z"`
	Momentum      float64  `arg:"momentum" default:"0.9" valid:"[0,1]" search:"0.5..0.99" help:"how near y is to x instead of z"`
	WeightDecay   Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of y added to the gradient"`
	R             float64  `arg:"r" default:"0" valid:"[0,inf)" help:"power of t in the weights of the mean"`
	WeightLRPower float64  `arg:"weight_lr_power" default:"2" valid:"[0,inf)" help:"power of lr in the weights of the mean"`
}

type scheduleFreeAdamWSettings struct {
	LR            Schedule `arg:"lr" default:"2.5e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size of z"`
	Beta1         float64  `arg:"beta1" default:"0.9" valid:"[0,1]" search:"0.5..0.99" help:"how near y is to x instead of z"`
	Beta2         float64  `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squares"`
	Eps           float64  `arg:"eps" default:"1e-8" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the root"`
	WeightDecay   Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of y taken from z, times lr"`
	R             float64  `arg:"r" default:"0" valid:"[0,inf)" help:"power of t in the weights of the mean"`
	WeightLRPower float64  `arg:"weight_lr_power" default:"2" valid:"[0,inf)" help:"power of lr in the weights of the mean"`
}

func (*scheduleFreeSGDSettings) anchored()   {}
func (*scheduleFreeAdamWSettings) anchored() {}

// scheduleFree is the stepper of both: of SGD where v is nil.
type scheduleFree[T problem.Float] struct {
	scheduleFreeAdamWSettings
	spans    []span
	v, x, z  []T
	room     []T
	top, sum float64 // largest lr so far, sum of weights
}

func newScheduleFreeSGD[T problem.Float](s *scheduleFreeSGDSettings, c *Context[T]) (part[T], error) {
	return newScheduleFree(scheduleFreeAdamWSettings{
		LR: s.LR, Beta1: s.Momentum, WeightDecay: s.WeightDecay, R: s.R, WeightLRPower: s.WeightLRPower,
	}, c), nil
}

func newScheduleFreeAdamW[T problem.Float](s *scheduleFreeAdamWSettings, c *Context[T]) (part[T], error) {
	r := newScheduleFree(*s, c)
	r.v = kernel.Vector[T](len(r.x))
	return r, nil
}

func newScheduleFree[T problem.Float](s scheduleFreeAdamWSettings, c *Context[T]) *scheduleFree[T] {
	r := &scheduleFree[T]{scheduleFreeAdamWSettings: s}
	r.spans, r.x = gather(c.Start, c.Blocks)
	_, r.z = gather(c.Start, c.Blocks)
	r.spans, r.room = pieces(r.spans, piece), make([]T, min(len(r.x), piece))
	return r
}

func (r *scheduleFree[T]) Step(s *Step[T]) {
	t, lr, decay := float64(s.T), r.LR.At(s.T), r.WeightDecay.At(s.T)
	r.top = max(r.top, lr)
	weight := math.Pow(t, r.R) * math.Pow(r.top, r.WeightLRPower)
	r.sum += weight
	share := T(0)
	if r.sum > 0 {
		share = T(weight / r.sum)
	}
	divide := quotientRates[T](lr, 1/math.Sqrt(1-math.Pow(r.Beta2, t)), r.Eps, lr*decay)
	divide.Beta2, divide.Rest2 = T(r.Beta2), T(1-r.Beta2)
	for _, p := range r.spans {
		n := p.hi - p.lo
		u := r.room[:n]
		d, y, x, z := s.D[p.lo:p.hi], s.X[p.lo:p.hi], r.x[p.at:][:n], r.z[p.at:][:n]
		if r.v == nil {
			kernel.Axpy(d, T(decay), y)
			kernel.Axpy(z, -T(lr), d)
		} else {
			copy(u, d)
			kernel.Adam(d, u, r.v[p.at:][:n], y, &divide)
			kernel.Add(z, z, d)
		}
		kernel.Sub(u, z, x)
		kernel.Axpy(x, share, u)
		copy(d, x)
		kernel.Axpby(T(r.Beta1), d, T(1-r.Beta1), z)
		kernel.Sub(d, d, y)
	}
}

func (r *scheduleFree[T]) Average(dst, _ []T) {
	for _, p := range r.spans {
		copy(dst[p.lo:p.hi], r.x[p.at:])
	}
}

func (r *scheduleFree[T]) Memory() []any { return []any{r.v, r.x, r.z, &r.top, &r.sum} }

func (r *scheduleFree[T]) Flops() float64 {
	perStep := 11.
	if r.v != nil {
		perStep = 18
	}
	return perStep * float64(len(r.x))
}
