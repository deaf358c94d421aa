package optim

import (
	"basin/kernel"
	"basin/problem"
)

var centralizeDoc = Doc{
	Name:      "centralize",
	Family:    "transform",
	Summary:   "Gradient centralisation: the gradient of every unit's incoming weights loses its mean.",
	Equations: `g_i = g_i - mean(g_i)        for each row g_i of a weight, all dimensions but the first together`,
	Source:    "Yong, Huang, Hua & Zhang 2020, Gradient centralization: a new optimization technique for deep neural networks, arXiv 2004.01461, Equation 1",
	Notes: []string{
		"Acts on weights of two or more dimensions, as the authors' code; other blocks pass unchanged. It goes before the rule; decay that a rule adds to the gradient is not centralised.",
		"Without decay the sum of a unit's incoming weights stays what it was at the start.",
	},
	Blocks:    "weights of two or more dimensions",
	EndsAt:    "the minimum among networks whose units keep the sum of their weights",
	Memory:    "none",
	Gradients: 1,
	Example:   "centralize | sgd(lr=0.1)",
}

type centralizeSettings struct{}

type centralize[T problem.Float] struct{ blocks []problem.Block }

func newCentralize[T problem.Float](_ *centralizeSettings, c *Context[T]) (part[T], error) {
	r := &centralize[T]{}
	for _, b := range c.Blocks {
		if isMatrix(b) {
			r.blocks = append(r.blocks, b)
		}
	}
	return r, nil
}

func (r *centralize[T]) Step(s *Step[T]) {
	for _, b := range r.blocks {
		d := problem.View(s.D, b)
		_, cols, _ := b.Matrix()
		for i := 0; i < len(d); i += cols {
			row := d[i:][:cols]
			kernel.Sub(row, row, []T{T(kernel.Sum(row) / float64(cols))})
		}
	}
}

func (r *centralize[T]) Memory() []any { return nil }

func (r *centralize[T]) Flops() float64 {
	sum := 0.0
	for _, b := range r.blocks {
		sum += 2 * float64(b.Len())
	}
	return sum
}
