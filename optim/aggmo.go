package optim

import (
	"errors"

	"basin/kernel"
	"basin/problem"
)

var aggmoDoc = Doc{
	Name:    "aggmo",
	Family:  "descent",
	Summary: "Aggregated momentum: gradient descent along the mean of several heavy balls of different memories.",
	Equations: `g = g + weight_decay*x
m_k = beta_k*m_k + g            for each of the K betas
d = -lr/K * (m_1 + ... + m_K)`,
	Source: "Lucas, Sun, Zemel & Grosse 2019, Aggregated momentum: stability through passive damping, arXiv 1804.00325, equation 3",
	Notes: []string{
		"lr stands outside m_k, as in the paper and jettify's code. betas=[0] is plain descent.",
	},
	Decay:       "in the gradient",
	Memory:      "1 value per parameter and beta (m_k)",
	Gradients:   1,
	Invariances: []Invariance{Rotation, SignedPermutation},
	Example:     "aggmo(lr=0.05, betas=[0, 0.9, 0.99])",
}

type aggmoSettings struct {
	LR          Schedule  `arg:"lr" default:"0.1" valid:"(0,inf)" search:"1e-4..10 log" help:"step size"`
	Betas       []float64 `arg:"betas" default:"[0, 0.9, 0.99]" valid:"[0,1)" help:"memories of past gradients"`
	WeightDecay Schedule  `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the gradient"`
}

func (s *aggmoSettings) check() error {
	if len(s.Betas) == 0 {
		return errors.New("betas needs at least one number, as in betas=[0, 0.9, 0.99]")
	}
	return nil
}

type aggmo[T problem.Float] struct {
	aggmoSettings
	spans []span
	m     [][]T // per beta
	g, u  []T   // of one span: the gradient, and the share of one beta in the change
}

func newAggMo[T problem.Float](s *aggmoSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	r := &aggmo[T]{aggmoSettings: *s, spans: pieces(list, piece), g: make([]T, piece), u: make([]T, piece)}
	for range s.Betas {
		r.m = append(r.m, kernel.Vector[T](n))
	}
	return r, nil
}

func (r *aggmo[T]) Step(s *Step[T]) {
	rates := kernel.MomentumRates[T]{
		Decay: T(r.WeightDecay.At(s.T)), Fresh: 1, Mean: 1, Step: T(-r.LR.At(s.T) / float64(len(r.Betas))),
	}
	for _, p := range r.spans {
		d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		g, u := r.g[:len(d)], r.u[:len(d)]
		copy(g, d)
		for k, beta := range r.Betas {
			rates.Keep = T(beta)
			if k == 0 {
				kernel.Momentum(d, r.m[k][p.at:][:len(d)], x, &rates)
				continue
			}
			copy(u, g)
			kernel.Momentum(u, r.m[k][p.at:][:len(d)], x, &rates)
			kernel.Add(d, d, u)
		}
	}
}

func (r *aggmo[T]) Memory() []any {
	var all []any
	for _, m := range r.m {
		all = append(all, m)
	}
	return all
}

func (r *aggmo[T]) Flops() float64 { return 6 * float64(len(r.m)*len(r.m[0])) }
