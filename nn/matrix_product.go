package nn

import (
	"fmt"
	"math"

	"basin/graph"
	"basin/problem"
)

var matrixProductEntry = Entry{
	Name: "matrix_product", Help: "a square matrix as a product of matrices: completion and sensing",
	Equations: "W = W_depth ... W_2 W_1\nz = W[i,j] for the tokens (i, j); z = sum_ij A_ij W_ij for numbers A",
	Source:    "Gunasekar et al. 2017, arXiv 1705.09280; Arora et al. 2019, arXiv 1905.13655",
	Notes: []string{
		"From a small start gradient descent favours a W of low rank, the more so the deeper the product.",
		"Blocks: factor1.weight (width, n), factor2.weight (width, width), ..., the last (n, width). There is one output.",
	},
	Example: "--task matrix_completion --model 'matrix_product(depth=3)'",
	New:     func() Architecture { return new(matrixProduct) },
}

type matrixProduct struct {
	Depth int     `arg:"depth" default:"2" valid:"[1,100]" help:"number of factors"`
	Width int     `arg:"width" default:"0" valid:"[0,inf)" help:"the most that the rank of W can be, 0 for no limit"`
	Init  string  `arg:"init" default:"lecun_normal" choices:"lecun_normal|lecun_uniform|glorot_normal|truncated_normal|orthogonal|identity" help:"distribution of the initial factors"`
	Scale float64 `arg:"scale" default:"1e-3" valid:"[0,inf)" help:"factor on the initial W, shared out evenly among the factors"`
}

func (m *matrixProduct) Build(b *Builder, x *graph.Node) *graph.Node {
	g, shape := b.Graph, b.Input.Shape
	b.SingleOutput()
	if b.Input.Tokens > 0 && b.Input.Len() == 2 {
		n := b.Input.Tokens
		// Row i of W and the unit vector j, of each example beside one another.
		pairs := func(rows *graph.Node) *graph.Node { return g.Reshape(rows, b.Rows, 1, 2*n) }
		w := g.Part(pairs(g.Embed(m.product(b, n), x)), 0, 2)
		unit := g.Part(pairs(g.Scatter(g.Broadcast(g.Const(1), 2*b.Rows), x, n)), 1, 2)
		return g.Sum(g.Mul(w, unit), 2)
	}
	if b.Input.Tokens > 0 || len(shape) != 2 || shape[0] != shape[1] {
		return b.refuse("pairs of tokens (row, column) or square matrices", 1)
	}
	w := g.Reshape(m.product(b, shape[0]), b.Input.Len(), 1)
	return g.MatMul(b.Numbers(x), w, false, false)
}

// product is W, n x n.
func (m *matrixProduct) product(b *Builder, n int) *graph.Node {
	width := m.Width
	if width == 0 {
		width = n
	}
	init := Scaled(m.Init, math.Pow(m.Scale, 1/float64(m.Depth)))
	var w *graph.Node
	for i := range m.Depth {
		rows, cols := width, width
		if i == 0 {
			cols = n
		}
		if i == m.Depth-1 {
			rows = n
		}
		name := fmt.Sprintf("factor%d", i+1)
		b.Graph.Scope(name)
		factor := b.Param(name+".weight", problem.Weight, init, rows, cols)
		if w == nil {
			w = factor
		} else {
			w = b.Graph.MatMul(factor, w, false, false)
		}
	}
	return w
}
