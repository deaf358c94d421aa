package optimtest

import (
	"math"

	"basin/problem"
)

// The outputs of the quadratic are sqrt(a)*(x-c), in one prediction.

func (f *quadratic[T]) LossKind() problem.LossKind { return problem.Squared }
func (f *quadratic[T]) Size() (int, int)           { return 1, len(f.a) }
func (f *quadratic[T]) Labels() []int              { return nil }

func (f *quadratic[T]) Outputs(dst, x []T) {
	for i, v := range x {
		dst[i] = T(math.Sqrt(f.a[i]) * (float64(v) - f.c[i]))
	}
}

func (f *quadratic[T]) JacVec(dst, _, v []T) {
	f.products++
	for i, e := range v {
		dst[i] = T(math.Sqrt(f.a[i]) * float64(e))
	}
}

// VecJac is the same, as the Jacobian is diagonal.
func (f *quadratic[T]) VecJac(dst, x, u []T) { f.JacVec(dst, x, u) }

func (f *coupling) VecJac(dst, x, u []float64) {
	g := make([]float64, len(u))
	f.quadratic.VecJac(g, f.turned(x), u)
	copy(dst, g)
	turn(dst, g, f.left, f.right, 5, 4, true)
}

func (f *coupling) JacVec(dst, x, v []float64) {
	f.quadratic.JacVec(dst, f.turned(x), f.turned(v))
}

func (f *moved[T]) LossKind() problem.LossKind { return problem.Squared }
func (f *moved[T]) Size() (int, int)           { return 1, f.Layout().N }
func (f *moved[T]) Labels() []int              { return nil }

func (f *moved[T]) Outputs(dst, x []T) {
	f.back(f.y, x)
	f.Objective.(problem.Predictor[T]).Outputs(dst, f.y)
}

func (f *moved[T]) VecJac(dst, x, u []T) {
	f.back(f.y, x)
	f.Objective.(problem.Jacobian[T]).VecJac(f.g, f.y, u)
	f.transposed(dst, f.g)
}

func (f *moved[T]) JacVec(dst, x, v []T) {
	w := make([]T, len(v))
	f.back(f.y, x)
	f.back(w, v)
	f.Objective.(problem.Jacobian[T]).JacVec(dst, f.y, w)
}
