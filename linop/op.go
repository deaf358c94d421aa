package linop

import "basin/kernel"

// An Op is a symmetric matrix A of N rows known by its products alone. Mul sets
// dst to A v; it keeps neither slice, does not change v, and the two never overlap.
type Op struct {
	N   int
	Mul func(dst, v []float64)
}

// Dense is the operator of a symmetric n x n matrix.
func Dense(a []float64, n int) Op {
	checkSize(a, n, n)
	return Op{n, func(dst, v []float64) {
		for i := range dst {
			dst[i] = kernel.Dot(a[i*n:(i+1)*n], v)
		}
	}}
}
