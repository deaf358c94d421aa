package linop

import "basin/kernel"

// A Triangle is an n x n matrix whose entry (i, j) is at data[i*rs+j*cs]. What is on
// the other side of the diagonal counts as zero and is not read.
type Triangle[T kernel.Float] struct {
	data   []T
	n      int
	rs, cs int
	upper  bool
}

// Upper is the upper triangle of an n x n matrix.
func Upper[T kernel.Float](a []T, n int) Triangle[T] {
	checkSize(a, n, n)
	return Triangle[T]{a, n, n, 1, true}
}

// Lower is the lower triangle of an n x n matrix.
func Lower[T kernel.Float](a []T, n int) Triangle[T] {
	checkSize(a, n, n)
	return Triangle[T]{a, n, n, 1, false}
}

// Transposed is the transpose of t, in the same memory.
func (t Triangle[T]) Transposed() Triangle[T] {
	return Triangle[T]{t.data, t.n, t.cs, t.rs, !t.upper}
}

// SolveLeft replaces the n x k matrix x by t^-1 x. A zero on the diagonal of t leaves
// numbers that are not finite.
//
// Blocks of panel rows are solved one after another by the inverse of their own part of
// the diagonal, so that all but these inverses are products of matrices (Du Croz &
// Higham 1992, IMA J. Numer. Anal. 12).
func (w *Room[T]) SolveLeft(t Triangle[T], x []T, k int) {
	checkSize(x, t.n, k)
	take := w.take(panel * (panel + k))
	inverse, p := take(panel*panel), take(panel*k)
	for lo, hi := range t.blocks {
		t.invert(inverse, lo, hi)
		// P = T_bd X_d - X_b over the rows d that are done, and X_b = -T_bb^-1 P.
		size, from, done := hi-lo, 0, lo
		if t.upper {
			from, done = hi, t.n-hi
		}
		p, own := p[:size*k], x[lo*k:hi*k]
		clear(p)
		if done > 0 {
			kernel.MatMul(&w.product, p, k, t.data[lo*t.rs+from*t.cs:], t.rs, t.cs, x[from*k:], k, 1, size, k, done, false)
		}
		kernel.Axpy(p, -1, own)
		kernel.MatMul(&w.product, own, k, inverse, panel, 1, p, k, 1, size, k, size, false)
	}
}

// SolveRight replaces the m x n matrix x by x t^-1, likewise.
func (w *Room[T]) SolveRight(x []T, m int, t Triangle[T]) {
	n := t.n
	checkSize(x, m, n)
	take := w.take(panel * (panel + m))
	inverse, p := take(panel*panel), take(panel*m)
	t = t.Transposed() // t' x' is solved as above
	for lo, hi := range t.blocks {
		t.invert(inverse, lo, hi)
		size, from, done := hi-lo, 0, lo
		if t.upper {
			from, done = hi, n-hi
		}
		clear(p)
		if done > 0 {
			kernel.MatMul(&w.product, p, size, x[from:], n, 1, t.data[lo*t.rs+from*t.cs:], t.cs, t.rs, m, size, done, false)
		}
		for i := range m {
			kernel.Axpy(p[i*size:][:size], -1, x[i*n+lo:i*n+hi])
		}
		if m > 0 {
			kernel.MatMul(&w.product, x[lo:], n, p, size, 1, inverse, 1, panel, m, size, size, false)
		}
	}
}

// blocks are the ranges of rows, at most panel each, in the order in which they can be
// solved.
func (t Triangle[T]) blocks(yield func(lo, hi int) bool) {
	last := (t.n - 1) / panel * panel
	for at := 0; at < t.n; at += panel {
		lo := at
		if t.upper {
			lo = last - at
		}
		if !yield(lo, min(lo+panel, t.n)) {
			return
		}
	}
}

// invert sets dst, whose rows are panel apart, to minus the inverse of rows and columns
// lo to hi of t.
func (t Triangle[T]) invert(dst []T, lo, hi int) {
	size := hi - lo
	for at := range size {
		i, from, to := at, 0, at
		if t.upper {
			i = size - 1 - at
			from, to = i+1, size
		}
		row := dst[i*panel:][:size]
		clear(row)
		row[i] = -1
		for k := from; k < to; k++ {
			kernel.Axpy(row, -t.at(lo+i, lo+k), dst[k*panel:][:size])
		}
		kernel.Scale(row, 1/t.at(lo+i, lo+i))
	}
}

func (t Triangle[T]) at(i, j int) T { return t.data[i*t.rs+j*t.cs] }
