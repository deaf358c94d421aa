package optimtest

import (
	"math"

	"basin/problem"
	"basin/rng"
)

// layout has blocks of every role and order.
var layout = problem.NewLayout(
	problem.Block{Name: "embed.weight", Role: problem.Embedding, Shape: []int{3, 4}},
	problem.Block{Name: "layer1.weight", Role: problem.Weight, Shape: []int{5, 4}},
	problem.Block{Name: "layer1.bias", Role: problem.Bias, Shape: []int{5}},
	problem.Block{Name: "norm.gain", Role: problem.Gain, Shape: []int{5}},
	problem.Block{Name: "conv.weight", Role: problem.Weight, Shape: []int{4, 3, 2, 2}},
	problem.Block{Name: "head.weight", Role: problem.Weight, Shape: []int{7, 5}},
	problem.Block{Name: "head.bias", Role: problem.Bias, Shape: []int{7}},
)

// A quadratic is scale * sum 0.5*a*(x-c)^2; it counts the gradients and products asked
// of it. See curvature.go for what it knows beyond its gradient.
type quadratic[T problem.Float] struct {
	layout          *problem.Layout
	scale           float64
	a, c            []float64
	grads, products int
	draws           draws[T]
}

// newQuadratic draws curvatures from [0.5, 1.5] and an optimum from [-0.1, 0.1].
func newQuadratic[T problem.Float](l *problem.Layout) *quadratic[T] {
	f := &quadratic[T]{layout: l, scale: 1, a: make([]float64, l.N), c: make([]float64, l.N)}
	s := rng.At(1, "quadratic", 0)
	for i := range f.a {
		f.a[i], f.c[i] = 0.5+s.Float64(), 0.2*s.Float64()-0.1
	}
	return f
}

func (f *quadratic[T]) Layout() *problem.Layout { return f.layout }

func (f *quadratic[T]) Loss(x []T) float64 {
	sum := 0.0
	for i, v := range x {
		e := float64(v) - f.c[i]
		sum += 0.5 * f.a[i] * e * e
	}
	return f.scale * sum
}

func (f *quadratic[T]) Grad(dst, x []T) float64 {
	f.grads++
	for i, v := range x {
		dst[i] = T(f.scale * f.a[i] * (float64(v) - f.c[i]))
	}
	return f.Loss(x)
}

// A moved objective is another one seen through a linear map of the parameters:
// f(back(x)). The transposed of back is what its gradient goes through.
type moved[T problem.Float] struct {
	problem.Objective[T]
	back, transposed func(dst, x []T)
	y, g             []T
	// factors, where not nil, changes those of the layer of a block alike.
	factors func(b problem.Block, a, g []T)
}

func newMoved[T problem.Float](f problem.Objective[T], back, transposed func(dst, x []T)) *moved[T] {
	n := f.Layout().N
	return &moved[T]{Objective: f, back: back, transposed: transposed, y: make([]T, n), g: make([]T, n)}
}

func (f *moved[T]) Loss(x []T) float64 {
	f.back(f.y, x)
	return f.Objective.Loss(f.y)
}

func (f *moved[T]) Grad(dst, x []T) float64 {
	f.back(f.y, x)
	loss := f.Objective.Grad(f.g, f.y)
	f.transposed(dst, f.g)
	return loss
}

// orthogonal draws an n x n orthogonal matrix: Gram-Schmidt on normal rows.
func orthogonal(n int, name string) []float64 {
	s := rng.At(2, name, n)
	q := make([]float64, n*n)
	for i := range n {
		row := q[i*n : (i+1)*n]
		for j := range row {
			row[j] = s.Norm()
		}
		for range 2 {
			for k := range i {
				other, dot := q[k*n:(k+1)*n], 0.0
				for j, v := range other {
					dot += v * row[j]
				}
				for j, v := range other {
					row[j] -= dot * v
				}
			}
		}
		sum := 0.0
		for _, v := range row {
			sum += v * v
		}
		for j := range row {
			row[j] /= math.Sqrt(sum)
		}
	}
	return q
}
