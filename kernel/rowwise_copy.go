package kernel

// GatherRows sets row i of dst to row ids[i] of table, for rows of the given width.
func GatherRows[T Float](dst, table []T, ids []int, width int) {
	for i, id := range ids {
		copy(dst[i*width:][:width], table[id*width:][:width])
	}
}

// ScatterRows adds row i of a to row ids[i] of dst, in order: the adjoint of GatherRows.
func ScatterRows[T Float](dst, a []T, ids []int, width int) {
	for i, id := range ids {
		row := dst[id*width:][:width]
		Add(row, row, a[i*width:][:width])
	}
}

// Transpose sets dst[j*ldd+i] to a[i*lda+j] for i < m and j < n: the m x n matrix a,
// whose rows are lda apart, becomes n x m. dst and a share no memory.
func Transpose[T Float](dst []T, ldd int, a []T, lda, m, n int) {
	rows, cols := transposeSquares(dst, ldd, a, lda, m, n)
	transposePart(dst, ldd, a, lda, rows, m, 0, cols)
	transposePart(dst, ldd, a, lda, 0, m, cols, n)
}

// transposePart does so for first <= i < m and start <= j < n.
func transposePart[T Float](dst []T, ldd int, a []T, lda, first, m, start, n int) {
	const block = 16 // both sides of it stay in the cache
	for i0 := first; i0 < m; i0 += block {
		i1 := min(i0+block, m)
		for j0 := start; j0 < n; j0 += block {
			transposeBlock(dst, ldd, a, lda, i0, i1, j0, min(j0+block, n))
		}
	}
}

// transposeBlock does so for a block, along its longer side.
func transposeBlock[T Float](dst []T, ldd int, a []T, lda, i0, i1, j0, j1 int) {
	if i1-i0 < j1-j0 {
		for i := i0; i < i1; i++ {
			at := j0*ldd + i
			for _, v := range a[i*lda+j0 : i*lda+j1] {
				dst[at] = v
				at += ldd
			}
		}
		return
	}
	for j := j0; j < j1; j++ {
		at, row := i0*lda+j, dst[j*ldd+i0:j*ldd+i1]
		for i := range row {
			row[i] = a[at]
			at += lda
		}
	}
}
