package optim

import (
	"slices"

	"basin/kernel"
	"basin/problem"
)

// A quintic is one step of a Newton-Schulz iteration, X <- (a I + b A + c A^2) X
// with A = X X'. It leaves the singular vectors of X as they are and takes each
// singular value s to a s + b s^3 + c s^5.
type quintic struct{ a, b, c float64 }

var (
	// steep is Muon's (Jordan et al. 2024): small singular values grow by 3.4 a step,
	// and those that have grown wander about in [0.68, 1.13] for good.
	steep = quintic{3.4445, -4.7750, 2.0315}
	// exact has a fixed point of third order at 1, to which it takes all of (0, 1.5):
	// the [2/0] member of the Pade family (Kenney & Laub 1991).
	exact = quintic{15. / 8, -10. / 8, 3. / 8}
)

// muonSteps is Muon's iteration: n steep steps.
func muonSteps(n int) []quintic {
	steps := make([]quintic, n)
	for i := range steps {
		steps[i] = steep
	}
	return steps
}

// polarSteps goes on to the polar factor. The steep steps bring to order one all
// singular values that rounding has left meaningful: from 1e-9 of the norm in
// float64, from 1e-5 in float32. What is below stays below one, so that the
// rounding of a matrix of lower rank is not blown up to be part of the factor.
func polarSteps[T problem.Float]() []quintic {
	n := 16
	if _, narrow := any(T(0)).(float32); narrow {
		n = 8
	}
	return append(muonSteps(n), exact, exact, exact, exact, exact, exact)
}

// An orthogonalizer drives the singular values of matrices towards one. Its room
// serves matrices of up to the size it was made for.
type orthogonalizer[T problem.Float] struct {
	steps   []quintic
	eps     float64
	x, y    []T    // matrices of r x c, r <= c
	square  [4][]T // r x r
	scratch kernel.Scratch[T]
}

func newOrthogonalizer[T problem.Float](steps []quintic, eps float64, blocks []problem.Block) *orthogonalizer[T] {
	o := &orthogonalizer[T]{steps: steps, eps: eps}
	n, r := 0, 0
	for _, b := range blocks {
		rows, cols, _ := b.Matrix()
		n, r = max(n, b.Len()), max(r, min(rows, cols))
	}
	o.x, o.y = make([]T, n), make([]T, n)
	for i := range o.square {
		o.square[i] = make([]T, r*r)
	}
	return o
}

// stride is how many steps are taken on the r x r matrix A = X X' alone, as
// A <- P A P with P = a I + b A + c A^2, before X, of r x c, is multiplied by all the P:
// where X is long that costs less than steps on X. A knows small singular values only
// by their squares, of which every step makes rounding errors grow by 3.4^2. Three
// steps at a time leave the result as exact as one does, five are ten times worse.
func stride(r, c int) int {
	if r < 16 || c < 2*r {
		return 1
	}
	return 3
}

// apply replaces the rows x cols matrix u by the result of the steps, begun at
// u/(|u|+eps) in the Frobenius norm. The work is done on the transpose if that has
// fewer rows.
func (o *orthogonalizer[T]) apply(u []T, rows, cols int) {
	length := norm(u, []span{{0, len(u), 0}}) + o.eps
	if length == 0 {
		return
	}
	r, c := rows, cols
	x, y := o.x[:len(u)], o.y[:len(u)]
	if rows > cols {
		r, c = cols, rows
		kernel.Transpose(x, rows, u, cols, rows, cols)
	} else {
		copy(x, u)
	}
	kernel.Scale(x, reciprocal[T](length))
	for some := range slices.Chunk(o.steps, stride(r, c)) {
		q := o.polynomial(x, r, c, some)
		kernel.MatMul(&o.scratch, y, c, q, r, 1, x, c, 1, r, c, r, false)
		x, y = y, x
	}
	if rows > cols {
		kernel.Transpose(u, cols, x, rows, cols, rows)
	} else {
		copy(u, x)
	}
}

// polynomial gives the Q for which Q X is what the steps make of X. All matrices are
// polynomials of X X', so that their products are symmetric.
func (o *orthogonalizer[T]) polynomial(x []T, r, c int, steps []quintic) []T {
	a, p, q, t := o.square[0][:r*r], o.square[1][:r*r], o.square[2][:r*r], o.square[3][:r*r]
	kernel.Gram(&o.scratch, a, r, x, c, 1, r, c, false)
	kernel.Mirror(a, r, r)
	for i, s := range steps {
		if i > 0 {
			o.multiply(t, p, a, r)
			o.multiply(a, t, p, r)
		}
		kernel.Gram(&o.scratch, p, r, a, r, 1, r, r, false)
		for i := range r {
			kernel.Axpby(T(s.c), p[i*r+i:(i+1)*r], T(s.b), a[i*r+i:(i+1)*r])
			p[i*r+i] += T(s.a)
		}
		kernel.Mirror(p, r, r)
		if i == 0 {
			copy(q, p)
		} else {
			o.multiply(t, p, q, r)
			q, t = t, q
		}
	}
	return q
}

// multiply sets c to a b, which is symmetric.
func (o *orthogonalizer[T]) multiply(c, a, b []T, r int) {
	kernel.MulUpper(&o.scratch, c, r, a, r, 1, b, r, 1, r, r, false)
	kernel.Mirror(c, r, r)
}

// flops counts the products of apply, of those that are symmetric one half.
func (o *orthogonalizer[T]) flops(rows, cols int) float64 {
	r, c := float64(min(rows, cols)), float64(max(rows, cols))
	sum := 0.0
	for some := range slices.Chunk(o.steps, stride(min(rows, cols), max(rows, cols))) {
		sum += 3*r*r*c + (4*float64(len(some))-3)*r*r*r
	}
	return sum
}
