package nn

import (
	"fmt"

	"basin/graph"
)

var homogeneousEntry = Entry{
	Name: "homogeneous", Help: "a network without biases whose outputs are homogeneous in its parameters",
	Equations: "h_0 = x\nh_i = max(W_i h_(i-1), 0)^power\nz = W h\nf(c theta) = c^D f(theta) for c > 0, D = 1 + power + ... + power^L with L hidden layers",
	Source:    "Lyu and Li 2020, arXiv 1906.05890",
	Notes:     []string{"Blocks: layer1.weight, ..., head.weight; the hidden layers are h_i, layer1 and so on."},
	Example:   "--model 'homogeneous(64, power=2)'",
	New:       func() Architecture { return new(homogeneous) },
}

type homogeneous struct {
	Widths []int   `arg:"widths,variadic" default:"[128]" valid:"[1,inf)" help:"units of each hidden layer"`
	Power  int     `arg:"power" default:"1" valid:"[1,16]" help:"power of the rectified sum; the degree D of homogeneity is L+1 for power 1"`
	Init   string  `arg:"init" default:"he_normal" choices:"he_normal|he_uniform|glorot_normal|glorot_uniform|lecun_normal|lecun_uniform|truncated_normal|orthogonal" help:"distribution of initial weights"`
	Scale  float64 `arg:"scale" default:"1" valid:"[0,inf)" help:"factor on the initial weights"`
}

func (m *homogeneous) Build(b *Builder, x *graph.Node) *graph.Node {
	init := Scaled(m.Init, m.Scale)
	x = b.Numbers(x)
	for i, width := range m.Widths {
		name := fmt.Sprintf("layer%d", i+1)
		x = power(b.Graph, b.Graph.ReLU(b.Dense(name, x, width, init, false)), m.Power)
		b.Hidden(name, x)
	}
	return b.Dense("head", x, b.Outputs, init, false)
}
