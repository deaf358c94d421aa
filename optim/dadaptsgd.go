package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var dadaptSGDDoc = Doc{
	Name:    "dadapt_sgd",
	Family:  "parameter-free",
	Summary: "SGD with D-adaptation: its step size is a growing lower bound d of the distance to the solution over the length of the first gradient.",
	Equations: `rate = d*lr/|g_1|
g = g + weight_decay*x
n = n + rate*<g, s>
s = s + rate*g
d = max(d, min(2*n/|s|_2, growth_rate*d))
x = momentum*x + (1-momentum)*(start - s)`,
	Source: "Defazio & Mishchenko 2023, Learning-rate-free learning by D-adaptation, arXiv 2301.07733, Algorithm 4",
	Notes: []string{
		"d, n and the lengths are over all blocks together; within a split, over those of its part. d starts at d0.",
		"g_1 is the first gradient that is not zero, without decay, as in the authors' code, whose decay is not in place there.",
		"The momentum is a mean of points: a step goes the share 1-momentum of the way to start-s. lr is a factor of the estimate: leave it at 1, or a schedule that starts there.",
		"It grows its step size once for all: on noisy problems it needs a lr that falls to 0.",
	},
	Decay:       "in the gradient",
	Memory:      "2 values per parameter (start, s), |g_1|, d and n",
	Gradients:   1,
	Invariances: []Invariance{LossScale, Rotation, SignedPermutation},
	Example:     "dadapt_sgd(lr=1)",
}

type dadaptSGDSettings struct {
	LR          Schedule `arg:"lr" default:"1" valid:"(0,inf)" search:"0.1..10 log" help:"factor of the estimated step size"`
	Momentum    float64  `arg:"momentum" default:"0" valid:"[0,1)" search:"0..0.99" help:"share of the way to the next point that is held back"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the gradient"`
	D0          float64  `arg:"d0" default:"1e-6" valid:"(0,inf)" help:"first estimate d"`
	GrowthRate  float64  `arg:"growth_rate" default:"inf" valid:"[1,inf]" help:"largest growth of d in a step"`
}

func (*dadaptSGDSettings) anchored() {}

type dadaptSGD[T problem.Float] struct {
	dadaptSGDSettings
	spans             []span
	start, s          []T
	first, d, product float64 // |g_1|, d, n
}

func newDadaptSGD[T problem.Float](s *dadaptSGDSettings, c *Context[T]) (part[T], error) {
	r := &dadaptSGD[T]{dadaptSGDSettings: *s, d: s.D0}
	r.spans, r.start = gather(c.Start, c.Blocks)
	r.spans, r.s = pieces(r.spans, piece), kernel.Vector[T](len(r.start))
	return r, nil
}

func (r *dadaptSGD[T]) Step(s *Step[T]) {
	if r.first == 0 {
		r.first = norm(s.D, r.spans)
	}
	rate, product, square := 0.0, 0.0, 0.0
	if r.first != 0 {
		rate = r.d * r.LR.At(s.T) / r.first
	}
	decay := T(r.WeightDecay.At(s.T))
	half := T(math.Sqrt(rate)) // since rate can be beyond float32
	for _, p := range r.spans {
		g, sum := s.D[p.lo:p.hi], r.s[p.at:][:p.hi-p.lo]
		kernel.Axpy(g, decay, s.X[p.lo:p.hi])
		kernel.Scale(g, half)
		kernel.Scale(g, half)
		product += kernel.Dot(g, sum)
		kernel.Add(sum, sum, g)
		square += kernel.Dot(sum, sum)
	}
	if r.product += product; square > 0 {
		r.d = max(r.d, min(2*r.product/math.Sqrt(square), r.d*r.GrowthRate))
	}
	share := T(1 - r.Momentum)
	for _, p := range r.spans {
		d, x, start, sum := s.D[p.lo:p.hi], s.X[p.lo:p.hi], r.start[p.at:], r.s[p.at:]
		kernel.Sub(d, start[:len(d)], sum[:len(d)])
		kernel.Sub(d, d, x)
		kernel.Scale(d, share)
	}
}

// Show gives d.
func (r *dadaptSGD[T]) Show(name string) (float64, bool) { return r.d, name == "d" }

func (r *dadaptSGD[T]) Memory() []any  { return []any{r.start, r.s, &r.first, &r.d, &r.product} }
func (r *dadaptSGD[T]) Flops() float64 { return 13 * float64(len(r.s)) }
