package bench

import (
	"basin/kernel"
	"basin/optim"
	"basin/problem"
)

func (r *run) step() { r.next() }

// next makes a step of training and gives the loss before it.
func (r *run) next() float64 {
	f := r.batches[r.t%len(r.batches)]
	r.t++
	loss := f.Grad(r.d, r.x)
	r.link = optim.Step[float32]{T: r.t, X: r.x, D: r.d, Loss: loss, F: f}
	r.stepper.Step(&r.link)
	r.mover.Move(r.x, r.d)
	return loss
}

// retrain trains anew from the start.
func (r *run) retrain() {
	r.t = 0
	copy(r.x, start(r.layout))
	if err := r.newStepper(); err != nil {
		panic("bench: " + err.Error())
	}
	for range r.spec.Steps {
		r.next()
	}
}

func (r *run) product() { r.batches[0].MulVec(problem.Hessian, r.d, r.x, r.v) }

// move goes to a point where nothing was computed last time.
func (r *run) move() { r.x[0] = -r.x[0] }

func (r *run) freshProduct() {
	r.move()
	r.product()
}

// eigen gives v'Hv after the steps of power iteration from a fixed start.
func (r *run) eigen() (value float64) {
	r.v = append(r.v[:0], r.from...)
	for range r.spec.Steps {
		kernel.Scale(r.v, float32(1/kernel.Norm2(r.v)))
		r.product()
		value = kernel.Dot(r.d, r.v)
		r.v, r.d = r.d, r.v
	}
	return value
}

func (r *run) freshEigen() {
	r.move()
	r.eigen()
}

// norms gives the root of the sum of the squared norms.
func (r *run) norms() float64 {
	r.batches[0].(problem.ExampleNorms[float32]).ExampleNorms(r.each, r.x)
	return kernel.Norm2(r.each)
}
