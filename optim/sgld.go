package optim

import (
	"fmt"
	"math"

	"basin/kernel"
	"basin/problem"
	"basin/rng"
)

var sgldDoc = Doc{
	Name:      "sgld",
	Aliases:   []string{"langevin"},
	Family:    "noisy",
	Summary:   "Stochastic gradient Langevin dynamics: gradient descent with normal noise of the size that makes it sample exp(-loss/temperature).",
	Equations: `d = -lr*(g + weight_decay*x) + sqrt(2*lr*temperature)*z,   z normal with unit variance`,
	Source:    "Welling & Teh 2011, Bayesian learning via stochastic gradient Langevin dynamics, Equation 4",
	Notes: []string{
		"With g the gradient of a mean over N examples the posterior is had at temperature = 1/N and weight_decay = (prior precision)/N; the paper's step eps is 2*lr/N.",
		"It is the distribution in the limit of small lr; lr is not corrected for (no Metropolis step), and the noise of batches adds to z.",
		"The draws follow from the seed, the block and the step alone.",
	},
	Decay:     "in the gradient",
	EndsAt:    "nowhere: it goes on to sample",
	Memory:    "none",
	Gradients: 1,
	Example:   "sgld(lr=0.1, temperature=1e-8)",
}

type sgldSettings struct {
	LR          Schedule `arg:"lr" default:"0.1" valid:"(0,inf)" search:"1e-4..10 log" help:"step size"`
	Temperature Schedule `arg:"temperature" default:"1e-6" valid:"[0,inf)" search:"1e-9..1e-2 log" help:"loss over which likelihood falls by e"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the gradient"`
}

type sgld[T problem.Float] struct {
	sgldSettings
	blocks []problem.Block
	n      int
	c      *Context[T]
	names  []string // of the blocks' streams
}

func newSGLD[T problem.Float](s *sgldSettings, c *Context[T]) (part[T], error) {
	_, n := spans(c.Blocks)
	r := &sgld[T]{sgldSettings: *s, blocks: c.Blocks, n: n, c: c}
	for _, b := range c.Blocks {
		r.names = append(r.names, fmt.Sprintf("sgld/%s", b.Name))
	}
	return r, nil
}

func (r *sgld[T]) Step(s *Step[T]) {
	lr := r.LR.At(s.T)
	size := math.Sqrt(2 * lr * r.Temperature.At(s.T))
	for i, b := range r.blocks {
		d := problem.View(s.D, b)
		kernel.Axpby(-T(lr), d, -T(lr*r.WeightDecay.At(s.T)), problem.View(s.X, b))
		if z := r.c.given("noise", b, s.T); z != nil {
			for j := range d {
				d[j] += T(size * z[j])
			}
			continue
		}
		noise := rng.At(r.c.Seed, r.names[i], s.T)
		for j := range d {
			d[j] += T(size * noise.Norm())
		}
	}
}

func (r *sgld[T]) Memory() []any  { return nil }
func (r *sgld[T]) Flops() float64 { return 15 * float64(r.n) }
