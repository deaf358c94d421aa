package kernel

import (
	"math"
	"unsafe"
)

// Strides, in bytes, at multiples of half of which one line after another comes into the
// same few sets of the caches: too few for the rows of A that are read side by side or
// for the rows of a panel of B, and for a part of k's columns of A, which are read anew
// for every few rows of it.
const (
	aliasedRows    = 4096
	aliasedColumns = 1024
)

// aliased tells whether a stride, in elements, is at least so many bytes and a multiple
// of half of that.
func aliased[T Float](stride, least int) bool {
	bytes := stride * int(unsafe.Sizeof(T(0)))
	return bytes >= least && bytes%(least/2) == 0
}

// A of which a tile reads only some of each line, since its columns are contiguous,
// takes as much of the first-level cache as the panel of B, and both do not fit it
// where they are deeper than uprightDepth. To lay its rows along lines pays for
// uprightCols columns of B.
const (
	uprightDepth = 160
	uprightCols  = 256
)

// arrange copies rows x cols elements of A, which meet n columns of B, if the way they
// lie is bad for the caches.
func (r *blocked[T]) arrange(a view[T], rows, cols, n int) view[T] {
	switch {
	case a.cs == 1 && aliased[T](a.rs, aliasedRows):
		return apart(r.s, a, rows, cols)
	case a.rs == 1 && a.cs >= lineOf[T]() && cols > uprightDepth && n >= uprightCols && r.sparing(rows, n):
		return r.upright(a, rows, cols)
	case a.rs == 1 && aliased[T](a.cs, aliasedColumns):
		return apart(r.s, a.transposed(), cols, rows).transposed()
	}
	return a
}

// sparing tells whether the rows take several tiles, and each so few that it uses no
// more than half of a line of a column of A.
func (r *blocked[T]) sparing(rows, n int) bool {
	_, most := shape(active, rows, n, r.lanes)
	return rows > most && 2*most <= lineOf[T]()
}

// apart copies rows to where they lie one after the other with a line between them.
func apart[T Float](s *Scratch[T], a view[T], rows, cols int) view[T] {
	stride := cols + lineOf[T]()
	copied := view[T]{&grow(&s.a, rows*stride)[0], stride, 1}
	for i := range rows {
		copy(copied.from(i, 0).row(cols), a.from(i, 0).row(cols))
	}
	return copied
}

// upright copies columns to where the rows lie one after the other with a line between
// them.
func (r *blocked[T]) upright(a view[T], rows, cols int) view[T] {
	stride := cols + lineOf[T]()
	copied := view[T]{&grow(&r.s.a, (rows+r.lanes)*stride)[0], stride, 1}
	for p := 0; p < cols; p += r.lanes {
		packTransposed(copied.from(0, p).at, stride, a.from(0, p).at, a.cs, rows, min(r.lanes, cols-p))
	}
	return copied
}

// Of an aliasedPanel, whose stride in bytes is at least so many and a multiple of half of
// that, the first-level cache holds a part only, so that for manyRows it pays to copy it.
const (
	aliasedPanel = 512
	manyRows     = 512
)

// lies tells whether the assembly can read B in place for so many rows of A: if its
// columns are side by side and lie well.
func (r *blocked[T]) lies(b view[T], rows int) bool {
	switch {
	case b.cs != 1:
		return false
	case r.o.m >= manyRows:
		return !aliased[T](b.rs, aliasedPanel)
	}
	return rows < 32 || !aliased[T](b.rs, aliasedRows)
}

// room is what panels of k rows and that many columns in all take in the scratch:
// packTransposed writes up to a multiple of lanes rows.
func (r *blocked[T]) room(cols int) int {
	return (r.k + r.lanes) * ((cols + r.lanes - 1) / r.lanes * r.lanes)
}

// A span of columns, from the first to before the last.
type span struct{ from, to int }

// dealPanels is how many panels of two vectors are made of the rows of B in one go, of
// what memory would bring at a time.
const dealPanels = 4

// deal makes panels of columns from j on of the n of B, if there are several.
func (r *blocked[T]) deal(b view[T], j, n int) bool {
	panels := min(dealPanels, (n-j)/r.brs)
	if panels < 2 {
		return false
	}
	r.dealt = span{j, j + panels*r.brs}
	unzip(&grow(&r.s.b, panels*r.brs*r.k)[0], r.brs*r.k, b.from(0, j).at, b.rs, r.k, panels)
	return true
}

// panel lets the tile use k rows and cols columns, of n, of B from column j on as a copy,
// unless a single column lies well enough.
func (r *blocked[T]) panel(b view[T], j, cols, n int) {
	if cols == 1 && !r.kept {
		r.b, r.brs = b.from(0, j).at, b.rs
		return
	}
	r.brs = r.vectors * r.lanes
	if r.kept {
		r.b = &r.s.b[r.packed+r.room(j)]
		return
	}
	if r.vectors == 2 && b.cs == 1 && (j < r.dealt.to || r.deal(b, j, n)) {
		r.b = &r.s.b[(j-r.dealt.from)*r.k]
		return
	}
	panel := view[T]{&grow(&r.s.b, r.room(cols))[0], r.brs, 1}
	r.b = panel.at
	r.rearrange(panel, b.from(0, j), r.k, cols)
}

// keepRows is how many rows of B are rearranged at a time, in the order of memory.
const keepRows = 16

// keep rearranges all panels of k rows and n columns of B, each of two vectors but the
// last, where panel looks for them.
func (r *blocked[T]) keep(b view[T], n int) {
	step := r.k
	if b.cs == 1 {
		step = keepRows
	}
	for p := 0; p < r.k; p += step {
		for j, cols := 0, 0; j < n; j += cols {
			vectors, _ := shape(active, math.MaxInt, n-j, r.lanes)
			cols = min(vectors*r.lanes, n-j)
			panel := view[T]{&r.s.b[r.packed+r.room(j)], vectors * r.lanes, 1}
			r.rearrange(panel.from(p, 0), b.from(p, j), min(step, r.k-p), cols)
		}
	}
}

// rearrange copies k rows and cols columns of B to a panel.
func (r *blocked[T]) rearrange(panel, b view[T], k, cols int) {
	for j := 0; j < cols; j += r.lanes {
		dst, src, width := panel.from(0, j), b.from(0, j), min(r.lanes, cols-j)
		switch {
		case b.cs == 1:
			pack(dst.at, dst.rs, src.at, src.rs, k, width)
		case b.rs == 1:
			packTransposed(dst.at, dst.rs, src.at, src.cs, k, width)
		default:
			for p := range k {
				row := dst.from(p, 0).row(width)
				for q := range row {
					row[q] = *src.from(p, q).at
				}
			}
		}
	}
}
