package nn

import "basin/problem"

// A Batch is the mean loss over examples as a network is trained on them: normalised
// by their own statistics and with dropout, so that no example has a loss of its own.
// It has the abilities Predictor, Jacobian, Sampler, Kronecker and Flopper.
type Batch[T problem.Float] struct{ o *Objective[T] }

// Training makes the objective of a batch. noise is the key of what is drawn at
// random: one key gives one function.
func (e *Engine[T]) Training(ex *Examples[T], noise uint64) *Batch[T] {
	o := e.Objective(ex)
	o.mode, o.noise = training, noise
	return &Batch[T]{o}
}

// SetNoise changes the key.
func (b *Batch[T]) SetNoise(noise uint64) { b.o.noise = noise }

// Layout is that of the network.
func (b *Batch[T]) Layout() *problem.Layout { return b.o.Layout() }

// Loss returns the mean loss.
func (b *Batch[T]) Loss(x []T) float64 { return b.o.Loss(x) }

// Grad sets dst to the gradient and returns the mean loss.
func (b *Batch[T]) Grad(dst, x []T) float64 { return b.o.Grad(dst, x) }

// MulVec sets dst to the product of a curvature matrix with v.
func (b *Batch[T]) MulVec(m problem.Matrix, dst, x, v []T) bool { return b.o.MulVec(m, dst, x, v) }

// LossKind says what is averaged.
func (b *Batch[T]) LossKind() problem.LossKind { return b.o.LossKind() }

// Size gives the numbers of predictions and of outputs of each.
func (b *Batch[T]) Size() (predictions, outputs int) { return b.o.Size() }

// Outputs sets dst, predictions x outputs, to what the network answers.
func (b *Batch[T]) Outputs(dst, x []T) { b.o.Outputs(dst, x) }

// Labels gives the class of each prediction; nil for squared loss.
func (b *Batch[T]) Labels() []int { return b.o.Labels() }

// Flops counts the operations of a loss, a gradient, and a product with the Hessian.
func (b *Batch[T]) Flops() (loss, grad, product float64) { return b.o.Flops() }

// JacVec sets dst, predictions x outputs, to the Jacobian of the outputs times v.
func (b *Batch[T]) JacVec(dst, x, v []T) { b.o.JacVec(dst, x, v) }

// VecJac sets dst to the transposed Jacobian of the outputs times u.
func (b *Batch[T]) VecJac(dst, x, u []T) { b.o.VecJac(dst, x, u) }

// Sampled is the same batch with labels drawn from the network's predictions at x.
func (b *Batch[T]) Sampled(x []T, seed uint64) (problem.Objective[T], bool) {
	o := b.o.sampled(x, seed)
	if o == nil {
		return nil, false
	}
	return &Batch[T]{o}, true
}

// KroneckerLayers lists the layers, from the input on.
func (b *Batch[T]) KroneckerLayers() []problem.KroneckerLayer { return b.o.KroneckerLayers() }

// KroneckerFactors sets a[i] and g[i] to the factors of layer i.
func (b *Batch[T]) KroneckerFactors(a, g [][]T, x []T) { b.o.KroneckerFactors(a, g, x) }
