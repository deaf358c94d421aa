package kernel

import "unsafe"

// cacheA is the room, in bytes, that rows of A may take in the second-level cache
// while they meet one panel of B after another.
const cacheA = 512 << 10

// multiply is MatMul for sizes that are not zero. Its loops go over p, over rows of
// A in the second-level cache, and over panels of B in the first-level cache; the
// assembly goes over tiles of C in registers.
func multiply[T Float](s *Scratch[T], o product[T]) {
	if active == portable {
		mulPortable(s, o)
		return
	}
	if o.n == 1 && o.c.rs == 1 && o.a.rs == 1 { // a row times a matrix, transposed
		o.c, o.a, o.b, o.m, o.n = o.c.transposed(), o.b.transposed(), o.a.transposed(), 1, o.m
	}
	size := int(unsafe.Sizeof(T(0)))
	lanes := active.width() / size
	t := tile[T]{ldc: o.c.rs}
	for p := 0; p < o.k; p += t.k {
		t.k = depth(o.k, p)
		t.accumulate = o.accumulate || p > 0
		const block = cacheA / depthMax
		for i := 0; i < o.m; i += block / size {
			rows := min(block/size, o.m-i)
			a := o.a.from(i, p)
			if o.n > 2*lanes {
				a = unalias(s, a, rows, t.k)
			}
			for j, cols := 0, 0; j < o.n; j += cols {
				most := t.shape(rows, (o.n-j+lanes-1)/lanes)
				cols = min(t.vectors*lanes, o.n-j)
				t.last = cols - (t.vectors-1)*lanes
				t.panel(s, o.b.from(p, j), rows, cols, lanes)
				t.multiply(o.c.from(i, j), a, rows, most)
			}
		}
	}
}

// shape chooses the width of a panel of B, given the vectors there are left, and
// tells how many rows of A the assembly takes at most for it. It mirrors what
// kernel/gen has made.
func (t *tile[T]) shape(rows, left int) (most int) {
	many, few := 14, 6
	if active == avx2 {
		many, few = 6, 2
	}
	switch {
	case left == 1 && active == avx2:
		t.vectors, most = 1, 12
	case left == 1:
		t.vectors, most = 1, 14
	case left >= 4 && rows <= few:
		t.vectors, most = 4, few
	default:
		t.vectors, most = 2, many
	}
	return most
}

// multiply calls the assembly for rows of A, cut into blocks that are as even as
// can be: 16 rows are 8+8, not 14+2.
func (t *tile[T]) multiply(c, a matrix[T], rows, most int) {
	t.ars, t.acs = a.rs, a.cs
	blocks := (rows + most - 1) / most
	longer := rows % blocks
	done := 0
	for _, part := range [...]struct{ count, rows int }{{longer, rows/blocks + 1}, {blocks - longer, rows / blocks}} {
		if part.count > 0 {
			t.c, t.a = &c.data[done*c.rs], &a.data[done*a.rs]
			t.count, t.rows = part.count, part.rows
			t.run()
			done += part.count * part.rows
		}
	}
}
