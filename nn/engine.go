package nn

import (
	"unsafe"

	"basin/graph"
	"basin/internal/crew"
	"basin/problem"
)

// An Engine computes a network and its loss, in precision T. It compiles what it is
// asked for when it is first asked, for each number of examples, and serves one
// goroutine; objectives made by one engine share its memory.
type Engine[T problem.Float] struct {
	net       *Net
	loss      problem.LossKind
	most      int // examples evaluated at a time
	plans     map[planKey]*plan[T]
	products  map[planKey]*product[T]
	stages    stages[T]
	chunks    map[planKey]int
	flops     map[planKey]float64
	workspace graph.Workspace[T]
	// Sums over chunks, and the summand.
	sum  []float64
	part []T
	// Gradients of examples, or their squared norms.
	grads, squares []T
	// State of evaluation, and the moments of each batch it is computed from.
	state   []T
	moments [][]T
}

type planKey struct {
	quantity quantity
	rows     int
	mode     mode
}

// A plan is a compiled quantity with the inputs to bind.
type plan[T problem.Float] struct {
	*graph.Plan[T]
	*wiring
	gradient *T // where that lies that it is bound to
}

// NewEngine returns an engine that evaluates at most evalBatch examples at a time,
// fewer where their activations take much memory. Logistic and exponential loss need
// a network with one output.
func NewEngine[T problem.Float](n *Net, loss problem.LossKind, evalBatch int) *Engine[T] {
	if (loss == problem.Logistic || loss == problem.Exponential) && n.outputs != 1 {
		panic("nn: logistic and exponential loss need one output")
	}
	if evalBatch < 1 {
		panic("nn: NewEngine with an evalBatch below 1")
	}
	e := &Engine[T]{net: n, loss: loss, most: evalBatch, plans: map[planKey]*plan[T]{}, products: map[planKey]*product[T]{}, chunks: map[planKey]int{}, flops: map[planKey]float64{}}
	if n.state != nil {
		e.state = make([]T, n.state.N)
	}
	return e
}

// Head is an engine of the network with part i of n equal parts of its outputs. Both have
// one state; helpers are given to each apart.
func (e *Engine[T]) Head(i, n int) *Engine[T] {
	h := NewEngine[T](e.net.Head(i, n), e.loss, e.most)
	h.state = e.state
	return h
}

// Use lets evaluations share their work with helpers; nil ends that. No bit of a result
// depends on it.
func (e *Engine[T]) Use(c *crew.Crew) { e.workspace.Use(c) }

// plan is the plan of a quantity, nil where there is none for the model.
func (e *Engine[T]) plan(key planKey) *plan[T] {
	p, known := e.plans[key]
	if !known {
		w := e.net.wire(e.loss, key.rows, key.mode)
		if nodes := w.nodes(key.quantity); nodes != nil {
			p = &plan[T]{Plan: graph.Compile[T](w.Graph, nodes...), wiring: w}
		}
		e.plans[key] = p
	}
	return p
}

// inputs is what takes inputs.
type inputs[T problem.Float] interface {
	Bind(input *graph.Node, data []T)
	BindLabels(input *graph.Node, labels []int)
}

// bind points p to the parameters and to examples lo, lo+1, ... of ex.
func (e *Engine[T]) bind(p inputs[T], w *wiring, x []T, ex *Examples[T], lo int) {
	hi := lo + w.Rows
	if e.net.input.Tokens > 0 {
		p.BindLabels(w.x, ex.Tokens[lo*ex.In:hi*ex.In])
	} else {
		p.Bind(w.x, ex.X[lo*ex.In:hi*ex.In])
	}
	each := e.net.positions
	if w.labels != nil {
		p.BindLabels(w.labels, ex.Labels[lo*each:hi*each])
	} else {
		each *= e.net.outputs
		p.Bind(w.targets, ex.Targets[lo*each:hi*each])
	}
	if at := unsafe.Pointer(unsafe.SliceData(x)); at != w.point {
		for i, b := range e.net.layout.Blocks {
			p.Bind(w.params[i], problem.View(x, b))
		}
		w.point = at
	}
	for i, n := range w.statistics {
		p.Bind(n, problem.View(e.state, e.net.state.Blocks[i]))
	}
}

// bindGradient points the outputs of the gradient's plan to the blocks of dst.
func (e *Engine[T]) bindGradient(p *plan[T], dst []T) {
	if at := unsafe.SliceData(dst); at != p.gradient {
		for i, b := range e.net.layout.Blocks {
			p.BindOutput(1+i, problem.View(dst, b))
		}
		p.gradient = at
	}
}

func (e *Engine[T]) run(p *plan[T]) { p.Run(&e.workspace) }
