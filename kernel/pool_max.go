package kernel

// The largest element of a window is the first one, row by row, to which no other is
// larger; NaN counts as larger than any number.

// MaxPool sets each element of y to the largest of its window in x, for as many
// pictures as there are.
func MaxPool[T Float](y, x []T, v *PoolShape) {
	for p := range v.pictures(len(x), len(y)) {
		v.each(p, func(w windows) {
			if !runPool(poolLargest, y, x, nil, v, w, 0) {
				eachLargest(x, v, w, func(to, at int) { y[to] = x[at] })
			}
		})
	}
}

// MaxPoolGather sets each element of y to the element of a where that of x is the
// largest of the window: the derivative of MaxPool at x along a.
func MaxPoolGather[T Float](y, x, a []T, v *PoolShape) {
	a = a[:len(x)]
	for p := range v.pictures(len(x), len(y)) {
		v.each(p, func(w windows) {
			if !runPool(poolGather, y, x, a, v, w, 0) {
				eachLargest(x, v, w, func(to, at int) { y[to] = a[at] })
			}
		})
	}
}

// MaxPoolScatter is the adjoint of MaxPoolGather in a: each element of d is added to
// dx, zero at first, where that of x is the largest of the window.
func MaxPoolScatter[T Float](dx, x, d []T, v *PoolShape) {
	dx = dx[:len(x)]
	for p := range v.pictures(len(x), len(d)) {
		loop := poolScatterApart
		if !v.apart() {
			clear(dx[p*v.size():][:v.size()])
			loop = poolScatter
		}
		v.each(p, func(w windows) {
			if !runPool(loop, d, x, dx, v, w, 0) {
				eachLargest(x, v, w, func(to, at int) { dx[at] += d[to] })
			}
		})
	}
}

// eachLargest calls f for each element of the output of the windows: its place, and
// that of the largest of its window in x.
func eachLargest[T Float](x []T, v *PoolShape, w windows, f func(to, at int)) {
	for i := range w.n {
		for c := range v.C {
			first := w.from + i*v.Stride*v.C + c
			at, top := first, x[first]
			for a := range w.rows {
				for b := range w.cols {
					p := first + (a*v.W+b)*v.C
					if !(x[p] <= top) && top == top {
						at, top = p, x[p]
					}
				}
			}
			f(w.to+i*v.C+c, at)
		}
	}
}
