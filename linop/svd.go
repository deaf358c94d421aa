package linop

import (
	"math"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/lapack64"

	"basin/kernel"
)

// SVD decomposes the m x n matrix a as U diag(s) V', with k = min(m, n) singular
// values that descend, u of size m x k and vt = V' of size k x n.
func SVD(a []float64, m, n int) (u, s, vt []float64, err error) {
	k := min(m, n)
	u, s, vt = make([]float64, m*k), make([]float64, k), make([]float64, k*n)
	var w Scratch
	return u, s, vt, w.SVD(u, s, vt, a, m, n)
}

// SVD finds the r = len(s) largest singular values of the m x n matrix a, which
// descend, and their vectors: the columns of u, m x r, and the rows of vt, r x n. Both
// are orthonormal to rounding, whatever the rank. Of a pair of vectors that with the
// smaller of the two lengths has the sign that SymEig gives it.
//
// Errors of the values and of U diag(s) V' are a few rounding errors of the largest
// value. The time is that of all k = min(m, n), less the work on the longer vectors.
//
// The smaller of A A' and A'A is decomposed. Where A A' = P' D P, the rows of B = P A
// are orthogonal but for errors of the order of the largest of the squares, of which
// rotations of pairs (Hestenes 1958, J. SIAM 6) free those that matter beside the
// largest value. Then B' = Q R with R diagonal, and A = P' R Q'.
func (s *Scratch) SVD(u, values, vt, a []float64, m, n int) error {
	r, k, long := len(values), min(m, n), max(m, n)
	checkSize(a, m, n)
	checkSize(u, m, r)
	checkSize(vt, r, n)
	if r > k {
		panic("linop: SVD with more values than the matrix has")
	}
	if !kernel.Finite(a) {
		return ErrNotFinite
	}
	if r == 0 {
		return nil
	}
	take := s.outer.take(2*m*n + 3*k*k + k + r*(2*long+r))
	c, gram, d := take(m*n), take(k*k), take(k)
	j := jacobi{
		n: k, long: long, p: take(k * k), b: take(k * long),
		dots: take(k * k), product: &s.outer.product,
	}
	q, right, room := take(r*long), take(r*r), take(r*long)
	copy(c, a)
	exponent := normalize(c)
	rs, cs := n, 1 // of the matrix of k rows
	if m > n {
		rs, cs = 1, n
	}
	kernel.Gram(&s.outer.product, gram, k, c, rs, cs, k, long, false)
	if err := s.SymEig(d, gram, gram, k); err != nil {
		return err
	}
	for i := range k {
		for l := range k {
			j.p[i*k+l] = gram[l*k+k-1-i]
		}
	}
	kernel.MatMul(&s.outer.product, j.b, long, j.p, k, 1, c, rs, cs, k, long, k, false)
	if !j.orthogonalize() {
		return ErrNoConvergence
	}
	kernel.Transpose(room, r, j.b, long, r, long)
	if err := s.inner.QR(q, right, room, long, r); err != nil {
		return err
	}
	for i := range values {
		x := right[i*(r+1)]
		if x < 0 {
			kernel.Scale(j.p[i*k:][:k], -1)
		}
		values[i] = math.Abs(x)
		if i > 0 { // equal but for rounding
			values[i] = min(values[i], values[i-1])
		}
	}
	for i, x := range values {
		values[i] = math.Ldexp(x, exponent)
	}
	if m > n {
		copy(u, q)
		copy(vt, j.p[:r*k])
	} else {
		kernel.Transpose(u, r, j.p, k, r, k)
		kernel.Transpose(vt, long, q, r, long, r)
	}
	return nil
}

// SingularValues returns the min(m, n) singular values of a, descending.
func SingularValues(a []float64, m, n int) ([]float64, error) {
	checkSize(a, m, n)
	if !kernel.Finite(a) {
		return nil, ErrNotFinite
	}
	s := make([]float64, min(m, n))
	if len(s) == 0 {
		return s, nil
	}
	b := blas64.General{Rows: m, Cols: n, Stride: n, Data: append([]float64(nil), a...)}
	var none blas64.General
	var size [1]float64
	lapack64.Gesvd(lapack.SVDNone, lapack.SVDNone, b, none, none, s, size[:], -1)
	work := make([]float64, int(size[0]))
	if !lapack64.Gesvd(lapack.SVDNone, lapack.SVDNone, b, none, none, s, work, len(work)) {
		return nil, ErrNoConvergence
	}
	return s, nil
}
