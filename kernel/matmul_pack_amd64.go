package kernel

import "unsafe"

// aliased tells whether a stride, in elements, puts one line after another into the
// same few sets of the caches.
func aliased[T Float](stride int) bool {
	bytes := stride * int(unsafe.Sizeof(T(0)))
	return bytes >= 4096 && bytes%2048 == 0
}

// unalias copies rows x cols elements of A if the way they lie is bad for the caches.
func unalias[T Float](s *Scratch[T], a view[T], rows, cols int) view[T] {
	switch {
	case a.cs == 1 && aliased[T](a.rs):
		stride := cols + 64/int(unsafe.Sizeof(T(0)))
		copied := view[T]{&grow(&s.a, rows*stride)[0], stride, 1}
		for i := range rows {
			copy(copied.from(i, 0).row(cols), a.from(i, 0).row(cols))
		}
		return copied
	case a.rs == 1 && aliased[T](a.cs):
		return unalias(s, a.transposed(), cols, rows).transposed()
	}
	return a
}

// panel lets the tile use t.k rows and cols columns of B: in place, if the columns
// are side by side and lie well, else as a copy, which is for that many rows of A.
func (t *tile[T]) panel(s *Scratch[T], b view[T], rows, cols, lanes int) {
	if b.cs == 1 && (rows < 32 || !aliased[T](b.rs)) || cols == 1 {
		t.b, t.brs = b.at, b.rs
		return
	}
	// packTransposed writes up to a multiple of lanes rows.
	t.brs = t.vectors * lanes
	panel := view[T]{&grow(&s.b, (t.k+lanes)*t.brs)[0], t.brs, 1}
	t.b = panel.at
	for j := 0; j < cols; j += lanes {
		dst, src, width := panel.from(0, j), b.from(0, j), min(lanes, cols-j)
		switch {
		case b.cs == 1:
			pack(dst.at, dst.rs, src.at, src.rs, t.k, width)
		case b.rs == 1:
			packTransposed(dst.at, dst.rs, src.at, src.cs, t.k, width)
		default:
			for p := range t.k {
				row := dst.from(p, 0).row(width)
				for q := range row {
					row[q] = *src.from(p, q).at
				}
			}
		}
	}
}
