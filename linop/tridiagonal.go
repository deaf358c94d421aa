package linop

import "basin/kernel"

// A reduction is Q'AQ = T of a symmetric n x n matrix A: T is tridiagonal, with
// diagonal d, and e[j] in row j and column j+1, and Q = H_0 H_1 ... H_{n-2} with
// reflectors H_j = I - tau_j v_j v_j' (Golub & Van Loan 2013, section 8.3.1).
type reduction struct {
	n         int
	a         []float64 // A; then v_j in row j, with zeros before it from its panel's first column on
	d, e, tau []float64
	vw        []float64 // rows v, w, v, w, ... of the panel
	wv        []float64 // columns -w, -v, -w, -v, ...
	c         []float64 // 2*panel numbers
	block     reflectors[float64]
	product   *kernel.Scratch[float64]
}

// tridiagonalize reduces the matrix in r.a, of which the upper triangle is given and
// whose entries are at most about one.
//
// After the first i columns of a panel the matrix still to be reduced is
//
//	A - sum_{k<i} (v_k w_k' + w_k v_k') = A + WV VW,    w = tau (A v - tau/2 (v'Av) v)
//
// It is formed at the end of the panel, in one product. Before that one row of it is
// needed at a time, and its product with one vector (Dongarra, Sorensen & Hammarling
// 1989, J. Comput. Appl. Math. 27). The products with a vector are two thirds of the
// work, 4/3 n^3 operations, and run at the speed at which a cache delivers half of A.
func (r *reduction) tridiagonalize() {
	n := r.n
	for first := 0; first < n; first += panel {
		last := min(first+panel, n)
		for j := first; j < last; j++ {
			r.column(j, first)
		}
		if last < n {
			kernel.MulUpper(r.product, r.a[last*(n+1):], n, r.wv[last*2*panel:], 2*panel, 1, r.vw[last:], n, 1, n-last, 2*(last-first), true)
		}
	}
}

// column makes row and column j, of a panel that begins at first, tridiagonal.
func (r *reduction) column(j, first int) {
	n, used, rest := r.n, 2*(j-first), r.n-j-1
	row := r.a[j*n:][:n]
	r.multiplyAdd(row[j:], r.wv[j*2*panel:], j, used)
	r.d[j] = row[j]
	if rest == 0 {
		return
	}
	v, w := r.vw[used*n+j+1:][:rest], r.vw[(used+1)*n+j+1:][:rest]
	copy(v, row[j+1:])
	r.e[j], r.tau[j] = reflect(v)
	clear(w)
	if tau := r.tau[j]; tau != 0 {
		wv := r.wv[(j+1)*2*panel:]
		r.multiply(w, v)
		kernel.MatMul(r.product, r.c, used, v, rest, 1, wv, 2*panel, 1, 1, used, rest, false)
		r.multiplyAdd(w, r.c, j+1, used)
		kernel.Scale(w, tau)
		kernel.Axpy(w, -tau/2*kernel.Dot(w, v), v)
	}
	clear(row[first : j+1])
	copy(row[j+1:], v)
	for i := range v {
		column := r.wv[(j+1+i)*2*panel+used:]
		column[0], column[1] = -w[i], -v[i]
	}
}

// multiply adds to w the product of v and the symmetric matrix of the last rows of A, as
// many as v is long. Every row of the upper triangle is read once.
func (r *reduction) multiply(w, v []float64) {
	first := r.n - len(v)
	for i, x := range v {
		row := r.a[(first+i)*r.n+first+i:][:len(v)-i]
		w[i] += row[0]*x + kernel.AxpyDot(w[i+1:], x, row[1:], v[i+1:])
	}
}

// multiplyAdd adds c VW to a row, for the first k rows of VW and its columns from j on.
func (r *reduction) multiplyAdd(dst, c []float64, j, k int) {
	if k > 0 {
		kernel.MatMul(r.product, dst, r.n, c, 2*panel, 1, r.vw[j:], r.n, 1, 1, r.n-j, k, true)
	}
}

// tridiagonal sets dst to T.
func (r *reduction) tridiagonal(dst []float64) {
	clear(dst)
	for i, v := range r.d {
		dst[i*(r.n+1)] = v
		if i > 0 {
			dst[i*(r.n+1)-1], dst[i*(r.n+1)-r.n] = r.e[i-1], r.e[i-1]
		}
	}
}
