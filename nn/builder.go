package nn

import (
	"basin/graph"
	"basin/problem"
)

// A Builder is the graph of a network while its model writes it. Wrong shapes are
// reported by NewNet with the name of the layer; the model need not look.
type Builder struct {
	Graph           *graph.Graph
	Inputs, Outputs int // per example

	blocks []problem.Block
	inits  []Initializer
	params []*graph.Node
	hidden []layer
}

// A layer is a hidden layer's name and activations.
type layer struct {
	name string
	node *graph.Node
}

// Param adds a block to the parameters. Blocks lie in the flat vector in the order
// in which they are added.
func (b *Builder) Param(name string, role problem.Role, init Initializer, shape ...int) *graph.Node {
	n := b.Graph.Input(name, shape...)
	b.blocks = append(b.blocks, problem.Block{Name: name, Role: role, Shape: shape})
	b.inits = append(b.inits, init)
	b.params = append(b.params, n)
	return n
}

// Dense is x W' + b, with blocks name.weight, (width, inputs), and name.bias, which
// starts at zero.
func (b *Builder) Dense(name string, x *graph.Node, width int, init Initializer, bias bool) *graph.Node {
	b.Graph.Scope(name)
	w := b.Param(name+".weight", problem.Weight, init, width, lastAxis(x))
	z := b.Graph.MatMul(x, w, false, true)
	if bias {
		z = b.Graph.Add(z, b.Param(name+".bias", problem.Bias, zeros, width))
	}
	return z
}

// Hidden declares activations, examples x width, as those of a hidden layer.
func (b *Builder) Hidden(name string, n *graph.Node) {
	b.hidden = append(b.hidden, layer{name, n})
}

// lastAxis is the length of the last axis; 1 where an earlier error has left none.
func lastAxis(n *graph.Node) int {
	if s := n.Shape(); len(s) > 0 {
		return s[len(s)-1]
	}
	return 1
}
