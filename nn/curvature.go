package nn

import (
	"basin/graph"
	"basin/problem"
)

// MulVec sets dst to the product of a curvature matrix with v: of the Hessian,
// forward over reverse (Pearlmutter 1994), or of the Gauss-Newton matrix (Schraudolph
// 2002), which is the Fisher matrix where the loss is a negative log-likelihood with
// the outputs as natural parameters: all but the exponential. What does not depend on
// v is kept for the next product at the same point on the same examples, as far as
// the memory set aside for that goes.
func (o *Objective[T]) MulVec(m problem.Matrix, dst, x, v []T) bool {
	q := hessianOf
	switch {
	case m == problem.Hessian:
	case m == problem.GaussNewton, m == problem.Fisher && o.engine.loss != problem.Exponential:
		q = gaussNewtonOf
	default:
		return false
	}
	o.engine.fits(x)
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
		p = &product[T]{Staged: graph.CompileStaged[T](w.Graph, w.v, w.nodes(key.quantity)...), wiring: w}
		e.products[key] = p
	}
	return p
}

// multiply computes a product on the examples lo to lo+rows-1.
func (o *Objective[T]) multiply(q quantity, dst, x, v []T, lo, rows int) {
	e := o.engine
	e.fits(v)
	key := planKey{q, rows, o.mode}
	p := e.product(key)
	e.bind(p, p.wiring, x, o.examples, lo)
	noise := o.noiseFrom(lo)
	p.SetNoise(noise)
	for i, b := range e.net.layout.Blocks {
		p.Bind(p.v[i], problem.View(v, b))
		p.BindOutput(i, problem.View(dst, b))
	}
	kept, ready := e.stages.find(matter[T]{key, o.examples, lo, noise}, p.Keeps())
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
