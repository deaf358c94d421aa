package nn

import (
	"fmt"

	"basin/graph"
	"basin/problem"
)

// A Net is a model with its input and outputs fixed, for any number of examples.
type Net struct {
	model     Model
	input     Input
	outputs   int
	head      head
	positions int
	layout    *problem.Layout
	inits     []Initializer
	hidden    []problem.Activation
	state     *problem.Layout // nil where evaluation needs none
}

// maxParams keeps a slip in a width from asking for all memory. A training keeps
// about valuesKept values of four bytes for each parameter (the point, its start, the
// gradient, an optimizer's memory, solutions kept), 4 GiB at the most allowed.
const (
	maxParams  = 1 << 27
	valuesKept = 8
)

// NewNet makes the network of a model on examples of the given kind, with so many
// outputs per prediction: classes, or the size of a vocabulary. Errors name the
// layer.
func NewNet(m Model, in Input, outputs int) (*Net, error) {
	n := &Net{model: m, input: in, outputs: outputs}
	b, x := n.builder(1, evaluation)
	z := m.arch.Build(b, x)
	if b.wants != "" {
		return nil, fmt.Errorf("model %v wants %s, the task gives %v", m, b.wants, in)
	}
	if b.fault != "" {
		return nil, fmt.Errorf("model %v: %s", m, b.fault)
	}
	if err := b.Graph.Err(); err != nil {
		return nil, fmt.Errorf("model %v on %v with %d outputs: %w", m, in, outputs, err)
	}
	s := z.Shape()
	if len(s) != 2 || s[0] != 1 && (in.Tokens == 0 || s[0] != in.Len()) || s[1] != outputs {
		return nil, fmt.Errorf("model %v: outputs of one example have shape %v, want (1,%d)", m, s, outputs)
	}
	n.positions = s[0]
	names := map[string]bool{}
	var size float64
	for _, block := range b.blocks {
		count := 1.0
		for _, d := range block.Shape {
			count *= float64(d)
		}
		size += count
		if names[block.Name] {
			return nil, fmt.Errorf("model %v: two blocks named %s", m, block.Name)
		}
		names[block.Name] = true
	}
	if size > maxParams {
		return nil, fmt.Errorf("model %v on %v with %d outputs has %.3g parameters, whose training takes some %.3g GiB; the most is %d parameters",
			m, in, outputs, size, size*valuesKept*4/(1<<30), maxParams)
	}
	n.layout = problem.NewLayout(b.blocks...)
	n.inits = b.inits
	if len(b.state) > 0 {
		n.state = problem.NewLayout(b.state...)
	}
	for _, h := range b.hidden {
		n.hidden = append(n.hidden, problem.Activation{Name: h.name, Width: h.node.Shape().Len() / n.positions})
	}
	return n, nil
}

// A head is part i of n equal parts of what a model gives; n is 0 for the whole.
type head struct{ i, n int }

// Head is the network with part i of n equal parts of its outputs for all that it gives:
// the others have no part in its loss. Parameters, layout and start are the same.
func (n *Net) Head(i, of int) *Net {
	if n.head.n != 0 || i < 0 || i >= of || n.outputs%of != 0 {
		panic("nn: a head that is no equal part of a network's outputs")
	}
	h := *n
	h.outputs, h.head = n.outputs/of, head{i, of}
	return &h
}

// cut takes the head's outputs out of z, rows x those of the model.
func (h head) cut(g *graph.Graph, z *graph.Node) *graph.Node {
	if h.n == 0 {
		return z
	}
	rows, width := z.Shape()[0], z.Shape()[1]
	return g.Reshape(g.Part(g.Reshape(z, rows, 1, width), h.i, h.n), rows, width/h.n)
}

// builder begins the network's graph for so many examples, with their input.
func (n *Net) builder(rows int, m mode) (*Builder, *graph.Node) {
	g := graph.New()
	b := &Builder{Graph: g, Input: n.input, Outputs: n.outputs * max(1, n.head.n), Rows: rows, Training: m != evaluation, mode: m}
	if n.input.Tokens > 0 {
		return b, g.Labels("input", rows*n.input.Len())
	}
	return b, g.Input("input", append([]int{rows}, n.input.Shape...)...)
}

// Layout is that of the parameters: blocks in the order in which the model adds
// them, for most from the input to the head.
func (n *Net) Layout() *problem.Layout { return n.layout }

// Input says what the network takes.
func (n *Net) Input() Input { return n.input }

// Outputs is how many the network has per prediction.
func (n *Net) Outputs() int { return n.outputs }

// Positions is how many predictions the network makes per example: one, or one for
// each token.
func (n *Net) Positions() int { return n.positions }

// Stateful tells whether evaluation needs a state beside the parameters.
func (n *Net) Stateful() bool { return n.state != nil }

// Units lists the hidden units that can be renumbered, in the order of the blocks.
func (n *Net) Units() []problem.UnitGroup {
	b, x := n.builder(1, evaluation)
	z := n.head.cut(b.Graph, n.model.arch.Build(b, x))
	return b.Graph.Units([]*graph.Node{x, z}, b.params...)
}
