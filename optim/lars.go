package optim

import (
	"errors"
	"math"

	"basin/kernel"
	"basin/problem"
)

var larsDoc = Doc{
	Name:    "lars",
	Family:  "normalised",
	Summary: "LARS: momentum on gradients that are scaled, block by block, to a share of the length of the weights.",
	Equations: `r = trust_coefficient*|x| / (|g| + weight_decay*|x| + eps)
g = r*(g + weight_decay*x)      (a block in which |x| or |g| is 0: g as it is)
m = momentum*m + g
d = -lr*m                       (nesterov: -lr*(g + momentum*m))`,
	Source: "You, Gitman & Ginsburg 2017, Large batch training of convolutional networks, arXiv 1708.03888, Algorithm 1",
	Notes: []string{
		"scaled=decayed leaves g as it is while weight_decay is 0, as in Lightning Bolts' and jettify's codes, which so exclude the blocks whose decay is 0; to exclude biases and gains here: split(weight=lars, rest=sgd(lr=0.1, momentum=0.9)).",
		"lr stands outside m, as in PyTorch's codes; in the paper it is inside. optax takes the ratio of |x| to |g + weight_decay*x|; kozistr's code leaves decay out of the ratio.",
		"With eps=0 a block whose gradient is 0 is left to its momentum, without decay.",
	},
	Blocks:      "the ratio r is one number for each block, biases and gains included",
	Decay:       "in the gradient, before its scaling, so that it passes through m",
	Epsilon:     "added to the divisor of the ratio",
	Memory:      "1 value per parameter (m), none without momentum",
	Gradients:   1,
	Invariances: []Invariance{LossScale, Rotation, Rescaling},
	Example:     "lars(lr=1, trust_coefficient=5e-3)",
}

type larsScaled string

type larsSettings struct {
	LR               Schedule   `arg:"lr" default:"1" valid:"(0,inf)" search:"1e-3..1e2 log" help:"step size"`
	Momentum         float64    `arg:"momentum" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of past gradients"`
	Nesterov         bool       `arg:"nesterov" default:"false" help:"look ahead along the momentum"`
	WeightDecay      Schedule   `arg:"weight_decay" default:"5e-4" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the gradient"`
	TrustCoefficient float64    `arg:"trust_coefficient" default:"1e-3" valid:"(0,inf)" search:"1e-4..1e-1 log" help:"length of a scaled gradient, as a share of that of the weights"`
	Eps              float64    `arg:"eps" default:"1e-8" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the divisor of the ratio"`
	Scaled           larsScaled `arg:"scaled" default:"all" choices:"all|decayed" help:"whether gradients are scaled while weight_decay is 0"`
}

func (s *larsSettings) check() error {
	if s.Nesterov && s.Momentum == 0 {
		return errors.New("nesterov needs momentum above 0")
	}
	return nil
}

type lars[T problem.Float] struct {
	larsSettings
	blocks []span
	n      int
	m      []T
}

func newLARS[T problem.Float](s *larsSettings, c *Context[T]) (part[T], error) {
	r := &lars[T]{larsSettings: *s}
	r.blocks, r.n = blockSpans(c.Blocks)
	if s.Momentum != 0 {
		r.m = kernel.Vector[T](r.n)
	}
	return r, nil
}

func (r *lars[T]) Step(s *Step[T]) {
	lr, decay := r.LR.At(s.T), r.WeightDecay.At(s.T)
	for _, p := range r.blocks {
		d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		ratio, held := 1.0, 0.0
		if r.Scaled == "all" || decay != 0 {
			weights, slope := kernel.Norm2(x), kernel.Norm2(d)
			if weights > 0 && slope > 0 {
				ratio = min(r.TrustCoefficient*weights/(slope+decay*weights+r.Eps), math.MaxFloat32)
				held = decay
			}
		}
		if r.m == nil {
			kernel.Axpby(T(-lr*ratio), d, T(-lr*ratio*held), x)
			continue
		}
		rates := kernel.MomentumRates[T]{Decay: T(held), Keep: T(r.Momentum), Fresh: T(ratio), Mean: 1, Step: T(-lr)}
		if r.Nesterov {
			rates.Now, rates.Mean = rates.Fresh, rates.Keep
		}
		kernel.Momentum(d, r.m[p.at:][:len(d)], x, &rates)
	}
}

func (r *lars[T]) Memory() []any  { return []any{r.m} }
func (r *lars[T]) Flops() float64 { return 10 * float64(r.n) }
