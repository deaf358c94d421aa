package nn

import "basin/graph"

var linearEntry = Entry{
	Name: "linear", Help: "one dense layer from inputs to outputs",
	Equations: "z = W x + b",
	Notes:     []string{"Blocks: head.weight, head.bias."},
	Example:   "--model linear",
	New:       func() Architecture { return new(linear) },
}

type linear struct {
	Bias  bool    `arg:"bias" default:"true" help:"add a bias"`
	Init  string  `arg:"init" default:"zeros" choices:"zeros|he_normal|he_uniform|glorot_normal|glorot_uniform|lecun_normal|lecun_uniform|truncated_normal|orthogonal" help:"distribution of initial weights"`
	Scale float64 `arg:"scale" default:"1" valid:"[0,inf)" help:"factor on the initial weights"`
}

func (m *linear) isLinear() bool { return !m.Bias }

func (m *linear) Build(b *Builder, x *graph.Node) *graph.Node {
	return b.Dense("head", b.Numbers(x), b.Outputs, Scaled(m.Init, m.Scale), m.Bias)
}
