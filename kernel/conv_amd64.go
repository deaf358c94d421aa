package kernel

import "unsafe"

// What follows declares the assembly that kernel/gen writes. For each path and type
//
//	unzip  copies k rows of panels panels, of two vectors each:
//	       dst[q*panel+p*2*lanes+j] = src[p*srs+q*2*lanes+j] for j < 2*lanes
//	taps   sums the taps of depthwise convolution

//go:noescape
func unzipF32AVX2(dst *float32, panel int, src *float32, srs, k, panels int)

//go:noescape
func unzipF64AVX2(dst *float64, panel int, src *float64, srs, k, panels int)

//go:noescape
func unzipF32AVX512(dst *float32, panel int, src *float32, srs, k, panels int)

//go:noescape
func unzipF64AVX512(dst *float64, panel int, src *float64, srs, k, panels int)

//go:noescape
func tapsF32AVX2(t *tapsCall[float32])

//go:noescape
func tapsF64AVX2(t *tapsCall[float64])

//go:noescape
func tapsF32AVX512(t *tapsCall[float32])

//go:noescape
func tapsF64AVX512(t *tapsCall[float64])

func unzip[T Float](dst *T, panel int, src *T, srs, k, panels int) {
	d, s := unsafe.Pointer(dst), unsafe.Pointer(src)
	switch {
	case isSingle[T]() && active == avx512:
		unzipF32AVX512((*float32)(d), panel, (*float32)(s), srs, k, panels)
	case isSingle[T]():
		unzipF32AVX2((*float32)(d), panel, (*float32)(s), srs, k, panels)
	case active == avx512:
		unzipF64AVX512((*float64)(d), panel, (*float64)(s), srs, k, panels)
	default:
		unzipF64AVX2((*float64)(d), panel, (*float64)(s), srs, k, panels)
	}
}

// A tapsCall is one call of the assembly: count blocks of rows pixels i, one after the
// other,
//
//	y[i*ldy+c] = sum_t x[i*step+at[t]+c] * w[t*ws+c]  (+ y[i*ldy+c])
//
// where at counts bytes, with t < taps in order and each product added with one
// rounding. The assembly knows the offsets of the fields, and counts down count.
type tapsCall[T Float] struct {
	y           *T
	ldy         int
	x           *T
	step        int
	w           *T
	ws          int
	at          *int
	taps        int
	rows, count int
	channels    int
	accumulate  bool
}

// tapsRows is the largest number of pixels that the assembly takes at a time.
const tapsRows = 8

// run computes the sums.
func (t *taps[T]) run(s *Scratch[T]) {
	if active == portable {
		t.runPortable(s)
		return
	}
	s.jumps = s.jumps[:0]
	for _, at := range t.at {
		s.jumps = append(s.jumps, at*int(unsafe.Sizeof(T(0))))
	}
	blocks := ceil(t.pixels, tapsRows)
	rows, longer := t.pixels/blocks, t.pixels%blocks
	c := tapsCall[T]{
		ldy: t.ldy, step: t.step, w: &t.w[0], ws: t.ws, at: &s.jumps[0], taps: len(t.at),
		channels: t.channels, accumulate: t.accumulate,
	}
	for q := range t.places.h {
		for h := range t.places.w {
			y, x := t.yAt.place(q, h), t.xAt.place(q, h)
			c.y, c.x, c.rows, c.count = &t.y[y], &t.x[x], rows, blocks-longer
			c.run()
			if longer > 0 {
				done := rows * (blocks - longer)
				c.y, c.x, c.rows, c.count = &t.y[y+done*t.ldy], &t.x[x+done*t.step], rows+1, longer
				c.run()
			}
		}
	}
}

// run calls taps for the path and the type.
func (c *tapsCall[T]) run() {
	p := unsafe.Pointer(c)
	switch {
	case isSingle[T]() && active == avx512:
		tapsF32AVX512((*tapsCall[float32])(p))
	case isSingle[T]():
		tapsF32AVX2((*tapsCall[float32])(p))
	case active == avx512:
		tapsF64AVX512((*tapsCall[float64])(p))
	default:
		tapsF64AVX2((*tapsCall[float64])(p))
	}
}
