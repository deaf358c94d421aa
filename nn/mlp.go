package nn

import (
	"fmt"

	"basin/graph"
)

var mlpEntry = Entry{
	Name: "mlp", Help: "dense hidden layers with an activation, and a dense head",
	Equations: "h_0 = x\nh_i = act(norm(W_i h_(i-1) + b_i))\nz = W h + b",
	Notes: []string{
		"Blocks: layer1.weight, layer1.bias, ..., head.weight, head.bias; the hidden layers are h_i, layer1 and so on.",
		"A layer that is normalised has layer1.norm.weight and layer1.norm.bias, a gain and a shift, in place of layer1.bias.",
	},
	Example: "--model 'mlp(128, 64)'",
	New:     func() Architecture { return new(mlp) },
}

type mlp struct {
	Widths  []int   `arg:"widths,variadic" default:"[128, 64]" valid:"[1,inf)" help:"units of each hidden layer"`
	Act     string  `arg:"act" default:"relu" choices:"relu|tanh|gelu|gelu_tanh|sigmoid|silu|softplus|leaky_relu|elu|sin|quadratic|identity" help:"activation of hidden layers"`
	Init    string  `arg:"init" default:"he_normal" choices:"zeros|he_normal|he_uniform|glorot_normal|glorot_uniform|lecun_normal|lecun_uniform|truncated_normal|orthogonal" help:"distribution of initial weights"`
	Bias    bool    `arg:"bias" default:"true" help:"add biases, zero at the start"`
	Scale   float64 `arg:"scale" default:"1" valid:"[0,inf)" help:"factor on the initial weights"`
	Norm    string  `arg:"norm" default:"none" choices:"none|batch|layer|rms" help:"normalisation before each activation"`
	Dropout float64 `arg:"dropout" default:"0" valid:"[0,1)" help:"share of hidden units left out in each step"`
}

func (m *mlp) Build(b *Builder, x *graph.Node) *graph.Node {
	init := Scaled(m.Init, m.Scale)
	x = b.Numbers(x)
	for i, width := range m.Widths {
		name := fmt.Sprintf("layer%d", i+1)
		z := b.Dense(name, x, width, init, m.Bias && m.Norm == "none")
		x = activate(b.Graph, m.Act, b.Norm(m.Norm, name+".norm", z, 1))
		b.Hidden(name, x)
		x = b.Dropout(name, x, m.Dropout)
	}
	return b.Dense("head", x, b.Outputs, init, m.Bias)
}
