package task

import (
	"basin/data"
	"basin/problem"
)

// A bowl is the objective (x-c)'A(x-c)/2 + tilt.(x-c). Its sums are in double
// precision whatever T is.
type bowl[T problem.Float] struct {
	*data.Quadratic
	layout *problem.Layout
	tilt   []float64 // nil for none
	from   []float64 // of the last call: x-c
}

func newBowl[T problem.Float](f *data.Quadratic, tilted bool) *bowl[T] {
	b := &bowl[T]{
		Quadratic: f,
		layout:    problem.NewLayout(problem.Block{Name: "x", Role: problem.Weight, Shape: []int{f.Dim}}),
		from:      make([]float64, f.Dim),
	}
	if tilted {
		b.tilt = make([]float64, f.Dim)
	}
	return b
}

func (b *bowl[T]) Layout() *problem.Layout { return b.layout }

func (b *bowl[T]) Loss(x []T) float64 { return b.evaluate(nil, x) }

func (b *bowl[T]) Grad(dst, x []T) float64 { return b.evaluate(dst, x) }

// evaluate returns the loss and, unless dst is nil, sets it to the gradient.
func (b *bowl[T]) evaluate(dst, x []T) float64 {
	for i, c := range b.Center {
		b.from[i] = float64(x[i]) - c
	}
	loss := 0.0
	for i, from := range b.from {
		slope := b.product(i, b.from)
		loss += float64(from * slope / 2)
		if b.tilt != nil {
			slope += b.tilt[i]
			loss += float64(from * b.tilt[i])
		}
		if dst != nil {
			dst[i] = T(slope)
		}
	}
	return loss
}

// product is entry i of A v.
func (b *bowl[T]) product(i int, v []float64) float64 {
	sum := 0.0
	for j, a := range b.A[i*b.Dim : (i+1)*b.Dim] {
		sum += float64(a * v[j])
	}
	return sum
}

// MulVec multiplies by A, which is the Hessian and, for the loss |A^1/2 (x-c)|^2/2,
// the Gauss-Newton matrix as well. There is no likelihood and so no Fisher matrix.
func (b *bowl[T]) MulVec(m problem.Matrix, dst, x, v []T) bool {
	if m != problem.Hessian && m != problem.GaussNewton {
		return false
	}
	for i, d := range v {
		b.from[i] = float64(d)
	}
	for i := range dst {
		dst[i] = T(b.product(i, b.from))
	}
	return true
}

// Flops counts the operations of a loss, a gradient and a product with A.
func (b *bowl[T]) Flops() (loss, grad, product float64) {
	n := float64(b.Dim)
	return 2*n*n + 3*n, 2*n*n + 3*n, 2 * n * n
}
