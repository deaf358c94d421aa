package optim

import (
	"fmt"
	"math"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
)

var galoreDoc = Doc{
	Name:    "galore_adamw",
	Aliases: []string{"galore"},
	Family:  "matrix",
	Summary: "AdamW with the moments of matrices in the space of a few singular vectors of the gradient.",
	Equations: `when t-1 is a multiple of update_proj_gap: g = U S V', singular values descending
  rows >= cols: P = the first rank columns of V, r = g P, back(z) = z P'
  rows < cols:  P = the first rank columns of U, r = P' g, back(z) = P z
m = beta1*m + (1-beta1)*r
v = beta2*v + (1-beta2)*r^2
s = lr * sqrt(1-beta2^t)/(1-beta1^t)
d = -lr*weight_decay*x - (1-lr*weight_decay)*s*scale*back(m/(sqrt(v) + eps))`,
	Source: "Zhao et al. 2024, GaLore: memory-efficient LLM training by gradient low-rank projection, arXiv 2403.03507, Algorithm 2",
	Notes: []string{
		"Conventions are those of jiaweizzhao/GaLore with proj_type std: eps is added to the uncorrected root, decay acts on x after the step, and moments are not turned when P is renewed, so that the signs of singular vectors matter from then on.",
		"The largest entry of a column of P, the first of those, is positive; LAPACK's signs are others. The choice is named projector, with P' for rows >= cols: of what is given the signs are taken, and vectors that are not those of g.",
		"It projects all blocks of two dimensions; the others, those of convolutions included, have r = g without scale. A rank above the smaller side counts as that side.",
		"Between renewals a matrix stays within the span of P; it gets as far as it can if there are many.",
		"If a decomposition fails the old P is kept, at first the coordinate axes, and a warning says how often.",
	},
	Blocks:     "blocks of two dimensions are projected, the others not",
	Decay:      "apart from the gradient, times lr, on x after the step",
	Epsilon:    "added to the uncorrected root",
	Correction: "m and v, by a factor of the step",
	Memory:     "for an m x n matrix with m >= n rank*(2m + n) values (m, v, P), 2 per parameter (m, v) for other blocks",
	Gradients:  1,

	Invariances: []Invariance{LossScale},
	Example:     "galore_adamw(lr=0.02, rank=2, update_proj_gap=20, scale=1)",
}

type galoreSettings struct {
	LR          Schedule `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Beta1       float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2       float64  `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squares"`
	Eps         float64  `arg:"eps" default:"1e-6" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the root"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
	Rank        int      `arg:"rank" default:"128" valid:"[1,inf)" help:"number of singular vectors"`
	Gap         int      `arg:"update_proj_gap" default:"200" valid:"[1,inf)" help:"steps between projections"`
	Scale       float64  `arg:"scale" default:"0.25" valid:"(0,inf)" search:"0.05..2 log" help:"factor of the step of projected blocks"`
}

// A lowRank is what there is for a block. P is rank x cols or rows x rank, nil for a
// block that is not projected.
type lowRank[T problem.Float] struct {
	block      problem.Block
	rows, cols int
	rank       int
	p, m, v    []T
	failed     int64
}

// tall tells whether rows are projected, and P is transposed.
func (b *lowRank[T]) tall() bool { return b.rows >= b.cols }

type galore[T problem.Float] struct {
	galoreSettings
	given   func(what string, b problem.Block, t int) []float64
	blocks  []*lowRank[T]
	u       []T // room for the moments of a block
	wide    []float64
	vectors [3][]float64
	scratch kernel.Scratch[T]
	svd     linop.Scratch
}

func newGaLore[T problem.Float](s *galoreSettings, c *Context[T]) (part[T], error) {
	r := &galore[T]{galoreSettings: *s, given: c.given}
	longest := 0
	for _, b := range c.Blocks {
		low := &lowRank[T]{block: b}
		n := b.Len()
		if len(b.Shape) == 2 {
			low.rows, low.cols = b.Shape[0], b.Shape[1]
			low.rank = min(s.Rank, low.rows, low.cols)
			low.p = make([]T, min(low.rows, low.cols)*low.rank)
			for i := range low.rank {
				if low.tall() {
					low.p[i*low.cols+i] = 1
				} else {
					low.p[i*low.rank+i] = 1
				}
			}
			n = max(low.rows, low.cols) * low.rank
		}
		low.m, low.v = kernel.Vector[T](n), kernel.Vector[T](n)
		r.blocks, longest = append(r.blocks, low), max(longest, n)
	}
	r.u = make([]T, longest)
	r.scratch.Use(c.Crew)
	r.svd.Use(c.Crew)
	return r, nil
}

func (r *galore[T]) Step(s *Step[T]) {
	t := float64(s.T)
	lr := r.LR.At(s.T)
	decay := lr * r.WeightDecay.At(s.T)
	step := (1 - decay) * lr * math.Sqrt(1-math.Pow(r.Beta2, t)) / (1 - math.Pow(r.Beta1, t))
	rates := momentRates[T](r.Beta1, r.Beta2, r.Eps)
	for _, b := range r.blocks {
		x, d, u := problem.View(s.X, b.block), problem.View(s.D, b.block), r.u[:len(b.m)]
		if b.p != nil && (s.T-1)%r.Gap == 0 {
			r.project(b, d, s.T)
		}
		rows, cols, rank, along := b.rows, b.cols, b.rank, step
		switch {
		case b.p == nil:
			copy(u, d)
		case b.tall():
			kernel.MatMul(&r.scratch, u, rank, d, cols, 1, b.p, 1, cols, rows, rank, cols, false)
		default:
			kernel.MatMul(&r.scratch, u, cols, b.p, 1, rank, d, cols, 1, rank, cols, rows, false)
		}
		kernel.Adam(u, b.m, b.v, x[:len(u)], &rates)
		switch {
		case b.p == nil:
			copy(d, u)
		case b.tall():
			along *= r.Scale
			kernel.MatMul(&r.scratch, d, cols, u, rank, 1, b.p, cols, 1, rows, cols, rank, false)
		default:
			along *= r.Scale
			kernel.MatMul(&r.scratch, d, cols, b.p, rank, 1, u, cols, 1, rows, cols, rank, false)
		}
		kernel.Axpby(-T(along), d, -T(decay), x)
	}
}

// project renews P for a gradient.
func (r *galore[T]) project(b *lowRank[T], g []T, t int) {
	given := r.given("projector", b.block, t)
	rows, cols, rank := b.rows, b.cols, b.rank
	r.wide = r.wide[:0]
	for _, e := range g {
		r.wide = append(r.wide, float64(e))
	}
	for i, n := range []int{rows * rank, rank, rank * cols} {
		if cap(r.vectors[i]) < n {
			r.vectors[i] = make([]float64, n)
		}
		r.vectors[i] = r.vectors[i][:n]
	}
	if err := r.svd.SVD(r.vectors[0], r.vectors[1], r.vectors[2], r.wide, rows, cols); err != nil {
		b.failed++
		return
	}
	// Vector k is from[k*next + i*along].
	from, next, along, n := r.vectors[0], 1, rank, rows
	if b.tall() {
		from, next, along, n = r.vectors[2], cols, 1, cols
	}
	chosen := len(given) == len(b.p)
	for k := range rank {
		sign, most, dot, apart := 1.0, 0.0, 0.0, 0.0
		for at, i := k*next, 0; i < n; at, i = at+along, i+1 {
			if e := from[at]; math.Abs(e) > most {
				sign, most = math.Copysign(1, e), math.Abs(e)
			}
			if chosen {
				dot += from[at] * given[at]
			}
		}
		if chosen {
			sign = math.Copysign(1, dot)
			for at, i := k*next, 0; i < n; at, i = at+along, i+1 {
				apart = max(apart, math.Abs(sign*from[at]-given[at]))
			}
		}
		for at, i := k*next, 0; i < n; at, i = at+along, i+1 {
			b.p[at] = T(sign * from[at])
			if apart > sameVector {
				b.p[at] = T(given[at])
			}
		}
	}
}

// sameVector is how far entries of a vector that is given in nine digits are off. One that is
// further off is a choice of another kind than a sign, as among equal singular values.
const sameVector = 1e-7

func (r *galore[T]) Age(t int) (int, bool) { return (t - 1) % r.Gap, t > 0 }

func (r *galore[T]) Memory() []any {
	var all []any
	for _, b := range r.blocks {
		all = append(all, b.p, b.m, b.v, &b.failed)
	}
	return all
}

func (r *galore[T]) Warnings() []string {
	var all []string
	for _, b := range r.blocks {
		if b.failed > 0 {
			all = append(all, fmt.Sprintf("galore_adamw: %d decompositions of the gradient of %s failed; the older projection was kept", b.failed, b.block.Name))
		}
	}
	return all
}

// Flops counts a decomposition of k rows as 5 of its own products and 20/3 k^3.
func (r *galore[T]) Flops() float64 {
	sum := 0.0
	for _, b := range r.blocks {
		length, k := float64(b.block.Len()), float64(min(b.rows, b.cols))
		sum += 13*float64(len(b.m)) + 3*length
		if b.p != nil {
			sum += 4*length*float64(b.rank) + (10*length*k+20./3*k*k*k)/float64(r.Gap)
		}
	}
	return sum
}
