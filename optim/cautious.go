package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var cAdamWDoc = Doc{
	Name:    "c_adamw",
	Family:  "adaptive",
	Summary: "Cautious AdamW: coordinates whose step would go against the present descent stand still, and the others go further.",
	Equations: `m = beta1*m + (1-beta1)*g
v = beta2*v + (1-beta2)*g^2
k = 1 where m*g > 0, else 0
d = -lr*weight_decay*x - lr*sqrt(1-beta2^t)/(1-beta1^t) * m/(sqrt(v) + eps) * k/max(mean(k), 1e-3)`,
	Source: "Liang et al. 2024, Cautious optimizers: improving training with one line of code, arXiv 2411.16085, Algorithm 1",
	Notes: []string{
		"The mean of k is over each block, at least 1e-3 as in the authors' code; the paper adds a constant to it. c_lion has another scale.",
		"eps is added to the uncorrected root, as in the authors' code and Hugging Face's AdamW; adamw adds it to the corrected one. With eps=0 a coordinate whose v is 0 has only decay.",
	},
	Blocks:      "the mean of k is over each block",
	Decay:       "apart from the gradient, times lr, on all coordinates",
	Epsilon:     "added to the uncorrected root",
	Correction:  "m and v",
	Memory:      "2 values per parameter (m, v)",
	Gradients:   1,
	Invariances: []Invariance{LossScale},
	Example:     "c_adamw(lr=0.01)",
}

var cLionDoc = Doc{
	Name:    "c_lion",
	Family:  "sign",
	Summary: "Cautious Lion: coordinates whose step would go against the present descent stand still, and the others go further.",
	Equations: `u = sign(beta1*m + (1-beta1)*g)
k = 1 where u*g > 0, else 0
d = -lr*weight_decay*x - lr*u * k*n/(sum(k) + 1)    (a block of n entries)
m = beta2*m + (1-beta2)*g`,
	Source: "Liang et al. 2024, Cautious optimizers: improving training with one line of code, arXiv 2411.16085, Algorithm 1",
	Notes: []string{
		"sign(0) = 0. m is updated after its use. The scale n/(sum(k) + 1) is that of the authors' C-Lion and of their first C-AdamW.",
	},
	Blocks:      "the sum of k is over each block",
	Decay:       "apart from the gradient, times lr, on all coordinates",
	Memory:      "1 value per parameter (m)",
	Gradients:   1,
	Invariances: []Invariance{LossScale},
	Example:     "c_lion(lr=3e-4)",
}

type cAdamWSettings struct {
	LR          Schedule `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Beta1       float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2       float64  `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squares"`
	Eps         float64  `arg:"eps" default:"1e-6" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the root"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
}

type cLionSettings struct {
	LR          Schedule `arg:"lr" default:"1e-4" valid:"(0,inf)" search:"1e-6..1e-2 log" help:"step of every coordinate"`
	Beta1       float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"share of m in the step"`
	Beta2       float64  `arg:"beta2" default:"0.99" valid:"[0,1)" search:"0.9..0.999" help:"memory of the mean of gradients"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..10 log" help:"share of x taken away, times lr"`
}

// A caution is what stops steps against the descent in blocks.
type caution[T problem.Float] struct {
	blocks []span
	cut    [][]span // pieces of each block
	n      int
	g      []T // of a piece
}

func newCaution[T problem.Float](blocks []problem.Block) caution[T] {
	var c caution[T]
	c.blocks, c.n = blockSpans(blocks)
	c.cut, _ = blockPieces(blocks)
	c.g = make([]T, min(c.n, piece))
	return c
}

// stop sets to zero the entries of d where u does not agree in sign with g, and gives
// the number of the others. What is not a number stays so. It overwrites g.
func stop[T problem.Float](d, u, g []T) (going float64) {
	kernel.Mul(g, u, g)
	kernel.Sign(g, g)
	kernel.Max(g, g, []T{0})
	kernel.Mul(d, d, g)
	return kernel.Sum(g)
}

type cAdamW[T problem.Float] struct {
	cAdamWSettings
	caution[T]
	m, v []T
}

func newCAdamW[T problem.Float](s *cAdamWSettings, c *Context[T]) (part[T], error) {
	r := &cAdamW[T]{cAdamWSettings: *s, caution: newCaution[T](c.Blocks)}
	r.m, r.v = kernel.Vector[T](r.n), kernel.Vector[T](r.n)
	return r, nil
}

func (r *cAdamW[T]) Step(s *Step[T]) {
	t, lr := float64(s.T), r.LR.At(s.T)
	rates := kernel.AdamRates[T]{
		Beta1: T(r.Beta1), Rest1: T(1 - r.Beta1), Beta2: T(r.Beta2), Rest2: T(1 - r.Beta2),
		Step: T(lr * math.Sqrt(1-math.Pow(r.Beta2, t)) / (1 - math.Pow(r.Beta1, t))), Root: 1, Eps: T(r.Eps),
	}
	away := T(-lr * r.WeightDecay.At(s.T))
	for k, b := range r.blocks {
		going := 0.0
		for _, p := range r.cut[k] {
			d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
			m, g := r.m[p.at:][:len(d)], r.g[:len(d)]
			copy(g, d)
			kernel.Adam(d, m, r.v[p.at:][:len(d)], x, &rates)
			going += stop(d, m, g)
		}
		share := going / float64(b.hi-b.lo)
		kernel.Axpby(T(1/max(share, 1e-3)), s.D[b.lo:b.hi], away, s.X[b.lo:b.hi])
	}
}

func (r *cAdamW[T]) Memory() []any  { return []any{r.m, r.v} }
func (r *cAdamW[T]) Flops() float64 { return 25 * float64(r.n) }

type cLion[T problem.Float] struct {
	cLionSettings
	caution[T]
	m []T
}

func newCLion[T problem.Float](s *cLionSettings, c *Context[T]) (part[T], error) {
	r := &cLion[T]{cLionSettings: *s, caution: newCaution[T](c.Blocks)}
	r.m = kernel.Vector[T](r.n)
	return r, nil
}

func (r *cLion[T]) Step(s *Step[T]) {
	lr := r.LR.At(s.T)
	rates := kernel.SignRates[T]{
		Old: T(r.Beta1), Now: T(1 - r.Beta1), Keep: T(r.Beta2), Fresh: T(1 - r.Beta2), Step: -1,
	}
	away := T(-lr * r.WeightDecay.At(s.T))
	for k, b := range r.blocks {
		going := 0.0
		for _, p := range r.cut[k] {
			d, g := s.D[p.lo:p.hi], r.g[:p.hi-p.lo]
			copy(g, d)
			kernel.SignMomentum(d, r.m[p.at:][:len(d)], s.X[p.lo:p.hi], &rates) // d = u
			going += stop(d, d, g)
		}
		kernel.Axpby(T(-lr*float64(b.hi-b.lo)/(going+1)), s.D[b.lo:b.hi], away, s.X[b.lo:b.hi])
	}
}

func (r *cLion[T]) Memory() []any  { return []any{r.m} }
func (r *cLion[T]) Flops() float64 { return 19 * float64(r.n) }
