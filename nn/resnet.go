package nn

import (
	"fmt"

	"basin/graph"
)

var resnetEntry = Entry{
	Name: "resnet", Help: "a residual network of three stages for small pictures",
	Equations: "h = act(norm(conv(x)))\nh = act(norm(conv(act(norm(conv(h))))) + shortcut(h)), (depth-2)/6 times in each stage\nz = W mean(h) + b",
	Source:    "He et al. 2016, arXiv 1512.03385, section 4.2",
	Notes: []string{
		"Windows have 3 x 3 pixels. Stages two and three begin with a stride of 2 and have twice the channels of the one before; where a block changes the size, its shortcut is a convolution of 1 x 1 pixels, normalised too. The last pictures are averaged over their pixels.",
		"Convolutions have biases only with norm=none. Without normalisation the size of h doubles from block to block; zero_init=true then lets training begin (Zhang et al. 2019, arXiv 1901.09321).",
		"Blocks: stem, stage1.block1.conv1, stage1.block1.conv2, ..., stage2.block1.shortcut, each with .weight (out, in, 3, 3), .norm.weight and .norm.bias, and head.weight, head.bias. The hidden layer that probes see is mean(h), features.",
	},
	Example: "--model 'resnet(depth=8)' --probes loss,accuracy",
	New:     func() Architecture { return new(resnet) },
}

type resnet struct {
	Depth    int     `arg:"depth" default:"20" valid:"[8,1202]" help:"layers with weights along the longest path: 8, 14, 20, ..., 6n+2"`
	Width    int     `arg:"width" default:"16" valid:"[1,inf)" help:"channels of the first stage"`
	Norm     string  `arg:"norm" default:"batch" choices:"batch|group|layer|none" help:"normalisation after each convolution"`
	Groups   int     `arg:"groups" default:"8" valid:"[1,inf)" help:"groups of channels for norm=group"`
	Act      string  `arg:"act" default:"relu" choices:"relu|tanh|gelu|gelu_tanh|sigmoid|silu|softplus|leaky_relu|elu|identity" help:"activation"`
	ZeroInit bool    `arg:"zero_init" default:"false" help:"start with residuals of zero: by the gain of a block's last normalisation or, without, its last weights (Goyal et al. 2017)"`
	Init     string  `arg:"init" default:"he_normal" choices:"he_normal|he_uniform|glorot_normal|glorot_uniform|lecun_normal|lecun_uniform|truncated_normal|orthogonal" help:"distribution of initial weights"`
	Scale    float64 `arg:"scale" default:"1" valid:"[0,inf)" help:"factor on the initial weights"`
}

func (m *resnet) Build(b *Builder, x *graph.Node) *graph.Node {
	if m.Depth%6 != 2 {
		b.Fail("depth", "%d is not of the form 6n+2, such as 8, 14, 20, 32, 44, 56", m.Depth)
	}
	x = m.act(b, m.conv(b, "stem", b.Picture(x), m.Width, 3, 1, false))
	for stage := range 3 {
		for block := range (m.Depth - 2) / 6 {
			stride := 1
			if stage > 0 && block == 0 {
				stride = 2
			}
			x = m.block(b, fmt.Sprintf("stage%d.block%d", stage+1, block+1), x, m.Width<<stage, stride)
		}
	}
	b.Graph.Scope("features")
	x = b.Graph.Mean(x, 1, 2)
	b.Hidden("features", x)
	return b.Dense("head", x, b.Outputs, Scaled(m.Init, m.Scale), true)
}

// block adds two convolutions of x to x or, where these change its shape, to a
// convolution of single pixels.
func (m *resnet) block(b *Builder, name string, x *graph.Node, width, stride int) *graph.Node {
	z := m.act(b, m.conv(b, name+".conv1", x, width, 3, stride, false))
	z = m.conv(b, name+".conv2", z, width, 3, 1, m.ZeroInit)
	if stride != 1 || lastAxis(x) != width {
		x = m.conv(b, name+".shortcut", x, width, 1, stride, false)
	}
	b.Graph.Scope(name)
	return m.act(b, b.Graph.Add(z, x))
}

// conv is a convolution, normalised.
func (m *resnet) conv(b *Builder, name string, x *graph.Node, width, size, stride int, zero bool) *graph.Node {
	init, gain := Scaled(m.Init, m.Scale), ones
	switch {
	case zero && m.Norm == "none":
		init = zeros
	case zero:
		gain = zeros
	}
	z := b.Conv(name, x, width, size, stride, init, m.Norm == "none")
	return b.normalize(m.Norm, name+".norm", z, m.Groups, gain)
}

func (m *resnet) act(b *Builder, x *graph.Node) *graph.Node { return activate(b.Graph, m.Act, x) }
