package kernel

import "unsafe"

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
