package kernel

import "unsafe"

// cacheA is the room, in bytes, that rows of A may take in the second-level cache
// while they meet one panel of B after another.
const cacheA = 512 << 10

// multiply is MatMul for sizes that are not zero. Its loops go over p, over rows of
// A in the second-level cache, and over panels of B in the first-level cache; the
// assembly goes over tiles of C in registers.
func multiply[T Float](s *Scratch[T], o *product[T]) {
	if active == portable {
		mulPortable(s, o)
		return
	}
	a, b, c, m, n := o.a.view(), o.b.view(), o.c.view(), o.m, o.n
	if n == 1 && c.rs == 1 && a.rs == 1 { // a matrix, transposed in place, times a column
		a, b, c, m, n = b.transposed(), a.transposed(), c.transposed(), 1, m
	}
	lanes := active.lanes(isSingle[T]())
	t := tile[T]{ldc: c.rs}
	for p := 0; p < o.k; p += t.k {
		t.k = depth(o.k, p)
		t.accumulate = o.accumulate || p > 0
		block := cacheA / depthMax / int(unsafe.Sizeof(T(0)))
		for i := 0; i < m; i += block {
			rows := min(block, m-i)
			ai := a.from(i, p)
			ci, rows, start := c.from(i, 0), rows, 0
			switch doneRows, doneCols := t.narrow(s, ci, ai, b.from(p, 0), rows, n, lanes); {
			case doneRows == rows:
				start = doneCols
			case doneCols == n:
				ai, ci, rows = ai.from(doneRows, 0), ci.from(doneRows, 0), rows-doneRows
			}
			if n > 2*lanes {
				ai = unalias(s, ai, rows, t.k)
			}
			t.ars, t.acs = ai.rs, ai.cs
			for j, cols := start, 0; j < n; j += cols {
				rows, most := rows, 0
				if o.upper { // a panel of any width ends before
					rows = min(rows, j+4*lanes+o.diagonal-i)
				}
				t.vectors, most = shape(active, rows, n-j, lanes)
				cols = min(t.vectors*lanes, n-j)
				if o.upper {
					rows = min(rows, j+cols+o.diagonal-i)
				}
				if rows <= 0 {
					continue
				}
				t.last = cols - (t.vectors-1)*lanes
				t.panel(s, b.from(p, j), rows, cols, lanes)
				t.multiply(ci.from(0, j), ai, rows, most)
			}
		}
	}
}

// shape chooses the width of a panel of B, in vectors, for cols columns, and tells
// how many rows of A the assembly takes at most for it. It mirrors what kernel/gen
// has made.
func shape(p path, rows, cols, lanes int) (vectors, most int) {
	narrow, normal, wide := 18, 14, 6
	if p == avx2 {
		narrow, normal, wide = 12, 6, 2
	}
	switch {
	case cols <= lanes:
		return 1, narrow
	case cols > 3*lanes && rows <= wide:
		return 4, wide
	}
	return 2, normal
}

// multiply calls the assembly for rows of A, cut into blocks that are as even as
// can be: 16 rows are 8+8, not 14+2.
func (t *tile[T]) multiply(c, a view[T], rows, most int) {
	t.c, t.a, t.rows, t.count = c.at, a.at, rows, 1
	if rows > most {
		blocks := (uint(rows) + uint(most) - 1) / uint(most)
		longer := int(uint(rows) % blocks)
		t.rows = int(uint(rows) / blocks)
		t.count = int(blocks) - longer
		if longer > 0 {
			done := t.rows * t.count
			t.run()
			t.c, t.a, t.rows, t.count = c.from(done, 0).at, a.from(done, 0).at, t.rows+1, longer
		}
	}
	t.run()
}

// A view is a matrix whose place and size have been checked.
type view[T Float] struct {
	at     *T
	rs, cs int
}

func (x *matrix[T]) view() view[T] { return view[T]{&x.data[0], x.rs, x.cs} }

// from is the part of x that begins at (i, j).
func (x view[T]) from(i, j int) view[T] {
	x.at = (*T)(unsafe.Add(unsafe.Pointer(x.at), (i*x.rs+j*x.cs)*int(unsafe.Sizeof(*x.at))))
	return x
}

func (x view[T]) transposed() view[T] { return view[T]{x.at, x.cs, x.rs} }

// row is the first n elements of the first row of x, whose cs is 1.
func (x view[T]) row(n int) []T { return unsafe.Slice(x.at, n) }
