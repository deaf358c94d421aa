package linop

import (
	"errors"
	"math"

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
// over i, is the unit eigenvector of values[j]. Errors are a few rounding errors of
// the largest value, in all values alike.
func SymEig(a []float64, n int) (values, vectors []float64, err error) {
	var s Scratch
	values, vectors = make([]float64, n), make([]float64, n*n)
	if err := s.SymEig(values, vectors, a, n); err != nil {
		return nil, nil, err
	}
	return values, vectors, nil
}

// SymValues returns the eigenvalues alone, ascending.
func SymValues(a []float64, n int) ([]float64, error) {
	values, _, err := SymEig(a, n)
	return values, err
}

// SymEig is the function of that name, with its results in slices that are given.
// vectors may be a.
//
// The matrix is made tridiagonal and that divided and conquered, nearly all by matrix
// products. QR iteration, on which it falls back should a root not be found, is less
// exact, and slower from n = 40 on: ten times at n = 784.
func (s *Scratch) SymEig(values, vectors, a []float64, n int) error {
	checkSize(a, n, n)
	checkSize(vectors, n, n)
	checkSize(values, n, 1)
	if err := decompose(s, values, vectors, a, n); err != nil || n == 0 {
		return err
	}
	r := &s.reduction
	r.block.transform(vectors, r.a, r.tau, n)
	return nil
}

// decompose finds the values of a, and the vectors of the tridiagonal matrix that the
// reduction makes of it.
func decompose[T kernel.Float](s *Scratch, values, vectors []float64, a []T, n int) error {
	top := 0.0
	for i := range n {
		top = max(top, kernel.AbsMax(a[i*n+i:(i+1)*n]))
	}
	if !(top <= math.MaxFloat64) {
		return ErrNotFinite
	}
	if n == 0 {
		return nil
	}
	s.fit(n)
	exponent := load(s, a, n, top)
	s.reduction.tridiagonalize()
	if !s.divide(values, vectors) {
		s.reduction.tridiagonal(vectors)
		if err := s.iterate(values, vectors); err != nil {
			return err
		}
	}
	for i, v := range values {
		values[i] = math.Ldexp(v, exponent)
	}
	return nil
}

// load makes a / 2^exponent the matrix to reduce. Its largest entry, of which top is the
// size in a, is about one, so that squares neither overflow nor, if they matter, underflow.
func load[T kernel.Float](s *Scratch, a []T, n int, top float64) (exponent int) {
	_, exponent = math.Frexp(top)
	exponent = min(max(exponent, -1022), 1023) // so that 2^-exponent is a number
	b, scale := s.reduction.a, math.Ldexp(1, -exponent)
	for i := range n {
		row := b[i*n+i : (i+1)*n]
		for j, v := range a[i*n+i : (i+1)*n] {
			row[j] = scale * float64(v)
		}
	}
	return exponent
}

// divide decomposes the tridiagonal matrix, and tells whether it could.
func (s *Scratch) divide(values, vectors []float64) bool {
	w := &s.division
	if !w.divide(s.reduction.d, s.reduction.e, vectors) {
		return false
	}
	order := w.ascending(0, w.n)
	for j, from := range order {
		values[j] = w.d[from]
	}
	rowsToColumns(vectors, w.q, order, w.n)
	return true
}

// iterate decomposes the matrix in vectors by the QR iteration of LAPACK.
func (s *Scratch) iterate(values, vectors []float64) error {
	n, work := len(values), s.reduction.vw
	a := blas64.Symmetric{N: n, Stride: n, Data: vectors, Uplo: blas.Upper}
	if !lapack64.Syev(lapack.EVCompute, a, values, work, len(work)) {
		return ErrNoConvergence
	}
	return nil
}

// rowsToColumns makes row order[j] of src column j of dst, a few at a time, so that
// what is written of a row lies together.
func rowsToColumns(dst, src []float64, order []int, n int) {
	const few = 8
	for first := 0; first < n; first += few {
		some := order[first:min(first+few, n)]
		for i := range n {
			row := dst[i*n+first:][:len(some)]
			for j, from := range some {
				row[j] = src[from*n+i]
			}
		}
	}
}

func checkSize[T kernel.Float](a []T, m, n int) {
	if m < 0 || n < 0 || len(a) != m*n {
		panic("linop: length of a matrix does not match its size")
	}
}
