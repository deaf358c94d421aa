package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var novogradDoc = Doc{
	Name:    "novograd",
	Family:  "normalised",
	Summary: "NovoGrad: momentum on gradients that are divided by the root of a mean of their squared norms, block by block.",
	Equations: `v = beta2*v + (1-beta2)*|g|^2                (v = |g|^2 while v is 0)
u = g/(sqrt(v) + eps) + weight_decay*x       (grad_averaging: times 1-beta1)
m = beta1*m + u
d = -lr*m`,
	Source: "Ginsburg et al. 2019, Stochastic gradient methods with layer-wise adaptive moments for training of deep networks, arXiv 1905.11286, Algorithm 1",
	Notes: []string{
		"v is one number per block, and the first one is |g|^2 itself, as in the paper, NVIDIA's and jettify's codes; TensorFlow Addons starts at zero. There is no correction for the start of m.",
		"With eps=0 a block whose v is 0 has u = weight_decay*x.",
	},
	Blocks:      "v is one number for each block",
	Decay:       "added to the normalised gradient, so that it passes through m but not through v",
	Epsilon:     "added to the root of v",
	Memory:      "1 value per parameter (m), 1 per block (v)",
	Gradients:   1,
	Invariances: []Invariance{LossScale, Rotation},
	Example:     "novograd(lr=0.01)",
}

type novogradSettings struct {
	LR            Schedule `arg:"lr" default:"0.01" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Beta1         float64  `arg:"beta1" default:"0.95" valid:"[0,1)" search:"0..0.99" help:"memory of normalised gradients"`
	Beta2         float64  `arg:"beta2" default:"0.98" valid:"[0,1)" search:"0..0.999" help:"memory of the mean of squared norms"`
	Eps           float64  `arg:"eps" default:"1e-8" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the root"`
	WeightDecay   Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the normalised gradient"`
	GradAveraging bool     `arg:"grad_averaging" default:"false" help:"whether m is a mean instead of a sum"`
}

type novograd[T problem.Float] struct {
	novogradSettings
	blocks []span
	m      []T
	v      []float64 // per block
}

func newNovoGrad[T problem.Float](s *novogradSettings, c *Context[T]) (part[T], error) {
	list, n := blockSpans(c.Blocks)
	return &novograd[T]{novogradSettings: *s, blocks: list, m: kernel.Vector[T](n), v: make([]float64, len(list))}, nil
}

func (r *novograd[T]) Step(s *Step[T]) {
	decay, fresh := r.WeightDecay.At(s.T), 1.0
	if r.GradAveraging {
		fresh = 1 - r.Beta1
	}
	rates := kernel.MomentumRates[T]{Keep: T(r.Beta1), Mean: 1, Step: T(-r.LR.At(s.T))}
	for k, p := range r.blocks {
		d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		if square := kernel.Dot(d, d); r.v[k] == 0 {
			r.v[k] = square
		} else {
			r.v[k] = r.Beta2*r.v[k] + (1-r.Beta2)*square
		}
		root := math.Sqrt(r.v[k]) + r.Eps
		if root == 0 {
			root = 1 // d is zero too
		}
		// u = (g + root*weight_decay*x) / root
		rates.Decay, rates.Fresh = T(root*decay), reciprocal[T](root/fresh)
		kernel.Momentum(d, r.m[p.at:][:len(d)], x, &rates)
	}
}

func (r *novograd[T]) Memory() []any  { return []any{r.m, r.v} }
func (r *novograd[T]) Flops() float64 { return 8 * float64(len(r.m)) }
