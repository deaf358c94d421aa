package linop

import (
	"math"

	"basin/internal/crew"
	"basin/kernel"
)

// A Room is the room in which matrices of either precision are orthogonalized and
// triangular ones solved. The zero value is ready; it grows on demand and is kept, so
// that a problem of a size no larger than before allocates nothing. Results do not
// depend on what it was used for. One Room serves one goroutine.
type Room[T kernel.Float] struct {
	numbers []T
	product kernel.Scratch[T]
}

// Use lets products of matrices be shared with helpers, as kernel.Scratch does.
func (w *Room[T]) Use(c *crew.Crew) { w.product.Use(c) }

// take gives so many numbers in all, of undefined content, and what cuts them up.
func (w *Room[T]) take(size int) func(n int) []T {
	if cap(w.numbers) < size {
		w.numbers = make([]T, size)
	}
	rest := w.numbers[:size]
	return func(n int) []T {
		part := rest[:n:n]
		rest = rest[n:]
		return part
	}
}

// QR decomposes the m x n matrix a, m >= n, as Q R: the columns of the m x n matrix q
// are orthonormal to rounding whatever the rank of a, and the n x n matrix r is upper
// triangular, with zeros below. r may be nil if it is not wanted; q or r may be a.
//
// Signs are those of LAPACK's geqrf: entry i of the diagonal of R is opposite to what
// the reflectors before have left in that place of a, unless nothing is left below.
func (w *Room[T]) QR(q, r, a []T, m, n int) error {
	checkSize(a, m, n)
	checkSize(q, m, n)
	if r != nil {
		checkSize(r, n, n)
	}
	if m < n {
		panic("linop: QR of a matrix with fewer rows than columns")
	}
	if !kernel.Finite(a) {
		return ErrNotFinite
	}
	if n == 0 {
		return nil
	}
	take := w.take(n*m + (2*m+1)*panel + n + 2*panel*panel)
	// Columns of A and of V are rows of b.
	b, tau := take(n*m), take(n)
	block := reflectors[T]{
		gram: take(panel * panel), t: take(panel * panel),
		vx: take(panel * m), tvx: take(panel * m), product: &w.product,
	}
	line := take(panel)
	kernel.Transpose(b, m, a, n, m, n)
	exponent := normalize(b)
	if r != nil {
		clear(r)
	}
	for first := 0; first < n; first += panel {
		last := min(first+panel, n)
		for j := first; j < last; j++ {
			row := b[j*m:][:m]
			v := row[j:]
			var diagonal T
			diagonal, tau[j] = reflect(v)
			if s, below := tau[j], last-j-1; s != 0 && below > 0 {
				rest := b[(j+1)*m+j:]
				kernel.MatMul(&w.product, line, below, v, len(v), 1, rest, 1, m, 1, below, len(v), false)
				kernel.Scale(line[:below], -s)
				kernel.MatMul(&w.product, rest, m, line, 1, 1, v, len(v), 1, below, len(v), 1, true)
			}
			if r != nil {
				for i, x := range row[:j] {
					r[i*n+j] = x
				}
				r[j*n+j] = diagonal
			}
			clear(row[first:j])
		}
		v, rest, count := b[first*m+first:], m-first, last-first
		if last < n {
			block.factor(v, m, rest, tau[first:last])
			block.right(b[last*m+first:], m, n-last, v, m, rest, count)
		}
	}
	if r != nil {
		rescale(r, exponent)
	}
	clear(q)
	for i := range n {
		q[i*(n+1)] = 1
	}
	for first := (n - 1) / panel * panel; first >= 0; first -= panel {
		v, rest, count := b[first*m+first:], m-first, min(panel, n-first)
		block.factor(v, m, rest, tau[first:][:count])
		block.left(q[first*(n+1):], n, n-first, v, m, rest, count)
	}
	return nil
}

// normalize divides a by 2^exponent, after which its largest entry is about one.
func normalize[T kernel.Float](a []T) (exponent int) {
	_, exponent = math.Frexp(kernel.AbsMax(a))
	limit := 1022
	if isSingle[T]() {
		limit = 126
	}
	exponent = min(max(exponent, -limit), limit) // so that its inverse is a number
	kernel.Scale(a, T(math.Ldexp(1, -exponent)))
	return exponent
}

// rescale undoes it.
func rescale[T kernel.Float](a []T, exponent int) {
	kernel.Scale(a, T(math.Ldexp(1, exponent)))
}
