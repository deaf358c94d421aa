package linop

import (
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/lapack64"

	"basin/kernel"
)

// SVD decomposes the m x n matrix a as U diag(s) V', with k = min(m, n) singular
// values that descend, u of size m x k and vt = V' of size k x n.
func SVD(a []float64, m, n int) (u, s, vt []float64, err error) {
	k := min(m, n)
	u, vt = make([]float64, m*k), make([]float64, k*n)
	s, err = svd(lapack.SVDStore, a, u, vt, m, n)
	return u, s, vt, err
}

// SingularValues returns the min(m, n) singular values of a, descending.
func SingularValues(a []float64, m, n int) ([]float64, error) {
	return svd(lapack.SVDNone, a, nil, nil, m, n)
}

func svd(job lapack.SVDJob, a, u, vt []float64, m, n int) ([]float64, error) {
	checkSize(a, m, n)
	if !kernel.Finite(a) {
		return nil, ErrNotFinite
	}
	k := min(m, n)
	s := make([]float64, k)
	if k == 0 {
		return s, nil
	}
	A := blas64.General{Rows: m, Cols: n, Stride: n, Data: append([]float64(nil), a...)}
	U := blas64.General{Rows: m, Cols: k, Stride: k, Data: u}
	VT := blas64.General{Rows: k, Cols: n, Stride: n, Data: vt}
	var size [1]float64
	lapack64.Gesvd(job, job, A, U, VT, s, size[:], -1)
	work := make([]float64, int(size[0]))
	if !lapack64.Gesvd(job, job, A, U, VT, s, work, len(work)) {
		return nil, ErrNoConvergence
	}
	return s, nil
}
