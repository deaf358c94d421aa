package linop

import (
	"errors"

	"basin/kernel"
)

// ErrIndefinite is returned where an operator that must be positive definite has a
// direction v with v' A v <= 0.
var ErrIndefinite = errors.New("linop: the operator is not positive definite")

// CG solves A x = b for a positive definite operator by conjugate gradients
// (Hestenes, Stiefel 1952), from x = 0, until |b - A x| <= tol |b| in the residual's
// own recurrence, or for the given number of steps. It sets dst to x and returns the
// relative residual reached and the steps taken. On ErrIndefinite dst holds the
// iterate before.
func CG(op Op, dst, b []float64, tol float64, steps int) (residual float64, taken int, err error) {
	if len(dst) != op.N || len(b) != op.N {
		panic("linop: CG with vectors of the wrong length")
	}
	clear(dst)
	r := append([]float64(nil), b...)
	p := append([]float64(nil), b...)
	ap := make([]float64, op.N)
	rr := kernel.Dot(r, r)
	norm := kernel.Norm2(b)
	if norm == 0 {
		return 0, 0, nil
	}
	residual = 1
	for taken < steps && residual > tol {
		op.Mul(ap, p)
		pap := kernel.Dot(p, ap)
		if !isFinite(pap) {
			return residual, taken, ErrOpNotFinite
		}
		if pap <= 0 {
			return residual, taken, ErrIndefinite
		}
		kernel.Axpy(dst, rr/pap, p)
		kernel.Axpy(r, -rr/pap, ap)
		before := rr
		rr = kernel.Dot(r, r)
		for i := range p {
			p[i] = r[i] + rr/before*p[i]
		}
		residual = kernel.Norm2(r) / norm
		taken++
	}
	return residual, taken, nil
}
