package linop

import (
	"basin/internal/crew"
	"basin/kernel"
)

// A Scratch is the room in which dense matrices are decomposed, some 3 n^2 numbers
// for symmetric ones. The zero value is ready; it grows on demand and is kept, so that a
// decomposition of a size no larger than before allocates nothing. Results do not
// depend on what it was used for. One Scratch serves one goroutine.
type Scratch struct {
	reduction reduction
	division  division
	product   kernel.Scratch[float64]
	numbers   []float64
	indices   []int
	sides     []side

	outer, inner Room[float64] // for SVD, and the QR in it
}

// Use lets products of matrices be shared with helpers, as kernel.Scratch does.
func (s *Scratch) Use(c *crew.Crew) {
	s.product.Use(c)
	s.outer.Use(c)
	s.inner.Use(c)
}

// fit gives every part the room for n x n matrices, of undefined content.
func (s *Scratch) fit(n int) {
	size := 3*n*n + (4*panel+9)*n + 2*panel*(1+panel)
	if cap(s.numbers) < size {
		s.numbers, s.indices, s.sides = make([]float64, size), make([]int, 2*n), make([]side, n)
	}
	rest := s.numbers[:size]
	take := func(k int) []float64 {
		part := rest[:k:k]
		rest = rest[k:]
		return part
	}
	s.reduction = reduction{
		n: n, a: take(n * n), d: take(n), e: take(n), tau: take(n),
		vw: take(2 * panel * n), wv: take(2 * panel * n), c: take(2 * panel), product: &s.product,
	}
	s.reduction.block = reflectors[float64]{
		gram: take(panel * panel), t: take(panel * panel), product: &s.product,
		vx: s.reduction.vw[:panel*n], tvx: s.reduction.wv[:panel*n],
	}
	s.division = division{
		n: n, d: take(n), q: take(n * n), z: take(n), u: take(n * n),
		order: s.indices[:n], place: s.indices[n : 2*n], side: s.sides[:n], product: &s.product,
		equation: secular{d: take(n), z: take(n), x: take(n), gap: take(n)},
	}
}
