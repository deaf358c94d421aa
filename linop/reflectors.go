package linop

import (
	"math"

	"basin/kernel"
)

// panel is the number of reflectors that are applied to a matrix together.
const panel = 32

// A product of up to panel reflectors H_i = I - tau_i v_i v_i' is applied as one
// (Schreiber & Van Loan 1989, SIAM J. Sci. Stat. Comput. 10):
//
//	H_1 H_2 ... = I - V' T V,    v_1, v_2, ... the rows of V, T upper triangular
type reflectors[T kernel.Float] struct {
	gram, t []T // panel x panel; t is -T
	vx, tvx []T // panel rows, as long as those of the matrix
	product *kernel.Scratch[T]
}

// factor makes t of the first n columns of V, whose rows are ldv apart, and tau:
//
//	T_ii = tau_i,    T_{:i,i} = -tau_i T_{:i,:i} (V v_i)_{:i}
func (r *reflectors[T]) factor(v []T, ldv, n int, tau []T) {
	count, gram, t := len(tau), r.gram, r.t
	kernel.Gram(r.product, gram, panel, v, ldv, 1, count, n, false)
	clear(t)
	for i, s := range tau {
		for j := range i {
			var sum T
			for k := j; k < i; k++ {
				sum += t[j*panel+k] * gram[k*panel+i]
			}
			t[j*panel+i] = -s * sum
		}
		t[i*panel+i] = -s
	}
}

// left sets X, n x cols with rows ldx apart, to (I - V'TV) X, for the V and T of the
// last factor.
func (r *reflectors[T]) left(x []T, ldx, cols int, v []T, ldv, n, count int) {
	kernel.MatMul(r.product, r.vx, cols, v, ldv, 1, x, ldx, 1, count, cols, n, false)
	kernel.MatMul(r.product, r.tvx, cols, r.t, panel, 1, r.vx, cols, 1, count, cols, count, false)
	kernel.MatMul(r.product, x, ldx, v, 1, ldv, r.tvx, cols, 1, n, cols, count, true)
}

// right sets X, rows x n, to X (I - V'TV), likewise.
func (r *reflectors[T]) right(x []T, ldx, rows int, v []T, ldv, n, count int) {
	kernel.MatMul(r.product, r.vx, count, x, ldx, 1, v, 1, ldv, rows, count, n, false)
	kernel.MatMul(r.product, r.tvx, count, r.vx, count, 1, r.t, panel, 1, rows, count, count, false)
	kernel.MatMul(r.product, x, ldx, r.tvx, count, 1, v, ldv, 1, rows, n, count, true)
}

// transform sets the n x n matrix x to Q x, for the Q of a reduction, of which v and tau
// are the a and tau.
func (r *reflectors[T]) transform(x, v, tau []T, n int) {
	for first := (n - 2) / panel * panel; first >= 0; first -= panel {
		count, from := min(panel, n-1-first), first+1
		v, rest := v[first*n+from:], n-from
		r.factor(v, n, rest, tau[first:][:count])
		r.left(x[from*n:], n, n, v, n, rest, count)
	}
}

// reflect turns x into v, v[0] = 1, such that (I - tau v v') x = (beta, 0, ..., 0),
// and gives tau = 0 and v = 0 if x has that form already (Golub & Van Loan 2013,
// algorithm 5.1.1). What is too small to be squared counts as zero: beside a matrix
// of norm one it is nothing.
func reflect[T kernel.Float](x []T) (beta, tau T) {
	head, tail := float64(x[0]), x[1:]
	square := kernel.Dot(tail, tail)
	if square < negligible[T]() {
		clear(x)
		return T(head), 0
	}
	b := -math.Copysign(math.Sqrt(head*head+square), head)
	kernel.Scale(tail, T(1/(head-b)))
	x[0] = 1
	return T(b), T((b - head) / b)
}

// negligible is the square of what counts as zero beside one.
func negligible[T kernel.Float]() float64 {
	if isSingle[T]() {
		return 0x1p-200
	}
	return 0x1p-900
}

func isSingle[T kernel.Float]() bool {
	_, single := any(T(0)).(float32)
	return single
}
