package linop

import (
	"fmt"
	"math"

	"basin/kernel"
)

// InvRoot sets dst to (a + ridge I)^(-1/p), for a symmetric positive semidefinite
// n x n matrix a and p > 0: p = 1 is the inverse, p = 4 what a two-sided Shampoo
// step takes (Gupta, Koren, Singer 2018). dst may be a.
//
// A smallest eigenvalue that rounding has made negative shifts the whole spectrum
// up to zero before the ridge is added. It is an error if the matrix is indefinite
// beyond rounding, or if the ridge leaves it singular.
func InvRoot(dst, a []float64, n int, p, ridge float64) error {
	var s Scratch
	return s.InvRoot(dst, a, n, p, ridge)
}

// InvRoot is the function of that name. It needs room for another n^2 numbers.
func (s *Scratch) InvRoot(dst, a []float64, n int, p, ridge float64) error {
	checkSize(dst, n, n)
	if !(p > 0) || !(ridge >= 0) {
		panic("linop: InvRoot needs p > 0 and ridge >= 0")
	}
	if cap(s.vectors) < n*n {
		s.vectors, s.values = make([]float64, n*n), make([]float64, n)
	}
	values, v := s.values[:n], s.vectors[:n*n]
	if err := s.SymEig(values, v, a, n); err != nil || n == 0 {
		return err
	}
	least, largest := values[0], max(values[n-1], -values[0])
	if least < -float64(n)*0x1p-46*largest {
		return fmt.Errorf("linop: no root of an indefinite matrix (eigenvalues from %.3g to %.3g)", least, values[n-1])
	}
	shift := ridge - min(least, 0)
	if !(least+shift > 0) {
		return fmt.Errorf("linop: no inverse root of a singular matrix of size %d; use a ridge above 0", n)
	}
	// dst = W W' with W = V diag(value^(-1/(2p))), exactly symmetric.
	for j := range n {
		values[j] = math.Pow(values[j]+shift, -0.5/p)
	}
	for i := range n {
		for j, s := range values {
			v[i*n+j] *= s
		}
	}
	kernel.MatMul(&s.product, dst, n, v, n, 1, v, 1, n, n, n, n, false)
	return nil
}
