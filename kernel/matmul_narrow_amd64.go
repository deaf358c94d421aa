package kernel

import "unsafe"

// The narrow product takes at most narrowMost columns, and rows by narrowStep or, in
// vectors of four lanes, by those.
const (
	narrowMost = 10
	narrowStep = 8
)

// narrow computes the first rows of C, or the first columns if it is wide and low,
// by the narrow product, where that is the fastest way, and tells how many. m x n is
// the size of C, of which c is what a and b contribute to.
func (t *tile[T]) narrow(s *Scratch[T], c, a, b view[T], m, n, lanes int) (rows, cols int) {
	// Where A is contiguous along its rows, this is against vectors along C, of which
	// 7/8 or more should be filled; half is enough of those of four lanes.
	padded := (n + lanes - 1) / lanes * lanes
	if n <= narrowMost && a.cs == 1 && 8*n < 7*padded && (n > 4 || lanes > 4) {
		return t.runBlocks(s, c, a, b, m, n, lanes), n
	}
	// Where B is contiguous along its columns, it is against rearranging B.
	if m <= narrowMost && b.rs == 1 && b.cs != 1 {
		return m, t.runBlocks(s, c.transposed(), b.transposed(), a.transposed(), n, m, lanes)
	}
	return 0, 0
}

// runBlocks runs the narrow product for the first rows of C, whose rows or columns
// are contiguous, and tells how many: none, if they would not fill a vector.
func (t *tile[T]) runBlocks(s *Scratch[T], c, a, b view[T], m, n, lanes int) int {
	if m < max(lanes, narrowStep) {
		return 0
	}
	m -= m % min(narrowStep, lanes)
	blocks := tile[T]{
		c: c.at, ldc: c.rs, a: b.at, ars: b.cs, acs: b.rs, b: a.at, brs: a.rs,
		rows: n, count: m, k: t.k, accumulate: t.accumulate,
	}
	if c.cs != 1 || n == 1 && c.rs == 1 {
		blocks.vectors, blocks.ldc = 1, c.cs
	}
	if !crowded[T](a.rs) {
		blocks.runNarrow()
		return m
	}
	rows := 2 * max(lanes, narrowStep/2)
	stride := t.k + lineOf[T]()
	block := view[T]{&grow(&s.a, rows*stride)[0], stride, 1}
	blocks.brs = stride
	for i := 0; i < m; i += rows {
		count := min(rows, m-i)
		for r := range count {
			copy(block.from(r, 0).row(t.k), a.from(i+r, 0).row(t.k))
		}
		blocks.b, blocks.c, blocks.count = block.at, c.from(i, 0).at, count
		blocks.runNarrow()
	}
	return m
}

// crowded tells whether lines of a block of rows that are stride apart push one
// another out of the first-level cache before they have been used up.
func crowded[T Float](stride int) bool {
	bytes := stride * int(unsafe.Sizeof(T(0)))
	return aliased[T](stride, aliasedRows) || bytes > 0 && bytes%2048 == 0 && isSingle[T]() && active == avx512
}
