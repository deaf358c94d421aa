package nn

import (
	"basin/graph"
	"basin/problem"
)

// MulVec sets dst to the product of a curvature matrix with v: of the Hessian,
// forward over reverse (Pearlmutter 1994), or of the Gauss-Newton matrix (Schraudolph
// 2002), which is the Fisher matrix where the loss is a negative log-likelihood with
// the outputs as natural parameters: all but the exponential. That of the empirical
// Fisher is J'Jv for the Jacobian J of the losses. What does not depend on
// v is kept for the next product at the same point on the same examples, as far as
// the memory set aside for that goes.
func (o *Objective[T]) MulVec(m problem.Matrix, dst, x, v []T) bool {
	q := hessianOf
	switch {
	case m == problem.Hessian:
	case m == problem.GaussNewton, m == problem.Fisher && o.engine.loss != problem.Exponential:
		q = gaussNewtonOf
	case m == problem.EmpiricalFisher:
		q = empiricalFisherOf
	default:
		return false
	}
	o.engine.fits(x)
	o.engine.fits(v)
	o.engine.stages.visit(x, o.engine.state)
	o.mean(q, dst, x, v)
	return true
}

// A product is a compiled product with a curvature matrix: the first stage does not
// depend on the vector.
type product[T problem.Float] struct {
	*graph.Staged[T]
	*wiring
	spare []T // what the first stage leaves where it cannot be kept
}

// room is how many numbers a product works with.
func (p *product[T]) room() int { return p.Room() + p.Keeps() }

func (e *Engine[T]) product(key planKey) *product[T] {
	p := e.products[key]
	if p == nil {
		w := e.net.wire(e.loss, key.rows, key.mode)
		p = &product[T]{Staged: graph.CompileStaged[T](w.Graph, append(w.v, w.u), w.nodes(key.quantity)...), wiring: w}
		e.products[key] = p
	}
	return p
}

// product is the compiled product on the examples lo to lo+rows-1 at x, bound to all
// but the vector and the result.
func (o *Objective[T]) product(q quantity, x []T, lo, rows int) *product[T] {
	p := o.engine.product(planKey{q, rows, o.mode})
	o.engine.bind(p, p.wiring, x, o.examples, lo)
	p.SetNoise(o.noiseFrom(lo))
	return p
}

// multiply carries a product out.
func (o *Objective[T]) multiply(p *product[T], q quantity, lo int) {
	e := o.engine
	m := matter[T]{planKey{q, p.Rows, o.mode}, o.examples, lo, o.noiseFrom(lo)}
	kept, ready := e.stages.find(m, p.Keeps())
	if kept == nil {
		if p.spare == nil {
			p.spare = make([]T, p.Keeps())
		}
		kept = p.spare
	}
	if !ready {
		p.Prepare(&e.workspace, kept)
	}
	p.Run(&e.workspace, kept)
}

// bindVector points the vector of p to v, by blocks.
func (p *product[T]) bindVector(l *problem.Layout, v []T) {
	for i, b := range l.Blocks {
		p.Bind(p.v[i], problem.View(v, b))
	}
}

// bindResult points the outputs of p to dst, by blocks.
func (p *product[T]) bindResult(l *problem.Layout, dst []T) {
	for i, b := range l.Blocks {
		p.BindOutput(i, problem.View(dst, b))
	}
}
