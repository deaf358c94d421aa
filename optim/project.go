package optim

import (
	"fmt"
	"math"
	"slices"

	"basin/kernel"
	"basin/problem"
)

var projectDoc = Doc{
	Name:    "project",
	Family:  "transform",
	Summary: "After every step the point goes back to the nearest one in a ball about zero.",
	Equations: `y = x + d
d = argmin_z {|z - y| : norm(z) <= radius} - x
  l2        z = y * min(1, radius/|y|)
  linf      z = max(-radius, min(radius, y))
  l1        z = sign(y) * max(0, |y| - s), with s such that the absolute values sum to radius
  spectral  singular values as in linf
  nuclear   singular values as in l1`,
	Source: "Duchi, Shalev-Shwartz, Singer & Chandra 2008, Efficient projections onto the l1-ball for learning in high dimensions, Figure 1; singular values: Lewis 1995, The convex analysis of unitarily invariant matrix functions",
	Notes: []string{
		"scope=block has a ball for each block, scope=all one for all blocks together; spectral and nuclear are of each weight of two or more dimensions, as a matrix of its first dimension by all others, and leave other blocks alone.",
		"A start outside the ball is brought into it by the first step. If a singular value decomposition fails, which takes a point that is not finite, the change is not finite either.",
	},
	Blocks:      "spectral and nuclear: weights of two or more dimensions",
	EndsAt:      "the minimum of the loss in the ball",
	Memory:      "none",
	Gradients:   1,
	Invariances: []Invariance{Rotation},
	Example:     "sgd(lr=0.1) | project(norm=l2, radius=0.05)",
}

type (
	ballNorm string
	scope    string
)

type projectSettings struct {
	Norm   ballNorm `arg:"norm" default:"l2" choices:"l1|l2|linf|spectral|nuclear" help:"norm of the ball"`
	Radius Schedule `arg:"radius" default:"1" valid:"(0,inf)" search:"1e-2..1e2 log" help:"radius of the ball"`
	Scope  scope    `arg:"scope" default:"block" choices:"block|all" help:"what the ball is of; spectral and nuclear: block"`
}

func (s *projectSettings) check() error {
	if s.Scope == "all" && s.matrix() {
		return fmt.Errorf("norm=%s is of a matrix, so that scope must be block", s.Norm)
	}
	return nil
}

func (s *projectSettings) matrix() bool { return s.Norm == "spectral" || s.Norm == "nuclear" }

type project[T problem.Float] struct {
	projectSettings
	groups [][]span // what shares a ball
	blocks []problem.Block
	sizes  []float64 // room for absolute values in order
	svd    *spectrum
	flops  float64
}

func newProject[T problem.Float](s *projectSettings, c *Context[T]) (part[T], error) {
	r := &project[T]{projectSettings: *s}
	if s.matrix() {
		r.blocks = matricesAmong(c.Blocks)
		if len(r.blocks) == 0 {
			return nil, fmt.Errorf("norm=%s needs a weight matrix, and there is none among the blocks %s", s.Norm, blockNames(c.Blocks))
		}
		r.svd = newSpectrum(r.blocks)
		r.flops = r.svd.flops
		return r, nil
	}
	groups := [][]problem.Block{c.Blocks}
	if s.Scope == "block" {
		groups = slices.Collect(slices.Chunk(c.Blocks, 1))
	}
	most := 0
	for _, g := range groups {
		list, n := spans(g)
		r.groups = append(r.groups, list)
		most = max(most, n)
		r.flops += 6 * float64(n)
	}
	if s.Norm == "l1" {
		r.sizes = make([]float64, 0, most)
	}
	return r, nil
}

func (r *project[T]) Step(s *Step[T]) {
	radius := r.Radius.At(s.T)
	for _, b := range r.blocks {
		respectrum(r.svd, problem.View(s.D, b), problem.View(s.X, b), b, radius, r.shrink)
	}
	for _, g := range r.groups {
		for _, p := range g {
			kernel.Axpy(s.D[p.lo:p.hi], 1, s.X[p.lo:p.hi])
		}
		r.nearest(s.D, g, radius)
		for _, p := range g {
			kernel.Axpy(s.D[p.lo:p.hi], -1, s.X[p.lo:p.hi])
		}
	}
}

// shrink is the projection of singular values.
func (r *project[T]) shrink(values []float64, radius float64) {
	if r.Norm == "nuclear" {
		soften(values, excess(values, kernel.Sum(values), radius))
		return
	}
	for i, v := range values {
		values[i] = min(v, radius)
	}
}

// nearest projects y on the spans.
func (r *project[T]) nearest(y []T, g []span, radius float64) {
	switch r.Norm {
	case "l2":
		if l := norm(y, g); l > radius {
			for _, p := range g {
				multiply(y[p.lo:p.hi], radius/l)
			}
		}
	case "linf":
		most := T(radius)
		for _, p := range g {
			clamp(y[p.lo:p.hi], -most, most)
		}
	case "l1":
		r.sizes = r.sizes[:0]
		sum := 0.0
		for _, p := range g {
			for _, v := range y[p.lo:p.hi] {
				r.sizes = append(r.sizes, math.Abs(float64(v)))
				sum += math.Abs(float64(v))
			}
		}
		if !(sum <= radius) {
			slices.SortFunc(r.sizes, descending)
		}
		s := excess(r.sizes, sum, radius)
		for _, p := range g {
			soften(y[p.lo:p.hi], s)
		}
	}
}

func descending(a, b float64) int {
	switch {
	case a > b:
		return -1
	case a < b:
		return 1
	}
	return 0
}

// excess is what must be taken from every one of the sizes, which descend and have the
// given sum, as far as it has that much, so that they sum to radius; 0 if they do not
// sum to more. It is not a number if the sum is not.
func excess(sizes []float64, sum, radius float64) float64 {
	if sum <= radius {
		return 0
	}
	s, head := math.NaN(), 0.0
	for i, v := range sizes {
		head += v
		next := (head - radius) / float64(i+1)
		if v <= next {
			break
		}
		s = next
	}
	return s
}

// soften takes s from every absolute value, down to zero.
func soften[T problem.Float](v []T, s float64) {
	var room [256]T
	for len(v) > 0 {
		now := v[:min(len(v), len(room))]
		most := room[:copy(room[:], now)]
		clamp(most, -T(s), T(s))
		kernel.Sub(now, now, most)
		v = v[len(now):]
	}
}

func (r *project[T]) Memory() []any  { return nil }
func (r *project[T]) Flops() float64 { return r.flops }
