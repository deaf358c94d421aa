package kernel

// transposeSquares is Transpose for as many whole squares of vectors as there are, and
// tells how many rows and columns that is.
func transposeSquares[T Float](dst []T, ldd int, a []T, lda, m, n int) (rows, cols int) {
	if active == portable {
		return 0, 0
	}
	lanes := active.lanes(isSingle[T]())
	rows, cols = m/lanes*lanes, n/lanes*lanes
	if rows == 0 || cols == 0 {
		return 0, 0
	}
	_, _ = dst[(cols-1)*ldd+rows-1], a[(rows-1)*lda+cols-1]
	for i := 0; i < rows; i += lanes {
		packTransposed(&dst[i], ldd, &a[i*lda], lda, cols, lanes)
	}
	return rows, cols
}
