package kernel

// narrowMost is the number of columns that the narrow product takes at most.
const narrowMost = 10

// narrow computes the first rows of C as blocks of the narrow product, where C has
// so few columns that vectors along them would be poorly filled, and tells how many.
// It wins where less than 7/8 of the vectors' lanes would be used; vectors of four
// lanes waste too little unless there are several.
func (t *tile[T]) narrow(c, a, b view[T], m, n, lanes int) int {
	rows := lanes // of a block
	if active == avx512 {
		rows *= 2
	}
	padded := (n + lanes - 1) / lanes * lanes
	if n > narrowMost || 8*n >= 7*padded || n <= 4 && lanes == 4 || m < rows || a.cs != 1 {
		return 0
	}
	blocks := tile[T]{
		c: c.at, ldc: c.rs, a: b.at, ars: b.cs, acs: b.rs, b: a.at, brs: a.rs,
		rows: n, count: m / rows, k: t.k, accumulate: t.accumulate,
	}
	blocks.runNarrow()
	return m - m%rows
}
