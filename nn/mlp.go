package nn

import (
	"fmt"

	"basin/graph"
)

// mlp is h_i = act(h_{i-1} W_i' + b_i) with h_0 = x, then z = h W' + b. Its blocks
// are layer1.weight, layer1.bias, ..., head.weight, head.bias; its hidden layers
// are h_i, layer1 and so on.
type mlp struct {
	Widths []int   `arg:"widths,variadic" default:"[128, 64]" valid:"[1,inf)" help:"units of each hidden layer"`
	Act    string  `arg:"act" default:"relu" choices:"relu|tanh|gelu|gelu_tanh|sigmoid|identity" help:"activation of hidden layers"`
	Init   string  `arg:"init" default:"he_normal" choices:"zeros|he_normal|he_uniform|glorot_normal|glorot_uniform|lecun_normal|truncated_normal|orthogonal" help:"distribution of initial weights"`
	Bias   bool    `arg:"bias" default:"true" help:"add biases, zero at the start"`
	Scale  float64 `arg:"scale" default:"1" valid:"[0,inf)" help:"factor on the initial weights"`
}

func (m *mlp) Build(b *Builder, x *graph.Node) *graph.Node {
	init := Scaled(m.Init, m.Scale)
	x = b.Numbers(x)
	for i, width := range m.Widths {
		name := fmt.Sprintf("layer%d", i+1)
		x = activate(b.Graph, m.Act, b.Dense(name, x, width, init, m.Bias))
		b.Hidden(name, x)
	}
	return b.Dense("head", x, b.Outputs, init, m.Bias)
}

func activate(g *graph.Graph, act string, x *graph.Node) *graph.Node {
	switch act {
	case "relu":
		return g.ReLU(x)
	case "tanh":
		return g.Tanh(x)
	case "gelu":
		return g.GELU(x)
	case "gelu_tanh":
		return g.GELUTanh(x)
	case "sigmoid":
		return g.Sigmoid(x)
	case "identity":
		return x
	}
	panic("nn: unknown activation")
}
