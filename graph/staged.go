package graph

import "slices"

// A Staged plan computes outputs in two stages: first what does not depend on some
// of the inputs, the late ones, then the rest, again and again as those change. So
// the products of a Hessian with many vectors share the activations and adjoints at
// a point.
type Staged[T Float] struct {
	early, late *Plan[T]
	keeps       []keep // by output of early
	size        int
}

// A keep is a value that the first stage leaves to the second.
type keep struct{ at, len, slot int }

// CompileStaged makes a staged plan for the outputs, which must be free of errors.
func CompileStaged[T Float](g *Graph, late []*Node, outputs ...*Node) *Staged[T] {
	for _, n := range outputs {
		if !n.ok() {
			panic(withErrors)
		}
	}
	// What is written in two ways is merged before the cut; what belongs together is
	// joined after it.
	whole := newProgram(g, outputs).after(before("columns"))
	first, second, slots := whole.split(late)
	s := &Staged[T]{early: newPlan[T](first.after(passes)), late: newPlan[T](second.after(passes))}
	for k, n := range first.outputs {
		s.keeps = append(s.keeps, keep{s.size, n.shape.Len(), slots[k]})
		s.size += (n.shape.Len() + lineElements - 1) / lineElements * lineElements
	}
	return s
}

// split cuts a program in two. The outputs of the first part are inputs of the second,
// in the slots given.
func (p *Program) split(late []*Node) (first, second *Program, slots []int) {
	var moving []*Node
	for _, n := range p.g.nodes {
		if (n.op == opInput || n.op == opLabels) && slices.ContainsFunc(late, func(l *Node) bool { return l.attr.slot == n.attr.slot }) {
			moving = append(moving, n)
		}
	}
	moves := p.g.above(moving, len(p.g.nodes))
	used := make([]bool, len(p.g.nodes)) // computed first, read second
	read := func(n *Node) {
		if n = n.root(); !moves[n.id] && n.op != opInput && n.op != opLabels && n.op != opConst {
			used[n.id] = true
		}
	}
	for _, n := range p.g.nodes {
		if moves[n.id] {
			for _, a := range n.args {
				read(a)
			}
		}
	}
	for _, n := range p.outputs {
		read(n)
	}
	var shared []*Node
	second = p.rewrite(nil, func(g *Graph, n *Node, args []*Node) *Node {
		if !used[n.id] {
			return kept(g, n, args)
		}
		shared = append(shared, n)
		in := g.Input("kept", n.shape...)
		slots = append(slots, in.attr.slot)
		return in
	})
	first = (&Program{p.g, shared}).rewrite(nil, kept)
	return first, second.rewrite(nil, kept), slots
}

// Bind is as that of Plan.
func (s *Staged[T]) Bind(input *Node, data []T) {
	s.early.Bind(input, data)
	s.late.Bind(input, data)
}

// BindLabels is as that of Plan.
func (s *Staged[T]) BindLabels(input *Node, labels []int) {
	s.early.BindLabels(input, labels)
	s.late.BindLabels(input, labels)
}

// BindOutput is as that of Plan.
func (s *Staged[T]) BindOutput(k int, dst []T) { s.late.BindOutput(k, dst) }

// SetNoise is as that of Plan.
func (s *Staged[T]) SetNoise(key uint64) {
	s.early.SetNoise(key)
	s.late.SetNoise(key)
}

// Keeps is how many numbers the first stage leaves to the second.
func (s *Staged[T]) Keeps() int { return s.size }

// Room is how many numbers either stage keeps in its Workspace, beside inputs, outputs
// and what the first leaves to the second.
func (s *Staged[T]) Room() int { return max(s.early.Room(), s.late.Room()) }

// Prepare carries out the first stage. It sets kept, of Keeps numbers, which depend on
// the inputs that are not late and on the key of noise alone.
func (s *Staged[T]) Prepare(w *Workspace[T], kept []T) {
	for k, v := range s.keeps {
		s.early.BindOutput(k, kept[v.at:][:v.len:v.len])
	}
	s.early.Run(w)
}

// Run carries out the second stage, with what Prepare has left. The inputs must be as
// they were then, but for the late ones.
func (s *Staged[T]) Run(w *Workspace[T], kept []T) {
	for _, v := range s.keeps {
		s.late.bindSlot(v.slot, kept[v.at:][:v.len:v.len])
	}
	s.late.Run(w)
}

// Flops counts the floating-point operations of the two stages.
func (s *Staged[T]) Flops() (prepare, run float64) { return s.early.Flops(), s.late.Flops() }
