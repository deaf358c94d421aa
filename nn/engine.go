package nn

import (
	"basin/graph"
	"basin/problem"
)

// An Engine computes a network and its loss, in precision T. It compiles what it is
// asked for when it is first asked, for each number of examples, and serves one
// goroutine; objectives made by one engine share its memory.
type Engine[T problem.Float] struct {
	net       *Net
	loss      problem.LossKind
	chunk     int
	plans     map[planKey]*plan[T]
	workspace graph.Workspace[T]
	// Sums over chunks, and the summand.
	sum  []float64
	part []T
}

type planKey struct {
	quantity quantity
	rows     int
}

// A plan is a compiled quantity with the inputs to bind.
type plan[T problem.Float] struct {
	*graph.Plan[T]
	*wiring
}

// NewEngine returns an engine that evaluates at most evalBatch examples at a time.
// Logistic and exponential loss need a network with one output.
func NewEngine[T problem.Float](n *Net, loss problem.LossKind, evalBatch int) *Engine[T] {
	if (loss == problem.Logistic || loss == problem.Exponential) && n.outputs != 1 {
		panic("nn: logistic and exponential loss need one output")
	}
	if evalBatch < 1 {
		panic("nn: NewEngine with an evalBatch below 1")
	}
	return &Engine[T]{net: n, loss: loss, chunk: evalBatch, plans: map[planKey]*plan[T]{}}
}

func (e *Engine[T]) plan(q quantity, rows int) *plan[T] {
	key := planKey{q, rows}
	p := e.plans[key]
	if p == nil {
		w := e.net.wire(e.loss, rows)
		p = &plan[T]{graph.Compile[T](w.Graph, w.nodes(q)...), w}
		e.plans[key] = p
	}
	return p
}

// bind points p to the parameters and to examples lo, lo+1, ... of ex.
func (e *Engine[T]) bind(p *plan[T], x []T, ex *Examples[T], lo int) {
	rows, out := p.x.Shape()[0], e.net.outputs
	p.Bind(p.x, ex.X[lo*ex.In:(lo+rows)*ex.In])
	if p.labels != nil {
		p.BindLabels(p.labels, ex.Labels[lo:lo+rows])
	} else {
		p.Bind(p.targets, ex.Targets[lo*out:(lo+rows)*out])
	}
	for i, b := range e.net.layout.Blocks {
		p.Bind(p.params[i], problem.View(x, b))
	}
}

// bindOutputs points the outputs first, first+1, ... of p to the blocks of dst.
func (e *Engine[T]) bindOutputs(p *plan[T], first int, dst []T) {
	for i, b := range e.net.layout.Blocks {
		p.BindOutput(first+i, problem.View(dst, b))
	}
}

func (e *Engine[T]) run(p *plan[T]) { p.Run(&e.workspace) }
