package nn

import "basin/problem"

// LossKind says what is averaged.
func (o *Objective[T]) LossKind() problem.LossKind { return o.engine.loss }

// Size gives the numbers of predictions and of outputs of each.
func (o *Objective[T]) Size() (predictions, outputs int) {
	return o.examples.N * o.engine.net.positions, o.engine.net.outputs
}

// Labels gives the class of each prediction; nil for squared loss.
func (o *Objective[T]) Labels() []int {
	if o.engine.loss == problem.Squared {
		return nil
	}
	return o.examples.Labels
}

// Outputs sets dst, predictions x outputs, to what the network answers.
func (o *Objective[T]) Outputs(dst, x []T) {
	width := o.engine.net.positions * o.engine.net.outputs
	o.chunks(outputsOf, x, func(p *plan[T], lo, hi int) { p.BindOutput(0, dst[lo*width:hi*width]) })
}

// Hidden lists the hidden layers from the input on.
func (o *Objective[T]) Hidden() []problem.Activation { return o.engine.net.hidden }

// Activations sets dst[i], predictions x width, to the activations of layer i.
func (o *Objective[T]) Activations(dst [][]T, x []T) {
	hidden, each := o.engine.net.hidden, o.engine.net.positions
	if len(hidden) == 0 {
		return
	}
	o.chunks(hiddenOf, x, func(p *plan[T], lo, hi int) {
		for i, h := range hidden {
			p.BindOutput(i, dst[i][lo*each*h.Width:hi*each*h.Width])
		}
	})
}

// InputSize is the number of inputs per example; 0 for tokens, along which nothing
// has a gradient.
func (o *Objective[T]) InputSize() int {
	if o.engine.net.input.Tokens > 0 {
		return 0
	}
	return o.examples.In
}

// InputGrads sets dst, examples x inputs, to the gradient of each example's own
// loss with respect to its input.
func (o *Objective[T]) InputGrads(dst, x []T) {
	in := o.InputSize()
	if in == 0 {
		return
	}
	o.chunks(inputGradsOf, x, func(p *plan[T], lo, hi int) { p.BindOutput(0, dst[lo*in:hi*in]) })
}

// InputShape is that of one example; nil for tokens.
func (o *Objective[T]) InputShape() []int {
	if o.engine.net.input.Tokens > 0 {
		return nil
	}
	return o.engine.net.input.Shape
}

// Inputs sets dst, examples x inputs, to the inputs.
func (o *Objective[T]) Inputs(dst []T) { copy(dst, o.examples.X) }

// WithInputs is the same objective with other inputs, which are read where they lie.
func (o *Objective[T]) WithInputs(inputs []T) problem.Objective[T] {
	if o.InputSize() == 0 || len(inputs) != len(o.examples.X) {
		panic("nn: WithInputs of another size")
	}
	altered, examples := *o, *o.examples
	examples.X = inputs
	altered.examples = &examples
	return &altered
}

// chunks computes a quantity on all examples, chunk by chunk, after into has bound
// the outputs for the examples lo to hi.
func (o *Objective[T]) chunks(q quantity, x []T, into func(p *plan[T], lo, hi int)) {
	o.engine.fits(x)
	n, chunk := o.examples.N, o.chunk(q)
	for lo := 0; lo < n; lo += chunk {
		rows := min(chunk, n-lo)
		p := o.plan(q, x, lo, rows)
		into(p, lo, lo+rows)
		o.engine.run(p)
	}
}

// Examples is the number of examples.
func (o *Objective[T]) Examples() int { return o.examples.N }

// Subset is the same objective over some of the examples, in the order given.
func (o *Objective[T]) Subset(indices []int) problem.Objective[T] {
	if len(indices) == 0 {
		panic("nn: Subset of no examples")
	}
	part := *o
	part.examples = o.examples.Room(len(indices))
	part.examples.Gather(o.examples, indices)
	return &part
}

// Flops counts the operations of a loss, a gradient, and the first product with the
// Hessian at a point.
func (o *Objective[T]) Flops() (loss, grad, product float64) {
	return o.flops(lossOf), o.flops(gradientOf), o.flops(hessianOf)
}

// flops counts those of a quantity, once for a number of examples.
func (o *Objective[T]) flops(q quantity) (sum float64) {
	e, n := o.engine, o.examples.N
	key := planKey{q, n, o.mode}
	if known, ok := e.flops[key]; ok {
		return known
	}
	chunk := o.chunk(q)
	for lo := 0; lo < n; lo += chunk {
		part := planKey{q, min(chunk, n-lo), o.mode}
		if q.staged() {
			prepare, run := e.product(part).Flops()
			sum += prepare + run
		} else {
			sum += e.plan(part).Flops()
		}
	}
	e.flops[key] = sum
	return sum
}

// Units lists the hidden units that can be renumbered.
func (o *Objective[T]) Units() []problem.UnitGroup { return o.engine.net.Units() }
