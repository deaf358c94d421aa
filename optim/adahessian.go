package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var adahessianDoc = Doc{
	Name:    "adahessian",
	Family:  "curvature",
	Summary: "Adam with an estimate of the Hessian's diagonal, averaged over the pixels of a kernel, in the place of the gradient in v.",
	Equations: `h = |z * (H z)|, z of random signs; in a convolution's kernel the mean of |z * (H z)| over its pixels
m = beta1*m + (1-beta1)*g
v = beta2*v + (1-beta2)*h^2
d = -lr*weight_decay*x - lr * m/(1-beta1^t) / (sqrt(v/(1-beta2^t))^hessian_power + eps)`,
	Source: "Yao et al. 2021, ADAHESSIAN: an adaptive second order optimizer for machine learning, arXiv 2006.00719, Algorithm 1",
	Notes: []string{
		"One product with the Hessian of the step's batch at x and one draw of z per step. As random signs square to one, |z * (H z)| is |H z|.",
		"Averaging is that of the authors' code for images: blocks (out, in, height, width) over height and width; no others.",
		"Decay is apart from the gradient and multiplied by lr, as in the authors' code. With eps=0 a coordinate whose v is 0 does not move.",
		"The signs of a step are the choice \"rademacher\". On average over them it is invariant to signed permutations too; to rescaling where blocks have no curvature together, whose products with the signs of others would differ.",
	},
	Blocks:      "blocks of four dimensions are averaged over the last two",
	Decay:       "apart from the gradient, times lr",
	Epsilon:     "added to the power of the corrected root",
	Correction:  "m and v",
	Memory:      "2 values per parameter (m, v)",
	Gradients:   1,
	Products:    1,
	Invariances: []Invariance{LossScale, Rescaling},
	Example:     "adahessian(lr=0.01, eps=1e-2)",
}

type adahessianSettings struct {
	LR           Schedule `arg:"lr" default:"0.1" valid:"(0,inf)" search:"1e-3..1 log" help:"step size"`
	Beta1        float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2        float64  `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squared diagonals"`
	Eps          float64  `arg:"eps" default:"1e-4" valid:"[0,inf)" search:"1e-8..1e-1 log" help:"added to the power of the root"`
	WeightDecay  Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"share of x taken away, times lr"`
	HessianPower float64  `arg:"hessian_power" default:"1" valid:"[0,1]" search:"0..1" help:"power of the root"`
}

type adahessian[T problem.Float] struct {
	adahessianSettings
	blocks []problem.Block
	probe  *hutchinson[T]
	spans  []span
	m, v   []T
	room   []T
}

func newAdaHessian[T problem.Float](s *adahessianSettings, c *Context[T]) (part[T], error) {
	probe, err := newHutchinson(c)
	if err != nil {
		return nil, err
	}
	list, n := spans(c.Blocks)
	return &adahessian[T]{
		adahessianSettings: *s, blocks: c.Blocks, probe: probe, spans: pieces(list, piece),
		m: kernel.Vector[T](n), v: kernel.Vector[T](n), room: make([]T, min(n, piece)),
	}, nil
}

func (r *adahessian[T]) Step(s *Step[T]) {
	t, lr := float64(s.T), r.LR.At(s.T)
	first := meanRates[T](r.Beta1, 1)
	step, correct, apart := lr/(1-math.Pow(r.Beta1, t)), 1/math.Sqrt(1-math.Pow(r.Beta2, t)), lr*r.WeightDecay.At(s.T)
	divide := quotientRates[T](step, correct, r.Eps, apart)
	divide.Beta1, divide.Rest1 = T(r.Beta1), T(1-r.Beta1)
	if !r.probe.draw(s) {
		setNaN(s.D, r.blocks)
		return
	}
	for _, b := range r.blocks {
		if len(b.Shape) == 4 {
			meanSizes(problem.View(r.probe.hz, b), b.Shape[2]*b.Shape[3])
		}
	}
	for _, p := range r.spans {
		d, x, h := s.D[p.lo:p.hi], s.X[p.lo:p.hi], r.probe.hz[p.lo:p.hi]
		m, v, u := r.m[p.at:][:len(d)], r.v[p.at:][:len(d)], r.room[:len(d)]
		kernel.MeanSquare(v, h, T(r.Beta2), T(1-r.Beta2))
		if r.HessianPower == 1 {
			kernel.Adam(d, m, v, x, &divide)
			continue
		}
		kernel.Momentum(d, m, x, &first)
		kernel.Map(u, v, func(v float64) float64 { return math.Pow(math.Sqrt(v)*correct, r.HessianPower) })
		kernel.Add(u, u, []T{T(r.Eps)})
		kernel.Quotient(d, d, u)
		kernel.Axpby(-T(step), d, -T(apart), x)
	}
}

// meanSizes sets every n neighbours in h to the mean of their sizes.
func meanSizes[T problem.Float](h []T, n int) {
	for ; len(h) > 0; h = h[n:] {
		sum := 0.0
		for _, v := range h[:n] {
			sum += math.Abs(float64(v))
		}
		for i := range n {
			h[i] = T(sum / float64(n))
		}
	}
}

// setNaN makes d no change: where an objective turns out not to have what a rule needs.
func setNaN[T problem.Float](d []T, blocks []problem.Block) {
	for _, b := range blocks {
		for i := range problem.View(d, b) {
			d[b.Off+i] = T(math.NaN())
		}
	}
}

func (r *adahessian[T]) Memory() []any  { return []any{r.m, r.v} }
func (r *adahessian[T]) Flops() float64 { return 20 * float64(len(r.m)) }
