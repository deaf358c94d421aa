package nn

import "math"

// maxGrads is how many numbers the gradients of examples that are computed together
// may have, so that they stay in a cache until they are put in order.
const maxGrads = 1 << 16

// ExampleGrads sets dst, (hi-lo) x parameters, to the gradients of the losses of
// examples lo to hi-1.
func (o *Objective[T]) ExampleGrads(dst, x []T, lo, hi int) {
	e := o.engine
	e.fits(x)
	l := e.net.layout
	group := e.group(o.mode)
	for ; lo < hi; lo += group {
		rows := min(group, hi-lo)
		grads := dst[:rows*l.N]
		dst = dst[len(grads):]
		if rows == 1 {
			o.evaluate(gradientOf, grads, x, nil, lo, 1)
			continue
		}
		p := o.plan(exampleGradsOf, x, lo, rows)
		for k, b := range l.Blocks {
			p.BindOutput(k, e.grads[rows*b.Off:rows*(b.Off+b.Len())])
		}
		e.run(p)
		for _, b := range l.Blocks {
			n, from := b.Len(), e.grads[rows*b.Off:]
			for i := range rows {
				copy(grads[i*l.N+b.Off:][:n], from[i*n:])
			}
		}
	}
}

// group is of how many examples the gradients are computed together: one where they
// are long, or where the model has no way to part them. It makes room for them.
func (e *Engine[T]) group(m mode) int {
	n := e.net.layout.N
	group := min(maxGrads/n, e.most)
	if group <= 1 || e.plan(planKey{exampleGradsOf, group, m}) == nil {
		return 1
	}
	if e.grads == nil {
		e.grads = make([]T, group*n)
	}
	return group
}

// ExampleNorms sets dst to the norm of the gradient of each example's loss. In single
// precision norms below 1e-19 may come out as 0.
func (o *Objective[T]) ExampleNorms(dst []float64, x []T) {
	e := o.engine
	e.fits(x)
	if e.plan(planKey{exampleSquaresOf, 1, o.mode}) == nil {
		e.startSum(gradientOf)
		for i := range dst {
			o.evaluate(gradientOf, e.part, x, nil, i, 1)
			var square float64
			for _, v := range e.part {
				square += float64(float64(v) * float64(v))
			}
			dst[i] = math.Sqrt(square)
		}
		return
	}
	if len(e.squares) < o.examples.N {
		e.squares = make([]T, o.examples.N)
	}
	o.chunks(exampleSquaresOf, x, func(p *plan[T], lo, hi int) { p.BindOutput(0, e.squares[lo:hi]) })
	for i := range dst {
		dst[i] = math.Sqrt(float64(e.squares[i]))
	}
}
