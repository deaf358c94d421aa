package graph

// A Plan computes outputs of a graph from its inputs, in precision T, as often as
// it is run, without allocating. It serves one goroutine.
type Plan[T Float] struct {
	program *Program
	memory  *memory
	steps   []step[T]
	wires   wires[T]
	totals  []int // by output, the step that sums it up, or -1
	long    bool  // whether a run is worth sharing
}

type step[T Float] struct {
	call[T]
	run    func(*call[T])
	into   []int // buffers, one for each out
	from   []int // buffers; -1 for labels
	slot   int   // of the labels; -1: none
	desk   int   // buffer to work in; -1: none
	size   int   // of what each worker has for itself, in elements
	pieces int   // at most, that workers can share; 1: it is done by one
}

// lineElements is a cache line, of 64 bytes, in the smaller precision.
const lineElements = 16

// Compile makes a plan for the outputs, which must be free of errors.
func Compile[T Float](g *Graph, outputs ...*Node) *Plan[T] {
	for _, n := range outputs {
		if !n.ok() {
			panic(withErrors)
		}
	}
	return newPlan[T](newProgram(g, outputs).after(passes))
}

const withErrors = "graph: Compile of a graph with errors"

// newPlan makes a plan of a program whose outputs have memory of their own.
func newPlan[T Float](program *Program) *Plan[T] {
	p := &Plan[T]{program: program, memory: program.layOut(lineElements)}
	for _, n := range p.program.g.nodes {
		if loop := loopOf[T](n.row.value); loop != nil {
			p.steps = append(p.steps, p.step(n, loop))
		}
		if n.op == opPart {
			p.steps[len(p.steps)-1].shows(n, p.memory.of[n.id])
		}
	}
	p.long = p.nanoseconds() > leastShared
	p.wire()
	return p
}

func (p *Plan[T]) step(n *Node, loop func(*call[T])) step[T] {
	s := step[T]{call: newCall[T](n), run: loop, into: []int{p.memory.of[n.id]}, slot: -1, desk: p.memory.room[n.id], pieces: pieces(n)}
	for _, a := range n.args {
		s.from = append(s.from, p.memory.of[a.id])
		if a.op == opLabels {
			s.slot = a.attr.slot
		}
	}
	if n.row.own != nil {
		s.size = n.row.own(n)
	}
	return s
}

// shows makes node n show an out of the region that the step computes.
func (s *step[T]) shows(n *Node, buffer int) {
	s.into = append(s.into, buffer)
	s.outs = append(s.outs, nil)
	if n.args[0] != s.n || n.attr.slot != len(s.into)-1 {
		panic("graph: the parts of a region do not follow it")
	}
}

const unbound = "graph: Run of a plan with an input or output that is not bound"

// Run computes all outputs.
func (p *Plan[T]) Run(w *Workspace[T]) {
	if w.benches == nil {
		w.Use(nil)
	}
	if len(w.arena) < p.memory.arena {
		w.arena = make([]T, p.memory.arena)
	}
	p.useArena(w.arena)
	if p.wires.missing > 0 {
		panic(unbound)
	}
	if p.long {
		w.crew.Enter()
		defer w.crew.Leave()
	}
	for i := range p.steps {
		w.compute(&p.steps[i])
	}
}

// nanoseconds is about how long one core takes for a Run.
func (p *Plan[T]) nanoseconds() (sum float64) {
	for i := range p.steps {
		sum += p.steps[i].n.nanoseconds()
	}
	return sum
}

// Flops counts the floating-point operations of a Run.
func (p *Plan[T]) Flops() float64 {
	var sum float64
	for i := range p.steps {
		if f := p.steps[i].n.row.flops; f != nil {
			sum += f(p.steps[i].n)
		}
	}
	return sum
}

// Room is how many numbers a Run keeps in its Workspace, beside inputs and outputs.
func (p *Plan[T]) Room() int { return p.memory.arena }

// String lists the steps.
func (p *Plan[T]) String() string { return p.program.String() }
