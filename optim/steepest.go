package optim

import (
	"fmt"
	"math"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
)

var steepestDoc = Doc{
	Name:    "steepest",
	Family:  "normalised",
	Summary: "Steepest descent in a norm: the step of length lr along which the gradient, or its mean, falls most.",
	Equations: `m = momentum*m + (1-momentum)*g
u = the s of norm 1 with the largest <m, s>, of a block:
    l2 m/|m|,  linf sign(m),  l1 sign(m_i) at i = argmax |m_i|, 0 elsewhere,
    spectral U V',  nuclear u_1 v_1'                       with m = U S V', singular values descending
d = -lr*weight_decay*x - lr*u             (normalize=false: -lr*u*|m|*, |m|* = <m, u>)`,
	Source: "Bernstein & Newhouse 2024, Old optimizer, new norm: an anthology, arXiv 2409.20325, Proposition 1",
	Notes: []string{
		"norm is that of weights of two or more dimensions, with further dimensions merged into columns, rest_norm that of all other blocks, for which spectral and nuclear are l2, as for a matrix of one column.",
		"|m|* is the dual norm: l2 of l2, l1 of linf, linf of l1, nuclear of spectral, spectral of nuclear. With normalize=false and momentum=0 the step is the minimum of <g, d> + |d|^2/(2 lr), blocks taken apart: gradient descent for l2. Taken together by the largest of their norms all blocks would have the sum of the |m|*, as in the paper.",
		"Of equal entries the first counts for l1, and sign(0) = 0. U V' is without the singular vectors of zero, found as muon's orthogonalize=polar does: singular values below 1e-9 of the largest (float32: 1e-5) do not reach one.",
		"If the decomposition for nuclear fails, the block stays where it is at that step, and a warning says how often.",
		"spectral without momentum is Shampoo's first step, and nearly muon's; linf is signum, l2 normalised descent.",
	},
	Blocks:      "each block has a step of its own; norm for weights of two or more dimensions, rest_norm for the others",
	Decay:       "apart from the gradient, times lr",
	Memory:      "1 value per parameter (m), none without momentum",
	Gradients:   1,
	Invariances: []Invariance{LossScale, Rotation},
	Example:     "steepest(lr=0.02, momentum=0.9)",
}

type normKind string

type steepestSettings struct {
	LR          Schedule `arg:"lr" default:"0.02" valid:"(0,inf)" search:"1e-4..1 log" help:"length of the step of a block in its norm"`
	Norm        normKind `arg:"norm" default:"spectral" choices:"l1|l2|linf|spectral|nuclear" help:"norm of weight matrices"`
	RestNorm    normKind `arg:"rest_norm" default:"l2" choices:"l1|l2|linf|spectral|nuclear" help:"norm of the other blocks"`
	Momentum    float64  `arg:"momentum" default:"0" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Normalize   bool     `arg:"normalize" default:"true" help:"the length does not depend on that of the gradient"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
}

type steepest[T problem.Float] struct {
	steepestSettings
	blocks []problem.Block
	m      []T
	steepestRoom[T]
}

// A steepestRoom finds directions of steepest descent.
type steepestRoom[T problem.Float] struct {
	orth              *orthogonalizer[T]
	was               []T // what was orthogonalized
	svd               linop.Scratch
	wide, left, right []float64
	failed            int64
}

func newSteepest[T problem.Float](s *steepestSettings, c *Context[T]) (part[T], error) {
	r := &steepest[T]{steepestSettings: *s, blocks: c.Blocks}
	var matrices []problem.Block
	n, longest := 0, 0
	for _, b := range c.Blocks {
		n += b.Len()
		if isMatrix(b) {
			matrices, longest = append(matrices, b), max(longest, b.Len())
		}
	}
	switch s.Norm {
	case "spectral":
		r.orth = newOrthogonalizer[T](polarSteps[T](), 0, matrices)
		r.orth.scratch.Use(c.Crew)
		r.was = make([]T, longest)
	case "nuclear":
		r.wide, r.left, r.right = make([]float64, longest), make([]float64, longest), make([]float64, longest)
		r.svd.Use(c.Crew)
	}
	if s.Momentum != 0 {
		r.m = kernel.Vector[T](n)
	}
	return r, nil
}

func (r *steepest[T]) Step(s *Step[T]) {
	lr := r.LR.At(s.T)
	decay, at := T(lr*r.WeightDecay.At(s.T)), 0
	for _, b := range r.blocks {
		x, d := problem.View(s.X, b), problem.View(s.D, b)
		if r.m != nil {
			m := r.m[at:][:len(d)]
			kernel.Axpby(T(r.Momentum), m, T(1-r.Momentum), d)
			copy(d, m)
			at += len(d)
		}
		dual := r.direct(d, b, r.kind(b))
		if r.Normalize {
			dual = 1
		}
		kernel.Axpby(-T(lr*dual), d, -decay, x)
	}
}

// kind is the norm of a block.
func (s *steepestSettings) kind(b problem.Block) normKind {
	switch {
	case isMatrix(b):
		return s.Norm
	case s.RestNorm == "spectral" || s.RestNorm == "nuclear":
		return "l2"
	}
	return s.RestNorm
}

// direct replaces d, of a block, by the direction of norm 1 in which <d, .> is largest,
// and gives that value, the dual norm.
func (r *steepestRoom[T]) direct(d []T, b problem.Block, kind normKind) (dual float64) {
	switch kind {
	case "l1":
		return largestEntry(d)
	case "l2":
		return unit(d)
	case "linf":
		return signs(d)
	case "spectral":
		rows, cols, _ := b.Matrix()
		was := r.was[:len(d)]
		copy(was, d)
		r.orth.apply(d, rows, cols)
		return kernel.Dot(was, d)
	}
	return r.leading(d, b)
}

// largestEntry leaves the sign of the first of the largest entries, and zero elsewhere.
func largestEntry[T problem.Float](d []T) float64 {
	top := kernel.AbsMax(d)
	if math.IsNaN(top) {
		kernel.Scale(d, T(top))
		return top
	}
	found := top == 0
	for i, e := range d {
		d[i] = 0
		if !found && math.Abs(float64(e)) == top {
			d[i], found = T(math.Copysign(1, float64(e))), true
		}
	}
	return top
}

// unit divides d by its length, if that is not zero.
func unit[T problem.Float](d []T) float64 {
	length := kernel.Norm2(d)
	if length != 0 {
		multiply(d, 1/length)
	}
	return length
}

// signs leaves the signs of d, and NaN where there is one.
func signs[T problem.Float](d []T) (sum float64) {
	var room [256]T
	for len(d) > 0 {
		now := d[:min(len(d), len(room))]
		was := room[:copy(room[:], now)]
		kernel.Sign(now, now)
		sum += kernel.Dot(now, was)
		d = d[len(now):]
	}
	return sum
}

// leading leaves the product of the first singular vectors.
func (r *steepestRoom[T]) leading(d []T, b problem.Block) float64 {
	rows, cols, _ := b.Matrix()
	if top := kernel.AbsMax(d); !(top <= math.MaxFloat64) {
		kernel.Scale(d, T(math.NaN()))
		return math.NaN()
	}
	wide, left, right := r.wide[:len(d)], r.left[:rows], r.right[:cols]
	for i, e := range d {
		wide[i] = float64(e)
	}
	var value [1]float64
	err := r.svd.SVD(left, value[:], right, wide, rows, cols)
	if err != nil || value[0] == 0 {
		if err != nil {
			r.failed++
		}
		clear(d)
		return 0
	}
	for i, e := range left {
		row := d[i*cols:][:cols]
		for j, f := range right {
			row[j] = T(e * f)
		}
	}
	return value[0]
}

func (r *steepest[T]) Memory() []any { return []any{r.m, &r.failed} }

func (r *steepest[T]) Warnings() []string {
	if r.failed == 0 {
		return nil
	}
	return []string{fmt.Sprintf("steepest: %d decompositions failed; those blocks stayed where they were", r.failed)}
}

// Flops counts a decomposition of k rows as 5 of its own products and 20/3 k^3.
func (r *steepest[T]) Flops() float64 {
	sum := 0.0
	for _, b := range r.blocks {
		length := float64(b.Len())
		sum += 8 * length
		if rows, cols, _ := b.Matrix(); isMatrix(b) {
			switch k := float64(min(rows, cols)); r.Norm {
			case "spectral":
				sum += r.orth.flops(rows, cols)
			case "nuclear":
				sum += 10*length*k + 20./3*k*k*k
			}
		}
	}
	return sum
}
