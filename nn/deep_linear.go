package nn

import (
	"fmt"

	"basin/graph"
)

var deepLinearEntry = Entry{
	Name: "deep_linear", Help: "a product of weight matrices: a linear function, trained as a deep network",
	Equations: "z = W_L ... W_2 W_1 x",
	Source:    "Saxe et al. 2014, arXiv 1312.6120",
	Notes:     []string{"Blocks: layer1.weight, ..., head.weight; the hidden layers are layer1 and so on. There are no biases: outputs are homogeneous of degree L."},
	Example:   "--model 'deep_linear(64, 64)'",
	New:       func() Architecture { return new(deepLinear) },
}

type deepLinear struct {
	Widths []int   `arg:"widths,variadic" default:"[64, 64]" valid:"[1,inf)" help:"units of each hidden layer"`
	Init   string  `arg:"init" default:"lecun_normal" choices:"he_normal|he_uniform|glorot_normal|glorot_uniform|lecun_normal|lecun_uniform|truncated_normal|orthogonal|identity" help:"distribution of initial weights"`
	Scale  float64 `arg:"scale" default:"1" valid:"[0,inf)" help:"factor on the initial weights of each layer"`
}

func (*deepLinear) isLinear() bool { return true }

func (m *deepLinear) Build(b *Builder, x *graph.Node) *graph.Node {
	init := Scaled(m.Init, m.Scale)
	x = b.Numbers(x)
	for i, width := range m.Widths {
		name := fmt.Sprintf("layer%d", i+1)
		x = b.Dense(name, x, width, init, false)
		b.Hidden(name, x)
	}
	return b.Dense("head", x, b.Outputs, init, false)
}
