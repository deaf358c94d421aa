package nn

import (
	"fmt"

	"basin/graph"
	"basin/problem"
)

// A Builder is the graph of a network while its model writes it. Wrong shapes are
// reported by NewNet with the name of the layer; the model need not look.
type Builder struct {
	Graph   *graph.Graph
	Input   Input // of one example
	Outputs int   // per prediction
	Rows    int   // examples
	// Training is set where the network is to be as it is trained: normalised by the
	// statistics of its batch.
	Training bool

	mode   mode
	blocks []problem.Block
	inits  []Initializer
	params []*graph.Node
	hidden []layer
	// Batch normalisation: in evaluation its statistics, else what they are of.
	state      []problem.Block
	statistics []*graph.Node
	normalized []*graph.Node

	wants string // what the model takes, if not Input
	fault string // what else is wrong, with the name of the layer
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

// Numbers is the input x, of numbers, as one row for each example. A model that
// calls it takes no tokens.
func (b *Builder) Numbers(x *graph.Node) *graph.Node {
	switch {
	case b.Input.Tokens > 0:
		return b.refuse("numbers", 1)
	case len(b.Input.Shape) == 1:
		return x
	}
	return b.Graph.Reshape(x, b.Rows, b.Input.Len())
}

// Picture is the input x, examples x height x width x channels. A model that calls
// it takes nothing else.
func (b *Builder) Picture(x *graph.Node) *graph.Node {
	if b.Input.Tokens > 0 || len(b.Input.Shape) != 3 {
		return b.refuse("pictures (height, width, channels)", 1, 1, 1)
	}
	return x
}

// Sequence is the input x, of tokens, one label for each token of each example. A
// model that calls it takes nothing else.
func (b *Builder) Sequence(x *graph.Node) *graph.Node {
	if b.Input.Tokens == 0 {
		b.wants = "tokens"
		return b.Graph.Labels("input", b.Rows)
	}
	return x
}

// SingleOutput says that the model has one output.
func (b *Builder) SingleOutput() {
	if b.Outputs != 1 {
		b.Fail("output", "there is one, the task takes %d", b.Outputs)
	}
}

// refuse says what input the model wants, where it is not the one there is, and
// gives something of the shape wanted to go on with.
func (b *Builder) refuse(wants string, shape ...int) *graph.Node {
	b.wants = wants
	return b.Graph.Input("input", append([]int{b.Rows}, shape...)...)
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

// Fail notes that a layer cannot be built as the model's settings have it.
func (b *Builder) Fail(layer, format string, args ...any) {
	if b.fault == "" {
		b.fault = layer + ": " + fmt.Sprintf(format, args...)
	}
}

// Dropout sets each element to zero with the probability rate while training, and
// divides those that are left by 1-rate (Srivastava et al. 2014).
func (b *Builder) Dropout(name string, x *graph.Node, rate float64) *graph.Node {
	if b.mode != training || rate == 0 {
		return x
	}
	return b.Graph.Mul(x, b.Graph.Noise(name, 1-rate, x.Shape()...))
}

// Hidden declares activations, predictions x width, as those of a hidden layer.
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
