package linop

import "basin/kernel"

// transform sets the n x n matrix x to Q x. The reflectors of a panel are applied
// together (Schreiber & Van Loan 1989, SIAM J. Sci. Stat. Comput. 10):
//
//	H_j H_{j+1} ... = I - V' T V,    v_j, v_{j+1}, ... the rows of V, T upper triangular
func (r *reduction) transform(x []float64) {
	n := r.n
	for first := (n - 2) / panel * panel; first >= 0; first -= panel {
		count, from := min(panel, n-1-first), first+1
		v, x, rest := r.a[first*n+from:], x[from*n:], n-from
		r.factor(v, r.tau[first:][:count], rest)
		vx, tvx := r.vw[:count*n], r.wv[:count*n]
		kernel.MatMul(r.product, vx, n, v, n, 1, x, n, 1, count, n, rest, false)
		kernel.MatMul(r.product, tvx, n, r.t, panel, 1, vx, n, 1, count, n, count, false)
		kernel.MatMul(r.product, x, n, v, 1, n, tvx, n, 1, rest, n, count, true)
	}
}

// factor sets t to -T, for the first rest columns of V and their tau:
//
//	T_ii = tau_i,    T_{:i,i} = -tau_i T_{:i,:i} (V v_i)_{:i}
func (r *reduction) factor(v, tau []float64, rest int) {
	count, gram, t := len(tau), r.gram, r.t
	kernel.MatMul(r.product, gram, panel, v, r.n, 1, v, 1, r.n, count, count, rest, false)
	clear(t)
	for i, s := range tau {
		for j := range i {
			sum := 0.0
			for k := j; k < i; k++ {
				sum += t[j*panel+k] * gram[k*panel+i]
			}
			t[j*panel+i] = -s * sum
		}
		t[i*panel+i] = -s
	}
}
