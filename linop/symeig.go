package linop

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/lapack/gonum"

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
// over i, is the unit eigenvector of values[j]. Errors are a few rounding errors of
// the largest value, in all values alike.
//
// Nearly all its work is matrix products: at n = 784 it takes a fifth of the time of
// the QR iteration that it replaces.
func SymEig(a []float64, n int) (values, vectors []float64, err error) {
	t, exponent, err := reduce(a, n)
	if err != nil {
		return nil, nil, err
	}
	rows, ok := divide(t.d, t.e)
	if !ok {
		return nil, nil, ErrNoConvergence
	}
	vectors = make([]float64, n*n)
	for i := range n {
		for j := range n {
			vectors[i*n+j] = rows[j*n+i]
		}
	}
	t.apply(vectors)
	return restore(t.d, exponent), vectors, nil
}

// SymValues returns the eigenvalues alone, ascending.
func SymValues(a []float64, n int) ([]float64, error) {
	t, exponent, err := reduce(a, n)
	if err != nil {
		return nil, err
	}
	if !(gonum.Implementation{}).Dsterf(n, t.d, t.e) {
		return nil, ErrNoConvergence
	}
	return restore(t.d, exponent), nil
}

// reduce tridiagonalizes a / 2^exponent, whose largest element is of size one.
func reduce(a []float64, n int) (t *tridiagonal, exponent int, err error) {
	checkSize(a, n, n)
	if !kernel.Finite(a) {
		return nil, 0, ErrNotFinite
	}
	full := make([]float64, n*n)
	for i := range n {
		for j := i; j < n; j++ {
			full[i*n+j], full[j*n+i] = a[i*n+j], a[i*n+j]
		}
	}
	_, exponent = math.Frexp(kernel.AbsMax(full))
	for i, v := range full {
		full[i] = math.Ldexp(v, -exponent)
	}
	return tridiagonalize(full, n), exponent, nil
}

func restore(values []float64, exponent int) []float64 {
	for i, v := range values {
		values[i] = math.Ldexp(v, exponent)
	}
	return values
}

func checkSize(a []float64, m, n int) {
	if m < 0 || n < 0 || len(a) != m*n {
		panic("linop: length of a matrix does not match its size")
	}
}
