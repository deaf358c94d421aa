package linop

import (
	"errors"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/lapack64"

	"basin/kernel"
)

var (
	// ErrNotFinite is returned for a matrix with an infinite or NaN entry.
	ErrNotFinite = errors.New("linop: the matrix has an entry that is not finite")
	// ErrNoConvergence is returned where an iteration of LAPACK did not converge.
	ErrNoConvergence = errors.New("linop: the decomposition did not converge")
)

// SymEig decomposes the symmetric n x n matrix a, of which only the upper triangle
// is read, as V diag(values) V'. The values ascend; column j of V, vectors[i*n+j]
// over i, is the unit eigenvector of values[j].
func SymEig(a []float64, n int) (values, vectors []float64, err error) {
	return symEig(a, n, lapack.EVCompute)
}

// SymValues returns the eigenvalues alone, ascending.
func SymValues(a []float64, n int) ([]float64, error) {
	values, _, err := symEig(a, n, lapack.EVNone)
	return values, err
}

func symEig(a []float64, n int, job lapack.EVJob) (values, vectors []float64, err error) {
	checkSize(a, n, n)
	if !kernel.Finite(a) {
		return nil, nil, ErrNotFinite
	}
	values = make([]float64, n)
	vectors = append([]float64(nil), a...)
	if n == 0 {
		return values, vectors, nil
	}
	s := blas64.Symmetric{N: n, Stride: n, Data: vectors, Uplo: blas.Upper}
	var size [1]float64
	lapack64.Syev(job, s, values, size[:], -1)
	work := make([]float64, int(size[0]))
	if !lapack64.Syev(job, s, values, work, len(work)) {
		return nil, nil, ErrNoConvergence
	}
	return values, vectors, nil
}

func checkSize(a []float64, m, n int) {
	if m < 0 || n < 0 || len(a) != m*n {
		panic("linop: length of a matrix does not match its size")
	}
}
