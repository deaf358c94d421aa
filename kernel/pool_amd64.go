package kernel

import "unsafe"

// A poolCall is one call of an assembly loop over windows side by side: n windows of
// rows x cols pixels in x, step elements apart, row elements from a row of pixels to
// the next; what belongs to them in y; and a, which is like x. The assembly knows the
// offsets of the fields, and counts n down.
type poolCall[T Float] struct {
	y, x, a                            *T
	n, step, channels, rows, cols, row int
	scale                              T
}

//go:noescape
func poolF32AVX2(w *poolCall[float32], l poolLoop)

//go:noescape
func poolF64AVX2(w *poolCall[float64], l poolLoop)

//go:noescape
func poolF32AVX512(w *poolCall[float32], l poolLoop)

//go:noescape
func poolF64AVX512(w *poolCall[float64], l poolLoop)

// runPool runs a loop in the assembly of the path, over windows of x and, where it is
// given, of a; y holds the outputs. It reports false where there is none.
func runPool[T Float](l poolLoop, y, x, a []T, v *PoolShape, w windows, scale T) bool {
	if active == portable {
		return false
	}
	c := poolCall[T]{&y[w.to], &x[w.from], nil, w.n, v.Stride * v.C, v.C, w.rows, w.cols, v.W * v.C, scale}
	if a != nil {
		c.a = &a[w.from]
	}
	p := unsafe.Pointer(&c)
	switch {
	case isSingle[T]() && active == avx512:
		poolF32AVX512((*poolCall[float32])(p), l)
	case isSingle[T]():
		poolF32AVX2((*poolCall[float32])(p), l)
	case active == avx512:
		poolF64AVX512((*poolCall[float64])(p), l)
	default:
		poolF64AVX2((*poolCall[float64])(p), l)
	}
	return true
}
