package kernel

// mirrorSide is the side of the squares in which Mirror turns a matrix over.
func mirrorSide[T Float]() int {
	if active == portable {
		return 32
	}
	return active.lanes(isSingle[T]())
}

// mirrorSquares turns over the whole squares of rows i to next-1 right of the
// diagonal, and tells how many columns that are.
func mirrorSquares[T Float](c []T, ldc, i, next, n int) int {
	cols := (n - next) / (next - i) * (next - i)
	if active == portable || cols == 0 {
		return 0
	}
	packTransposed(&c[next*ldc+i], ldc, &c[i*ldc+next], ldc, cols, next-i)
	return cols
}
