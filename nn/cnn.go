package nn

import (
	"fmt"

	"basin/graph"
)

var cnnEntry = Entry{
	Name: "cnn", Help: "convolutions with an activation, pooling, a dense hidden layer and a dense head",
	Equations: "h_0 = x\nh_i = pool(act(norm(conv(h_(i-1), K_i) + b_i)))\nu = act(V h + c)\nz = W u + b",
	Source:    "LeCun et al. 1998",
	Notes: []string{
		"Windows are surrounded by (kernel-1)/2 zeros on each side, so that odd ones keep the size of the picture. Pooling is over 2 x 2 pixels, two apart.",
		"Pictures become rows in the order height, width, channels; PyTorch's Flatten has channels first, so columns of hidden.weight change places.",
		"Blocks: conv1.weight (out, in, kernel, kernel), conv1.bias, ..., hidden.weight, hidden.bias, head.weight, head.bias. A convolution that is normalised has conv1.norm.weight and conv1.norm.bias in place of conv1.bias. The hidden layer that probes see is u.",
	},
	Example: "--model 'cnn(16, 32, pool_every=1)'",
	New:     func() Architecture { return new(cnn) },
}

type cnn struct {
	Widths    []int   `arg:"widths,variadic" default:"[32, 64]" valid:"[1,inf)" help:"channels of each convolution"`
	Kernel    int     `arg:"kernel" default:"3" valid:"[1,inf)" help:"pixels of a window's side"`
	Pool      string  `arg:"pool" default:"max" choices:"max|avg|none" help:"what is taken of 2 x 2 pixels"`
	PoolEvery int     `arg:"pool_every" default:"0" valid:"[0,inf)" help:"pool after every so many convolutions, 0 for after the last alone"`
	Hidden    int     `arg:"hidden" default:"128" valid:"[0,inf)" help:"units of the dense hidden layer, 0 for none"`
	Act       string  `arg:"act" default:"relu" choices:"relu|tanh|gelu|gelu_tanh|sigmoid|silu|softplus|leaky_relu|elu|sin|quadratic|identity" help:"activation of convolutions and hidden layer"`
	Norm      string  `arg:"norm" default:"none" choices:"none|batch|group|layer" help:"normalisation after each convolution"`
	Groups    int     `arg:"groups" default:"8" valid:"[1,inf)" help:"groups of channels for norm=group"`
	Init      string  `arg:"init" default:"he_normal" choices:"zeros|he_normal|he_uniform|glorot_normal|glorot_uniform|lecun_normal|lecun_uniform|truncated_normal|orthogonal" help:"distribution of initial weights"`
	Scale     float64 `arg:"scale" default:"1" valid:"[0,inf)" help:"factor on the initial weights"`
	Dropout   float64 `arg:"dropout" default:"0" valid:"[0,1)" help:"share of what the head takes left out in each step"`
}

func (m *cnn) Build(b *Builder, x *graph.Node) *graph.Node {
	init := Scaled(m.Init, m.Scale)
	x = b.Picture(x)
	for i, width := range m.Widths {
		name := fmt.Sprintf("conv%d", i+1)
		z := b.Conv(name, x, width, m.Kernel, 1, init, m.Norm == "none")
		x = activate(b.Graph, m.Act, b.Norm(m.Norm, name+".norm", z, m.Groups))
		last := i == len(m.Widths)-1
		if m.PoolEvery == 0 && last || m.PoolEvery > 0 && (i+1)%m.PoolEvery == 0 {
			b.Graph.Scope(name + ".pool")
			x = m.pooled(b, x)
		}
	}
	x = b.flat(x)
	if m.Hidden > 0 {
		x = activate(b.Graph, m.Act, b.Dense("hidden", x, m.Hidden, init, true))
		b.Hidden("hidden", x)
	}
	return b.Dense("head", b.Dropout("hidden", x, m.Dropout), b.Outputs, init, true)
}

func (m *cnn) pooled(b *Builder, x *graph.Node) *graph.Node {
	switch m.Pool {
	case "max":
		return b.Graph.MaxPool(x, 2, 2, 0)
	case "avg":
		return b.Graph.AvgPool(x, 2, 2, 0)
	}
	return x
}
