package nn

import (
	"basin/graph"
	"basin/problem"
)

var diagonalLinearEntry = Entry{
	Name: "diagonal_linear", Help: "a linear function whose weights are differences of powers",
	Equations: "beta = u^depth - v^depth, element by element\nz = <beta, x>, from u = v = scale",
	Source:    "Woodworth et al. 2020, arXiv 2002.09277",
	Notes: []string{
		"beta is zero at the start, whatever the scale. With depth 2 and more a small scale favours a beta of small l1 norm, a large one of small l2 norm.",
		"Blocks: u.weight and v.weight. There is one output.",
	},
	Example: "--task linear_regression --model 'diagonal_linear(scale=0.01)'",
	New:     func() Architecture { return new(diagonalLinear) },
}

type diagonalLinear struct {
	Depth int     `arg:"depth" default:"2" valid:"[1,100]" help:"the power"`
	Scale float64 `arg:"scale" default:"0.1" valid:"[0,inf)" help:"every u and v at the start"`
}

func (*diagonalLinear) isLinear() bool { return true }

func (m *diagonalLinear) Build(b *Builder, x *graph.Node) *graph.Node {
	x = b.Numbers(x)
	b.SingleOutput()
	b.Graph.Scope("beta")
	n := lastAxis(x)
	u := b.Param("u.weight", problem.Weight, constant(m.Scale), n)
	v := b.Param("v.weight", problem.Weight, constant(m.Scale), n)
	beta := b.Graph.Sub(power(b.Graph, u, m.Depth), power(b.Graph, v, m.Depth))
	return b.Graph.MatMul(x, b.Graph.Reshape(beta, n, 1), false, false)
}

// power is x^n for n of at least 1.
func power(g *graph.Graph, x *graph.Node, n int) *graph.Node {
	switch {
	case n == 1:
		return x
	case n%2 == 0:
		return g.Square(power(g, x, n/2))
	}
	return g.Mul(x, power(g, x, n-1))
}
