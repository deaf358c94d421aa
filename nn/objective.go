package nn

import "basin/problem"

// An Objective is the mean loss of a network over examples in evaluation mode, as a
// function of its parameters and, where the network has one, its state. Beside
// problem.Objective it has the abilities Predictor, Hidden, ExampleGrader,
// ExampleNorms, InputGrader, Inputs, Jacobian, Sampler, Kronecker, Subsetter, Symmetric and
// Flopper. No slice that is written may overlap one that is read.
type Objective[T problem.Float] struct {
	engine   *Engine[T]
	examples *Examples[T]
	mode     mode
	noise    uint64
}

// Objective makes the objective over some examples. It panics with what Check says
// of them; examples from outside are to be checked first.
func (e *Engine[T]) Objective(ex *Examples[T]) *Objective[T] {
	if err := e.Check(ex); err != nil {
		panic("nn: " + err.Error())
	}
	return &Objective[T]{engine: e, examples: ex}
}

// Layout is that of the network.
func (o *Objective[T]) Layout() *problem.Layout { return o.engine.net.layout }

// Loss returns the mean loss, summed in double precision.
func (o *Objective[T]) Loss(x []T) float64 {
	return o.mean(lossOf, nil, x, nil)
}

// Grad sets dst to the gradient and returns the mean loss.
func (o *Objective[T]) Grad(dst, x []T) float64 {
	return o.mean(gradientOf, dst, x, nil)
}

// mean averages a quantity over the examples, chunk by chunk. What has the form of
// the parameters goes to dst; the mean loss, where the quantity has it, is returned.
func (o *Objective[T]) mean(q quantity, dst, x, v []T) float64 {
	e, n := o.engine, o.examples.N
	e.fits(x)
	if q != lossOf {
		e.fits(dst)
	}
	chunk := o.chunk(q)
	if n <= chunk {
		return o.evaluate(q, dst, x, v, 0, n)
	}
	e.startSum(q)
	var loss float64
	for lo := 0; lo < n; lo += chunk {
		rows := min(chunk, n-lo)
		weight := float64(rows) / float64(n)
		loss += float64(weight * o.evaluate(q, e.part, x, v, lo, rows))
		if q != lossOf {
			for i, d := range e.part {
				e.sum[i] += float64(weight * float64(d))
			}
		}
	}
	if q != lossOf {
		for i, s := range e.sum {
			dst[i] = T(s)
		}
	}
	return loss
}

// evaluate computes a quantity on one chunk.
func (o *Objective[T]) evaluate(q quantity, dst, x, v []T, lo, rows int) float64 {
	e := o.engine
	if q.staged() {
		p := o.product(q, x, lo, rows)
		p.bindVector(e.net.layout, v)
		p.bindResult(e.net.layout, dst)
		o.multiply(p, q, lo)
		return 0
	}
	p := o.plan(q, x, lo, rows)
	if q == gradientOf {
		e.bindGradient(p, dst)
	}
	e.run(p)
	if q == lossOf || q == gradientOf {
		return p.Scalar(0)
	}
	return 0
}

// plan is that of a quantity at x on the examples lo to lo+rows-1, bound to its
// inputs.
func (o *Objective[T]) plan(q quantity, x []T, lo, rows int) *plan[T] {
	p := o.engine.plan(planKey{q, rows, o.mode})
	o.engine.bind(p, p.wiring, x, o.examples, lo)
	p.SetNoise(o.noiseFrom(lo))
	return p
}

// noiseFrom is the key of noise of the chunk that begins with example lo.
func (o *Objective[T]) noiseFrom(lo int) uint64 { return o.noise + uint64(lo)*0x9e3779b97f4a7c15 }

// chunk is how many examples a quantity is computed on at a time.
func (o *Objective[T]) chunk(q quantity) int { return o.engine.chunk(q, o.examples.N, o.mode) }

// startSum makes room for a sum over chunks, of zeros.
func (e *Engine[T]) startSum(q quantity) {
	if q == lossOf {
		return
	}
	if e.sum == nil {
		e.sum = make([]float64, e.net.layout.N)
		e.part = make([]T, e.net.layout.N)
	}
	clear(e.sum)
}

func (e *Engine[T]) fits(x []T) {
	if len(x) != e.net.layout.N {
		panic("nn: parameter vector of another length")
	}
}
