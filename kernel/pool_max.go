package kernel

// The largest element of a window is the first one, row by row, to which no other is
// larger; NaN counts as larger than any number.

// MaxPool sets each element of y to the largest of its window in x, for as many
// pictures as there are.
func MaxPool[T Float](y, x []T, v *PoolShape) { MaxPoolGather(y, x, x, v) }

// MaxPoolGather sets each element of y to the element of a where that of x is the
// largest of the window: the derivative of MaxPool at x along a.
func MaxPoolGather[T Float](y, x, a []T, v *PoolShape) {
	a = a[:len(x)]
	v.each(len(x), len(y), func(to, from, rows, cols int) {
		for c := range v.C {
			y[to+c] = a[largest(x, from+c, rows, cols, v)]
		}
	})
}

// MaxPoolScatter is the adjoint of MaxPoolGather in a: each element of d is added to
// dx, zero at first, where that of x is the largest of the window.
func MaxPoolScatter[T Float](dx, x, d []T, v *PoolShape) {
	dx = dx[:len(x)]
	clear(dx)
	v.each(len(x), len(d), func(to, from, rows, cols int) {
		for c := range v.C {
			dx[largest(x, from+c, rows, cols, v)] += d[to+c]
		}
	})
}

// largest gives the place of the largest element of the window at from, in one channel.
func largest[T Float](x []T, from, rows, cols int, v *PoolShape) int {
	at, top := from, x[from]
	for a := range rows {
		for b := range cols {
			p := from + (a*v.W+b)*v.C
			if !(x[p] <= top) && top == top {
				at, top = p, x[p]
			}
		}
	}
	return at
}
