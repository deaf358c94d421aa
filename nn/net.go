package nn

import (
	"fmt"

	"basin/graph"
	"basin/problem"
)

// A Net is a model with its input and output widths fixed, for any number of
// examples.
type Net struct {
	model           Model
	inputs, outputs int
	layout          *problem.Layout
	inits           []Initializer
	hidden          []problem.Activation
}

// maxParams keeps a slip in a width from asking for all memory. A training keeps
// about valuesKept values of four bytes for each parameter (the point, its start, the
// gradient, an optimizer's memory, solutions kept), 4 GiB at the most allowed.
const (
	maxParams  = 1 << 27
	valuesKept = 8
)

// NewNet makes the network of a model. Errors name the layer.
func NewNet(m Model, inputs, outputs int) (*Net, error) {
	n := &Net{model: m, inputs: inputs, outputs: outputs}
	b, x := n.builder(1)
	z := m.arch.Build(b, x)
	if err := b.Graph.Err(); err != nil {
		return nil, fmt.Errorf("model %v with %d inputs and %d outputs: %w", m, inputs, outputs, err)
	}
	if s := z.Shape(); len(s) != 2 || s[0] != 1 || s[1] != outputs {
		return nil, fmt.Errorf("model %v: outputs of one example have shape %v, want (1,%d)", m, s, outputs)
	}
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
		return nil, fmt.Errorf("model %v with %d inputs and %d outputs has %.3g parameters, whose training takes some %.3g GiB; the most is %d parameters",
			m, inputs, outputs, size, size*valuesKept*4/(1<<30), maxParams)
	}
	n.layout = problem.NewLayout(b.blocks...)
	n.inits = b.inits
	for _, h := range b.hidden {
		n.hidden = append(n.hidden, problem.Activation{Name: h.name, Width: h.node.Shape().Len()})
	}
	return n, nil
}

func (n *Net) builder(rows int) (*Builder, *graph.Node) {
	g := graph.New()
	return &Builder{Graph: g, Inputs: n.inputs, Outputs: n.outputs}, g.Input("input", rows, n.inputs)
}

// Layout is that of the parameters: blocks in the order in which the model adds
// them, for most from the input to the head.
func (n *Net) Layout() *problem.Layout { return n.layout }

// Size gives the numbers of inputs and outputs per example.
func (n *Net) Size() (inputs, outputs int) { return n.inputs, n.outputs }
