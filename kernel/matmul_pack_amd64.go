package kernel

import "unsafe"

// aliased tells whether a stride, in elements, puts one line after another into the
// same few sets of the caches.
func aliased[T Float](stride int) bool {
	bytes := stride * int(unsafe.Sizeof(T(0)))
	return bytes >= 4096 && bytes%2048 == 0
}

// unalias copies rows x cols elements of A if the way they lie is bad for the caches.
func unalias[T Float](s *Scratch[T], a matrix[T], rows, cols int) matrix[T] {
	pad := 64 / int(unsafe.Sizeof(T(0)))
	switch {
	case a.cs == 1 && aliased[T](a.rs):
		copied := matrix[T]{grow(&s.a, rows*(cols+pad)), cols + pad, 1}
		for i := range rows {
			copy(copied.from(i, 0).data[:cols], a.from(i, 0).data)
		}
		return copied
	case a.rs == 1 && aliased[T](a.cs):
		return unalias(s, a.transposed(), cols, rows).transposed()
	}
	return a
}

// panel lets the tile use t.k rows and cols columns of B: in place, if the columns
// are side by side and lie well, else as a copy, which is for that many rows of A.
func (t *tile[T]) panel(s *Scratch[T], b matrix[T], rows, cols, lanes int) {
	if b.cs == 1 && (rows < 32 || !aliased[T](b.rs)) || cols == 1 {
		t.b, t.brs = &b.data[0], b.rs
		return
	}
	// packTransposed writes up to a multiple of lanes rows.
	t.brs = t.vectors * lanes
	panel := grow(&s.b, (t.k+lanes)*t.brs)
	t.b = &panel[0]
	for j := 0; j < cols; j += lanes {
		dst, src, width := panel[j:], b.from(0, j), min(lanes, cols-j)
		switch {
		case b.cs == 1:
			pack(&dst[0], t.brs, &src.data[0], b.rs, t.k, width)
		case b.rs == 1:
			packTransposed(&dst[0], t.brs, &src.data[0], b.cs, t.k, width)
		default:
			for p := range t.k {
				row := src.from(p, 0)
				for q := range width {
					dst[p*t.brs+q] = row.data[q*row.cs]
				}
			}
		}
	}
}
