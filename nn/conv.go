package nn

import (
	"basin/graph"
	"basin/problem"
)

// Conv convolves pictures x with windows of size x size pixels, stride apart, zeros
// around them so that a stride of 1 leaves odd windows the size of the picture as it
// is. Its blocks are name.weight, (channels, channels of x, size, size), and
// name.bias, which starts at zero.
func (b *Builder) Conv(name string, x *graph.Node, channels, size, stride int, init Initializer, bias bool) *graph.Node {
	g := b.Graph
	g.Scope(name)
	w := b.Param(name+".weight", problem.Weight, init, channels, lastAxis(x), size, size)
	z := g.Conv2D(x, g.Transpose(w, 2, 3, 1, 0), graph.Conv{Stride: stride, Pad: (size - 1) / 2})
	if bias {
		z = g.Add(z, b.Param(name+".bias", problem.Bias, zeros, channels))
	}
	return z
}

// flat is pictures as one row for each example: height, width, channels.
func (b *Builder) flat(x *graph.Node) *graph.Node {
	return b.Graph.Reshape(x, b.Rows, x.Shape().Len()/b.Rows)
}
