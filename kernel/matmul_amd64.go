package kernel

import "unsafe"

// A tile is one call of the assembly: count blocks of A, rows rows each and one
// below the other, times a panel of B, of k rows and a few vectors across:
//
//	c[i*ldc+j] = sum_p a[i*ars+p*acs] * b[p*brs+j]  (+ c[i*ldc+j])
//
// for i < count*rows and j < (vectors-1)*lanes + last, with p < k in order and each
// product added with one rounding. All numbers are at least 1, but the strides. The
// assembly knows the offsets of the fields.
type tile[T Float] struct {
	c             *T
	ldc           int
	a             *T
	ars, acs      int
	b             *T
	brs           int
	rows, count   int
	vectors, last int // last is the number of columns in the last vector
	k             int
	accumulate    bool
}

// Declarations of the assembly; kernel/gen writes it.
//
// pack copies rows of B: dst[p*ldd+j] = src[p*srs+j] for p < k and j < cols, zero
// for j from cols to lanes-1. packTransposed copies columns:
// dst[p*ldd+j] = src[p+j*scs], undefined for j from cols to lanes-1; it writes on
// to the next row that is a multiple of lanes. peak does 12 vectors of fused
// multiply-adds per time, and nothing else.

//go:noescape
func mulF32AVX2(t *tile[float32])

//go:noescape
func mulF64AVX2(t *tile[float64])

//go:noescape
func mulF32AVX512(t *tile[float32])

//go:noescape
func mulF64AVX512(t *tile[float64])

//go:noescape
func packF32AVX2(dst *float32, ldd int, src *float32, srs, k, cols int)

//go:noescape
func packF64AVX2(dst *float64, ldd int, src *float64, srs, k, cols int)

//go:noescape
func packF32AVX512(dst *float32, ldd int, src *float32, srs, k, cols int)

//go:noescape
func packF64AVX512(dst *float64, ldd int, src *float64, srs, k, cols int)

//go:noescape
func packTransposedF32AVX2(dst *float32, ldd int, src *float32, scs, k, cols int)

//go:noescape
func packTransposedF64AVX2(dst *float64, ldd int, src *float64, scs, k, cols int)

//go:noescape
func packTransposedF32AVX512(dst *float32, ldd int, src *float32, scs, k, cols int)

//go:noescape
func packTransposedF64AVX512(dst *float64, ldd int, src *float64, scs, k, cols int)

func peakF32AVX2(times int)
func peakF64AVX2(times int)
func peakF32AVX512(times int)
func peakF64AVX512(times int)

// isSingle tells whether T is float32; it is known when the code is compiled.
func isSingle[T Float]() bool { return unsafe.Sizeof(T(0)) == 4 }

// run calls the assembly for the path and the type.
func (t *tile[T]) run() {
	p := unsafe.Pointer(t)
	switch {
	case isSingle[T]() && active == avx512:
		mulF32AVX512((*tile[float32])(p))
	case isSingle[T]():
		mulF32AVX2((*tile[float32])(p))
	case active == avx512:
		mulF64AVX512((*tile[float64])(p))
	default:
		mulF64AVX2((*tile[float64])(p))
	}
}

// blockA is the number of rows of A that stay in the second-level cache.
const blockA = 512

// multiply is MatMul for operands that are not empty.
func multiply[T Float](s *Scratch[T], o operands[T]) {
	if active == portable {
		mulPortable(s, o)
		return
	}
	width := 32
	if active == avx512 {
		width = 64
	}
	lanes := width / int(unsafe.Sizeof(T(0)))
	t := tile[T]{ldc: o.ldc, ars: o.ars, acs: o.acs}
	for p := 0; p < o.k; p += t.k {
		t.k = depth(o.k, p)
		t.accumulate = o.accumulate || p > 0
		for i := 0; i < o.m; i += blockA {
			rows := min(blockA, o.m-i)
			cols := 0
			for j := 0; j < o.n; j += cols {
				var most int
				t.vectors, most = shape(active, rows, (o.n-j+lanes-1)/lanes)
				cols = min(t.vectors*lanes, o.n-j)
				t.last = cols - (t.vectors-1)*lanes
				t.panel(s, o.b[p*o.brs+j*o.bcs:], o.brs, o.bcs, cols, lanes)
				t.c = &o.c[i*o.ldc+j]
				t.a = &o.a[i*o.ars+p*o.acs]
				// As even as can be: 16 rows are 8+8, not 14+2.
				blocks := (rows + most - 1) / most
				longer := rows % blocks
				t.rows, t.count = rows/blocks, blocks-longer
				t.run()
				if longer > 0 {
					done := i + t.rows*t.count
					t.c = &o.c[done*o.ldc+j]
					t.a = &o.a[done*o.ars+p*o.acs]
					t.rows, t.count = t.rows+1, longer
					t.run()
				}
			}
		}
	}
}

// shape chooses the width of a panel of B, in vectors, and tells how many rows of A
// the assembly has at most for it.
func shape(p path, rows, vectors int) (width, most int) {
	switch {
	case p == avx512 && vectors == 1:
		return 1, 14
	case p == avx512 && vectors >= 4 && rows <= 6:
		return 4, 6
	case p == avx512:
		return 2, 14
	case vectors == 1:
		return 1, 12
	case vectors >= 4 && rows <= 2:
		return 4, 2
	}
	return 2, 6
}

// panel lets the tile use t.k rows and cols columns of B: in place, if the columns
// are side by side, else as a copy.
func (t *tile[T]) panel(s *Scratch[T], b []T, brs, bcs, cols, lanes int) {
	if bcs == 1 || cols == 1 {
		t.b, t.brs = &b[0], brs
		return
	}
	t.brs = t.vectors * lanes
	buf := grow(&s.b, (t.k+lanes)*t.brs)
	t.b = &buf[0]
	for j := 0; j < cols; j += lanes {
		if brs == 1 {
			packTransposed(&buf[j], t.brs, &b[j*bcs], bcs, t.k, min(lanes, cols-j))
			continue
		}
		for p := range t.k {
			for q := j; q < min(j+lanes, cols); q++ {
				buf[p*t.brs+q] = b[p*brs+q*bcs]
			}
		}
	}
}

// packTransposed calls the assembly for the path and the type.
func packTransposed[T Float](dst *T, ldd int, src *T, scs, k, cols int) {
	d, s := unsafe.Pointer(dst), unsafe.Pointer(src)
	switch {
	case isSingle[T]() && active == avx512:
		packTransposedF32AVX512((*float32)(d), ldd, (*float32)(s), scs, k, cols)
	case isSingle[T]():
		packTransposedF32AVX2((*float32)(d), ldd, (*float32)(s), scs, k, cols)
	case active == avx512:
		packTransposedF64AVX512((*float64)(d), ldd, (*float64)(s), scs, k, cols)
	default:
		packTransposedF64AVX2((*float64)(d), ldd, (*float64)(s), scs, k, cols)
	}
}
