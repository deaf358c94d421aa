package optim

import (
	"errors"

	"basin/kernel"
	"basin/problem"
)

var sgdDoc = Doc{
	Name:    "sgd",
	Family:  "descent",
	Summary: "Gradient descent, with heavy-ball or Nesterov momentum; decay is part of the gradient.",
	Equations: `g = g + weight_decay*x
m = momentum*m + (1-dampening)*g      (m = g at t = 1)
d = -lr*m                             (nesterov: -lr*(g + momentum*m))`,
	Source: "Robbins & Monro 1951; Polyak 1964 (heavy ball); Nesterov 1983 in the form of Sutskever et al. 2013",
	Notes: []string{
		"lr stands outside m, as in PyTorch: a change of lr acts at once. In Sutskever et al. and optax it is inside.",
		"The first m is g itself, whatever the dampening, as in PyTorch.",
	},
	Decay:       "in the gradient",
	Memory:      "1 value per parameter (m), none without momentum",
	Gradients:   1,
	Invariances: []Invariance{Rotation, SignedPermutation},
	Example:     "sgd(lr=0.1, momentum=0.9)",
}

type sgdSettings struct {
	LR          Schedule `arg:"lr" default:"0.1" valid:"(0,inf)" search:"1e-4..10 log" help:"step size"`
	Momentum    float64  `arg:"momentum" default:"0" valid:"[0,1)" search:"0..0.99" help:"memory of past gradients"`
	Dampening   float64  `arg:"dampening" default:"0" valid:"[0,1]" help:"share of a new gradient held back from m"`
	Nesterov    bool     `arg:"nesterov" default:"false" help:"look ahead along the momentum"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the gradient"`
}

func (s *sgdSettings) check() error {
	if s.Nesterov && (s.Momentum == 0 || s.Dampening != 0) {
		return errors.New("nesterov needs momentum above 0 and dampening=0")
	}
	return nil
}

type sgd[T problem.Float] struct {
	sgdSettings
	stretches[T]
	n     int
	m     []T
	rates kernel.MomentumRates[T]
}

func newSGD[T problem.Float](s *sgdSettings, c *Context[T]) (part[T], error) {
	r := &sgd[T]{sgdSettings: *s}
	r.stretches, r.n = newStretches(c)
	if s.Momentum != 0 {
		r.m = kernel.Vector[T](r.n)
	}
	return r, nil
}

func (r *sgd[T]) Step(s *Step[T]) {
	lr, decay := T(r.LR.At(s.T)), T(r.WeightDecay.At(s.T))
	r.rates = kernel.MomentumRates[T]{Decay: decay, Keep: T(r.Momentum), Fresh: T(1 - r.Dampening), Mean: 1, Step: -lr}
	if s.T == 1 {
		r.rates.Fresh = 1
	}
	if r.Nesterov {
		r.rates.Now, r.rates.Mean = 1, r.rates.Keep
	}
	r.each(s, r)
}

func (r *sgd[T]) along(s *Step[T], p span) {
	d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
	if r.m == nil {
		kernel.Axpby(r.rates.Step, d, r.rates.Step*r.rates.Decay, x)
	} else {
		kernel.Momentum(d, r.m[p.at:][:len(d)], x, &r.rates)
	}
}

func (r *sgd[T]) Memory() []any { return []any{r.m} }

func (r *sgd[T]) Flops() float64 {
	if r.m == nil {
		return 3 * float64(r.n)
	}
	return 6 * float64(r.n)
}

// Metric implements problem.Preconditioner.
func (r *sgd[T]) Metric(t int) problem.Metric {
	m := problem.Metric{Rate: r.LR.At(t), Edge: edgeOfMomentum(r.Momentum)}
	switch {
	case r.Nesterov:
		m.Edge = edgeOfNesterov(r.Momentum)
	case r.m != nil:
		m.Edge /= 1 - r.Dampening
	}
	return m
}
