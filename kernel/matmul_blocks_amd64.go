package kernel

import "unsafe"

// Room, in bytes, in the second-level cache: for rows of A while they meet one panel of
// B after another, and for these and the rows of C, which stay while the parts of k
// pass.
const (
	cacheA  = 512 << 10
	cacheAC = 768 << 10
)

// A block of B, which is rearranged once for all rows of A, has up to blockParts parts
// of k and blockCols bytes of each row.
const (
	blockParts = 4
	blockCols  = 4 << 10
)

// A blocked product is under way. Of one of a triangle, whose panels of B are for rows
// that differ, nothing is kept.
type blocked[T Float] struct {
	tile[T]
	o      *product[T]
	s      *Scratch[T]
	lanes  int
	kept   bool // panels of B are, for the blocks of rows after the first
	packed int  // elements of the scratch that panels of the parts before take
	dealt  span // columns whose panels are in the scratch, if they are not kept
}

// multiply is MatMul for sizes that are not zero.
func multiply[T Float](s *Scratch[T], o *product[T]) {
	if active == portable {
		mulPortable(s, o)
		return
	}
	a, b, c, m, n := o.a.view(), o.b.view(), o.c.view(), o.m, o.n
	if n == 1 && c.rs == 1 && a.rs == 1 { // a matrix, transposed in place, times a column
		a, b, c, m, n = b.transposed(), a.transposed(), c.transposed(), 1, m
	}
	size := int(unsafe.Sizeof(T(0)))
	width, rows := n, cacheA/depthMax/size
	if n*size > blockCols && !o.upper {
		unit := 256 / size * ((n*size + blockCols - 1) / blockCols)
		width = (n + unit - 1) / unit * (256 / size)
	}
	if o.k > depthMax && !o.upper {
		rows = min(rows, cacheAC/size/(width+depthMax))
	}
	r := blocked[T]{o: o, s: s, lanes: active.lanes(isSingle[T]())}
	r.ldc = c.rs
	if m <= rows && n <= width && o.k <= depthMax {
		r.k, r.accumulate = o.k, o.accumulate
		r.part(c, a, b, 0, m, n)
		return
	}
	blocks := (m + rows - 1) / rows
	r.kept = blocks > 1 && n > 2*r.lanes && !o.upper
	for j := 0; j < n; j += width {
		for p, next := 0, 0; p < o.k; p = next {
			for range blockParts {
				if next < o.k {
					next += depth(o.k, next)
				}
			}
			r.block(c.from(0, j), a, b.from(0, j), m, min(width, n-j), p, next, blocks)
		}
	}
}

// block multiplies a block of B, the parts of k from p to end and n columns, by the m
// rows of A, in so many blocks, which begin with a line of the caches where A is
// contiguous along its columns.
func (r *blocked[T]) block(c, a, b view[T], m, n, p, end, blocks int) {
	if r.kept {
		grow(&r.s.b, (end-p+blockParts*r.lanes)*(n+r.lanes))
	}
	for x := range blocks {
		i, below := x*m/blocks&^15, m
		if x < blocks-1 {
			below = (x + 1) * m / blocks &^ 15
		}
		r.packed = 0
		for q := p; q < end; q += r.k {
			r.k, r.accumulate = depth(r.o.k, q), r.o.accumulate || q > 0
			b := b.from(q, 0)
			if r.kept && x == 0 && !r.lies(b, below-i) {
				r.keep(b, n)
			}
			r.part(c.from(i, 0), a.from(i, q), b, i, below-i, n)
			r.packed += r.room(n)
		}
	}
}

// part multiplies rows of A, from row i on, and one part of k; its loop goes over panels
// of B in the first-level cache, the assembly goes over tiles of C in registers.
func (r *blocked[T]) part(c, a, b view[T], i, m, n int) {
	start, lanes := 0, r.lanes
	if !r.kept {
		switch rows, cols := r.narrow(r.s, c, a, b, m, n, lanes); {
		case rows == m:
			start = cols
		case cols == n:
			a, c, m, i = a.from(rows, 0), c.from(rows, 0), m-rows, i+rows
		}
	}
	if n > 2*lanes {
		a = r.arrange(a, m, r.k, n)
	}
	r.ars, r.acs, r.dealt = a.rs, a.cs, span{}
	for j, cols := start, 0; j < n; j += cols {
		rows, most := m, 0
		if r.o.upper { // a panel of any width ends before
			rows = min(rows, j+4*lanes+r.o.diagonal-i)
		}
		r.vectors, most = shape(active, rows, n-j, lanes)
		cols = min(r.vectors*lanes, n-j)
		if r.o.upper {
			rows = min(rows, j+cols+r.o.diagonal-i)
		}
		if rows <= 0 {
			continue
		}
		r.last = cols - (r.vectors-1)*lanes
		if r.lies(b, rows) {
			r.b, r.brs = b.from(0, j).at, b.rs
		} else {
			r.panel(b, j, cols, n)
		}
		r.multiply(c.from(0, j), a, rows, most)
	}
}
