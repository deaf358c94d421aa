package kernel

import "basin/internal/crew"

// A sharing is a product that is being done by several workers: each piece is some
// columns of C, or some rows.
type sharing[T Float] struct {
	crew       *crew.Crew
	whole      product[T]
	rows, cols int          // of a piece; all of one of them
	others     []Scratch[T] // of the helpers
	own        *Scratch[T]
}

// Use lets the products that work in s be shared with helpers; nil ends that. The bits
// do not depend on it.
func (s *Scratch[T]) Use(c *crew.Crew) {
	if c.Size() == 1 {
		s.share = nil
		return
	}
	s.share = &sharing[T]{crew: c, others: make([]Scratch[T], c.Size()-1), own: s}
}

// The sizes of pieces are multiples of those of the assembly's tiles. A product of
// leastShared operations takes some 20 microseconds, and a piece at least a quarter.
// More than a few pieces for each worker gain nothing, and each rearranges its operands
// anew.
const (
	pieceRows   = 168
	pieceCols   = 64
	leastShared = 4e6
	leastPiece  = 1e6
	eachPieces  = 3
)

// multiplyShared is multiply where it pays to share the work; it reports false where
// not.
func multiplyShared[T Float](s *Scratch[T], o *product[T]) bool {
	h := s.share
	flops := 2 * float64(o.m) * float64(o.n) * float64(o.k)
	if h == nil || flops < leastShared {
		return false
	}
	h.crew.Enter()
	defer h.crew.Leave()
	if !h.crew.Shares() {
		return false
	}
	h.rows, h.cols = o.m, o.n
	pieces, most := 0, min(int(flops/leastPiece), eachPieces*h.crew.Size())
	if o.m >= 2*o.n {
		h.rows, pieces = cutAt(o.m, pieceRows, most)
	} else {
		h.cols, pieces = cutAt(o.n, pieceCols, most)
	}
	if pieces == 1 {
		return false
	}
	h.whole = *o
	h.crew.Do(pieces, h)
	return true
}

// cutAt gives the length of pieces, a multiple of unit, and their number.
func cutAt(n, unit, most int) (length, pieces int) {
	units := (n + unit - 1) / unit
	length = (units + most - 1) / most * unit
	return length, (n + length - 1) / length
}

// Piece does one piece of the product.
func (h *sharing[T]) Piece(worker, i int) {
	s := h.own
	if worker > 0 {
		s = &h.others[worker-1]
	}
	o := h.whole
	if h.rows < o.m {
		at := i * h.rows
		o.c, o.a, o.m = o.c.from(at, 0), o.a.from(at, 0), min(h.rows, o.m-at)
	} else {
		at := i * h.cols
		o.c, o.b, o.n = o.c.from(0, at), o.b.from(0, at), min(h.cols, o.n-at)
		if o.upper {
			o.diagonal, o.m = at, at+o.n
		}
	}
	multiply(s, &o)
}
