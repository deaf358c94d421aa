package graph

import "unsafe"

// wires lead from the memory of a plan to where its steps look for it, so that a Run
// has nothing to do for what lies where it lay.
type wires[T Float] struct {
	mem     [][]T      // by buffer
	shown   [][]*[]T   // by buffer, where steps look for it
	labels  [][]*[]int // by slot, where steps look for those
	noise   []*uint64  // where they look for its key
	inputs  []int      // by slot, the buffer; -1: none
	outputs []int      // by output
	arena   *T         // where that of the workspace begins
	missing int        // buffers and labels without memory
}

// wire connects the steps, and gives constants and outputs of one number memory of the
// plan's own.
func (p *Plan[T]) wire() {
	buffers, w := p.memory.buffers, &p.wires
	w.mem, w.shown = make([][]T, len(buffers)), make([][]*[]T, len(buffers))
	w.labels = make([][]*[]int, p.program.g.inputs)
	w.inputs, w.outputs = make([]int, p.program.g.inputs), make([]int, len(p.program.outputs))
	for i := range p.steps {
		s := &p.steps[i]
		for k, b := range s.into {
			w.shown[b] = append(w.shown[b], &s.outs[k])
		}
		w.shown[s.into[0]] = append(w.shown[s.into[0]], &s.out)
		for j, b := range s.from {
			if b >= 0 {
				w.shown[b] = append(w.shown[b], &s.args[j])
			}
		}
		if s.desk >= 0 {
			w.shown[s.desk] = append(w.shown[s.desk], &s.room)
		}
		if s.slot >= 0 {
			w.labels[s.slot] = append(w.labels[s.slot], &s.labels)
			w.missing++
		}
		if s.n.op == opNoise {
			w.noise = append(w.noise, &s.noise)
		}
	}
	for i := range w.inputs {
		w.inputs[i] = -1
	}
	for i, b := range buffers {
		if b.len > 0 {
			w.missing++
		}
		switch b.place {
		case inConst:
			w.place(i, []T{T(b.value)})
		case inInput:
			w.inputs[b.at] = i
		case inOutput:
			w.outputs[b.at] = i
			if b.len == 1 {
				w.place(i, make([]T, 1))
			}
		}
	}
	p.sumUp()
}

// sumUp finds the steps whose sums are outputs.
func (p *Plan[T]) sumUp() {
	p.totals = make([]int, len(p.program.outputs))
	for k, n := range p.program.outputs {
		p.totals[k] = -1
		for i := range p.steps {
			if s := &p.steps[i]; n.shape.Len() == 1 && s.n == n.root() && s.n.op == opSum {
				p.totals[k] = i
			}
		}
	}
}

// place says where a buffer is; there is nothing to do for one that is read by none.
func (w *wires[T]) place(buffer int, data []T) {
	if buffer < 0 || unsafe.SliceData(w.mem[buffer]) == unsafe.SliceData(data) {
		return
	}
	if w.mem[buffer] == nil {
		w.missing--
	}
	w.mem[buffer] = data
	for _, at := range w.shown[buffer] {
		*at = data
	}
}

// useArena places what is in the workspace's memory.
func (p *Plan[T]) useArena(arena []T) {
	if p.wires.arena == unsafe.SliceData(arena) {
		return
	}
	p.wires.arena = unsafe.SliceData(arena)
	for i, b := range p.memory.buffers {
		if b.place == inArena {
			p.wires.place(i, arena[b.at:][:b.len:b.len])
		}
	}
}

// Bind sets the data of an input, a node of the graph that the plan was compiled
// from. The data are read by each Run, where they lie.
func (p *Plan[T]) Bind(input *Node, data []T) {
	if input.op != opInput || len(data) != input.shape.Len() {
		panic("graph: Bind of data that do not fit the input")
	}
	p.bindSlot(input.attr.slot, data)
}

func (p *Plan[T]) bindSlot(slot int, data []T) { p.wires.place(p.wires.inputs[slot], data) }

// BindLabels sets the data of an input made by Graph.Labels.
func (p *Plan[T]) BindLabels(input *Node, labels []int) {
	if input.op != opLabels || len(labels) != input.shape.Len() {
		panic("graph: BindLabels of data that do not fit the input")
	}
	for _, at := range p.wires.labels[input.attr.slot] {
		if *at == nil {
			p.wires.missing--
		}
		*at = labels
	}
}

// BindOutput sets where output k, counted in the order given to Compile, is
// written. Its memory must not overlap that of an input or another output. Outputs
// of one number need none.
func (p *Plan[T]) BindOutput(k int, dst []T) {
	if len(dst) != p.program.outputs[k].shape.Len() {
		panic("graph: BindOutput to memory of another length")
	}
	p.wires.place(p.wires.outputs[k], dst)
}

// Scalar gives output k, of one number, as of the last Run. A sum over all elements
// comes in the double precision in which it was added up.
func (p *Plan[T]) Scalar(k int) float64 {
	if i := p.totals[k]; i >= 0 {
		return p.steps[i].total
	}
	return float64(p.wires.mem[p.wires.outputs[k]][0])
}
