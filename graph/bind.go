package graph

// bindScalars gives outputs of one number memory of the plan's own.
func (p *Plan[T]) bindScalars() {
	p.outputs = make([][]T, len(p.program.outputs))
	p.totals = make([]int, len(p.outputs))
	for k, n := range p.program.outputs {
		p.totals[k] = -1
		if n.shape.Len() != 1 {
			continue
		}
		p.outputs[k] = make([]T, 1)
		for i := range p.steps {
			if s := &p.steps[i]; s.n == n.root() && s.n.op == opSum {
				p.totals[k] = i
			}
		}
	}
}

// Bind sets the data of an input, a node of the graph that the plan was compiled
// from. The data are read by each Run, where they lie.
func (p *Plan[T]) Bind(input *Node, data []T) {
	if input.op != opInput || len(data) != input.shape.Len() {
		panic("graph: Bind of data that do not fit the input")
	}
	p.inputs[input.attr.slot] = data
}

// BindLabels sets the data of an input made by Graph.Labels.
func (p *Plan[T]) BindLabels(input *Node, labels []int) {
	if input.op != opLabels || len(labels) != input.shape.Len() {
		panic("graph: BindLabels of data that do not fit the input")
	}
	p.labels[input.attr.slot] = labels
}

// BindOutput sets where output k, counted in the order given to Compile, is
// written. Its memory must not overlap that of an input or another output. Outputs
// of one number need none.
func (p *Plan[T]) BindOutput(k int, dst []T) {
	if len(dst) != p.program.outputs[k].shape.Len() {
		panic("graph: BindOutput to memory of another length")
	}
	p.outputs[k] = dst
}

// Scalar gives output k, of one number, as of the last Run. A sum over all elements
// comes in the double precision in which it was added up.
func (p *Plan[T]) Scalar(k int) float64 {
	if i := p.totals[k]; i >= 0 {
		return p.steps[i].total
	}
	return float64(p.outputs[k][0])
}
