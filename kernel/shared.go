package kernel

import "basin/internal/crew"

// A sharing is a product that is being done by several workers: each piece is some
// columns of C, or some rows.
type sharing[T Float] struct {
	crew   *crew.Crew
	whole  product[T]
	byRows bool
	cut    cut
	others []Scratch[T] // of the helpers
	own    *Scratch[T]
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

// Pieces begin at multiples of so many rows, a line of the caches where A is contiguous
// along its columns, or columns, a panel of B. A product of leastShared operations takes
// some 20 microseconds, and a piece at least a quarter. More than a few pieces for each
// worker gain nothing, and each rearranges its operands anew.
const (
	unitRows    = 16
	unitCols    = 64
	leastShared = 4e6
	leastPiece  = 1e6
	eachPieces  = 2
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
	most := min(int(flops/leastPiece), eachPieces*h.crew.Size())
	if h.byRows = o.m >= 2*o.n; h.byRows {
		h.cut = h.cutAt(o.m, unitRows, most)
	} else {
		h.cut = h.cutAt(o.n, unitCols, most)
	}
	if h.cut.pieces == 1 {
		return false
	}
	h.whole = *o
	h.crew.Do(h.cut.pieces, h)
	return true
}

// A cut is of a length into pieces.
type cut struct{ n, unit, units, pieces int }

// cutAt cuts at multiples of unit, into pieces that are even for the crew.
func (h *sharing[T]) cutAt(n, unit, most int) cut {
	units := (n + unit - 1) / unit
	return cut{n, unit, units, h.crew.Pieces(min(units, most))}
}

// piece is where piece i lies.
func (c *cut) piece(i int) (lo, hi int) {
	return i * c.units / c.pieces * c.unit, min((i+1)*c.units/c.pieces*c.unit, c.n)
}

// Piece does one piece of the product.
func (h *sharing[T]) Piece(worker, i int) {
	s := h.own
	if worker > 0 {
		s = &h.others[worker-1]
	}
	o := h.whole
	if o.upper { // the longest columns first
		i = h.cut.pieces - 1 - i
	}
	lo, hi := h.cut.piece(i)
	if h.byRows {
		o.c, o.a, o.m = o.c.from(lo, 0), o.a.from(lo, 0), hi-lo
	} else {
		o.c, o.b, o.n = o.c.from(0, lo), o.b.from(0, lo), hi-lo
		if o.upper {
			o.diagonal, o.m = lo, hi
		}
	}
	multiply(s, &o)
}
