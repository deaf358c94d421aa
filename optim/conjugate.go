package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

// conjugate solves (M + damping I) y = b for a curvature matrix M of an objective, that of
// some blocks alone, by conjugate gradients (Hestenes & Stiefel 1952). Vectors are in the
// whole space and of T, zero outside the blocks; scalars are of float64.
type conjugate[T problem.Float] struct {
	matrix         problem.Matrix
	spans          []span
	b, y, r, p, mp []T
}

func newConjugate[T problem.Float](m problem.Matrix, c *Context[T]) *conjugate[T] {
	room := func() []T { return kernel.Vector[T](c.Layout.N) }
	s := &conjugate[T]{matrix: m, b: room(), y: room(), r: room(), p: room(), mp: room()}
	s.spans, _ = spans(c.Blocks)
	return s
}

// solve goes from y on until the residual r is at most tol times as long as b, or for as
// many steps. Where a direction has no positive curvature it stops, and the answer is what
// it has, or b if that is nothing yet (Nocedal & Wright 2006, Algorithm 7.1). It reports
// false where the objective has no such matrix.
func (s *conjugate[T]) solve(f problem.Objective[T], x []T, damping, tol float64, steps int) bool {
	copy(s.r, s.b)
	began := kernel.AbsMax(s.y) != 0
	if began {
		if !s.multiply(f, x, s.y, damping) {
			return false
		}
		s.add(s.r, -1, s.mp)
	}
	copy(s.p, s.r)
	rr, least := kernel.Dot(s.r, s.r), tol*tol*kernel.Dot(s.b, s.b)
	for range steps {
		if rr <= least {
			break
		}
		if !s.multiply(f, x, s.p, damping) {
			return false
		}
		curvature := kernel.Dot(s.p, s.mp)
		if curvature <= 0 {
			if !began {
				copy(s.y, s.b)
				s.add(s.r, -1, s.mp)
			}
			break
		}
		began = true
		s.add(s.y, T(rr/curvature), s.p)
		s.add(s.r, -T(rr/curvature), s.mp)
		before := rr
		rr = kernel.Dot(s.r, s.r)
		keep := T(rr / before)
		for _, q := range s.spans {
			kernel.Axpby(keep, s.p[q.lo:q.hi], 1, s.r[q.lo:q.hi])
		}
		if math.IsNaN(rr) {
			s.add(s.y, T(math.NaN()), s.p)
			break
		}
	}
	return true
}

// multiply sets mp to (M + damping I) v on the blocks, and leaves it zero elsewhere.
func (s *conjugate[T]) multiply(f problem.Objective[T], x, v []T, damping float64) bool {
	ok := f.MulVec(s.matrix, s.mp, x, v)
	end := 0
	for _, q := range s.spans {
		clear(s.mp[end:q.lo])
		kernel.Axpy(s.mp[q.lo:q.hi], T(damping), v[q.lo:q.hi])
		end = q.hi
	}
	clear(s.mp[end:])
	return ok
}

// add adds alpha v to y on the blocks.
func (s *conjugate[T]) add(y []T, alpha T, v []T) {
	for _, q := range s.spans {
		kernel.Axpy(y[q.lo:q.hi], alpha, v[q.lo:q.hi])
	}
}
