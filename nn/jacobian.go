package nn

// JacVec sets dst, predictions x outputs, to the rate of change of the outputs as the
// parameters move along v.
func (o *Objective[T]) JacVec(dst, x, v []T) {
	e, n, chunk := o.engine, o.examples.N, o.chunk(jacVecOf)
	e.fits(x)
	e.fits(v)
	e.stages.visit(x, e.state)
	width := e.net.positions * e.net.outputs
	for lo := 0; lo < n; lo += chunk {
		hi := min(lo+chunk, n)
		p := o.product(jacVecOf, x, lo, hi-lo)
		p.bindVector(e.net.layout, v)
		p.BindOutput(0, dst[lo*width:hi*width])
		o.multiply(p, jacVecOf, lo)
	}
}

// VecJac sets dst to the gradient of the inner product of the outputs with u,
// predictions x outputs.
func (o *Objective[T]) VecJac(dst, x, u []T) {
	e, n, chunk := o.engine, o.examples.N, o.chunk(vecJacOf)
	e.fits(x)
	e.fits(dst)
	e.stages.visit(x, e.state)
	e.startSum(vecJacOf)
	width := e.net.positions * e.net.outputs
	for lo := 0; lo < n; lo += chunk {
		hi := min(lo+chunk, n)
		p := o.product(vecJacOf, x, lo, hi-lo)
		p.Bind(p.u, u[lo*width:hi*width])
		p.bindResult(e.net.layout, e.part)
		o.multiply(p, vecJacOf, lo)
		for i, d := range e.part {
			e.sum[i] += float64(d)
		}
	}
	for i, s := range e.sum {
		dst[i] = T(s)
	}
}
