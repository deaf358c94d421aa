package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var lambDoc = Doc{
	Name:    "lamb",
	Family:  "normalised",
	Summary: "LAMB: Adam's step with decay, scaled block by block to the length of the weights.",
	Equations: `m = beta1*m + (1-beta1)*g
v = beta2*v + (1-beta2)*g^2
u = m/(1-beta1^t) / (sqrt(v/(1-beta2^t)) + eps) + weight_decay*x
d = -lr * min(|x|, clamp_value)/|u| * u       (a block in which |x| or |u| is 0: -lr*u)`,
	Source: "You et al. 2020, Large batch optimization for deep learning: training BERT in 76 minutes, arXiv 1904.00962, Algorithm 2",
	Notes: []string{
		"debias=moments is the paper's algorithm, as in optax and NVIDIA's FusedLAMB. debias=none leaves m and v as they are, as in the paper's third version, cybertronai's and jettify's codes; these have clamp_value=10, and with their debias=True multiply the whole step by sqrt(1-beta2^t)/(1-beta1^t), decay included: debias=step.",
		"With eps=0 a coordinate whose v is 0 has only decay in u. Biases and gains have ratios too; those that start at 0 take Adam's steps until they are not.",
	},
	Blocks:      "the ratio of the lengths is one number for each block, biases and gains included",
	Clipping:    "|x| at clamp_value",
	Decay:       "added to Adam's step before it is scaled",
	Epsilon:     "added to the corrected root (debias=moments), or to the uncorrected one",
	Correction:  "m and v (debias=moments), the step (step), or none",
	Memory:      "2 values per parameter (m, v)",
	Gradients:   1,
	Invariances: []Invariance{LossScale, Rescaling},
	Example:     "lamb(lr=0.01)",
}

type lambDebias string

type lambSettings struct {
	LR          Schedule   `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"length of a step, as a share of that of the weights"`
	Beta1       float64    `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2       float64    `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squares"`
	Eps         float64    `arg:"eps" default:"1e-6" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the root"`
	WeightDecay Schedule   `arg:"weight_decay" default:"0.01" valid:"[0,inf)" search:"1e-4..1 log" help:"multiple of x added to Adam's step"`
	ClampValue  float64    `arg:"clamp_value" default:"inf" valid:"(0,inf]" help:"most that the length of the weights counts for"`
	Debias      lambDebias `arg:"debias" default:"moments" choices:"moments|step|none" help:"what is corrected for the start of the moments at zero"`
}

type lamb[T problem.Float] struct {
	lambSettings
	blocks []span
	m, v   []T
}

func newLAMB[T problem.Float](s *lambSettings, c *Context[T]) (part[T], error) {
	list, n := blockSpans(c.Blocks)
	return &lamb[T]{lambSettings: *s, blocks: list, m: kernel.Vector[T](n), v: kernel.Vector[T](n)}, nil
}

func (r *lamb[T]) Step(s *Step[T]) {
	t, lr := float64(s.T), r.LR.At(s.T)
	mean, root := 1-math.Pow(r.Beta1, t), math.Sqrt(1-math.Pow(r.Beta2, t))
	rates := kernel.AdamRates[T]{
		Beta1: T(r.Beta1), Rest1: T(1 - r.Beta1), Beta2: T(r.Beta2), Rest2: T(1 - r.Beta2),
		Step: 1, Root: 1, Eps: T(r.Eps), Apart: T(r.WeightDecay.At(s.T)),
	}
	switch r.Debias {
	case "moments":
		rates.Step, rates.Root = T(1/mean), T(1/root)
	case "step":
		lr *= root / mean
	}
	for _, p := range r.blocks {
		n := p.hi - p.lo
		d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		kernel.Adam(d, r.m[p.at:][:n], r.v[p.at:][:n], x, &rates) // d = -u
		ratio, weights, length := 1.0, min(kernel.Norm2(x), r.ClampValue), kernel.Norm2(d)
		if weights > 0 && length > 0 {
			ratio = weights / length
		}
		kernel.Scale(d, T(min(lr*ratio, math.MaxFloat32)))
	}
}

func (r *lamb[T]) Memory() []any  { return []any{r.m, r.v} }
func (r *lamb[T]) Flops() float64 { return 19 * float64(len(r.m)) }
