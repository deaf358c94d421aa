package kernel

import "unsafe"

//go:generate go -C gen run . -out ..

// A tile is one call of the assembly: count blocks of A, rows rows each and one
// below the other, times a panel of B, a few vectors wide:
//
//	c[i*ldc+j] = sum_p a[i*ars+p*acs] * b[p*brs+j]  (+ c[i*ldc+j])
//
// for i < count*rows and j < (vectors-1)*lanes + last, with p < k in order and each
// product added with one rounding. Nothing but the strides may be zero.
//
// Where jumps and end, the ends of a list of numbers of bytes, differ, each of the
// numbers leads from the end of a run of k columns of A to the start of one more, while
// the rows of B go on. The assembly knows the offsets of the fields, and counts down
// count.
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
	jumps, end    *int
}

// What follows declares the assembly that kernel/gen writes. For each path and type
//
//	mul             computes a tile
//	narrow          computes the transpose of a tile: element (i, j) of C, at c[i*ldc+j]
//	                if vectors is 0, else at c[i+j*ldc], is the product of row i of the
//	                panel, contiguous at b+i*brs, and row j of what is at a, for
//	                j < rows <= narrowMost and i < count, a multiple of narrowStep or of
//	                lanes. It uses up the tile.
//	pack            copies k rows: dst[p*ldd+j] = src[p*srs+j] for j < cols <= lanes,
//	                zero for cols <= j < lanes
//	packTransposed  copies columns: dst[p*ldd+j] = src[p+j*scs] for j < cols <= lanes,
//	                undefined for cols <= j < lanes; it writes on to a multiple of
//	                lanes rows
//	peak            does 12 vectors of fused multiply-adds a time, and nothing else

//go:noescape
func mulF32AVX2(t *tile[float32])

//go:noescape
func mulF64AVX2(t *tile[float64])

//go:noescape
func mulF32AVX512(t *tile[float32])

//go:noescape
func mulF64AVX512(t *tile[float64])

//go:noescape
func narrowF32AVX2(t *tile[float32])

//go:noescape
func narrowF32AVX512(t *tile[float32])

//go:noescape
func narrowF64AVX2(t *tile[float64])

//go:noescape
func narrowF64AVX512(t *tile[float64])

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

// lanes is the number of elements in a vector of the path.
func (p path) lanes(single bool) int {
	n := 4
	if p == avx512 {
		n *= 2
	}
	if single {
		n *= 2
	}
	return n
}

// run calls mul for the path and the type.
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

// runNarrow calls narrow for the path and the type.
func (t *tile[T]) runNarrow() {
	p := unsafe.Pointer(t)
	switch {
	case isSingle[T]() && active == avx512:
		narrowF32AVX512((*tile[float32])(p))
	case isSingle[T]():
		narrowF32AVX2((*tile[float32])(p))
	case active == avx512:
		narrowF64AVX512((*tile[float64])(p))
	default:
		narrowF64AVX2((*tile[float64])(p))
	}
}

func pack[T Float](dst *T, ldd int, src *T, srs, k, cols int) {
	d, s := unsafe.Pointer(dst), unsafe.Pointer(src)
	switch {
	case isSingle[T]() && active == avx512:
		packF32AVX512((*float32)(d), ldd, (*float32)(s), srs, k, cols)
	case isSingle[T]():
		packF32AVX2((*float32)(d), ldd, (*float32)(s), srs, k, cols)
	case active == avx512:
		packF64AVX512((*float64)(d), ldd, (*float64)(s), srs, k, cols)
	default:
		packF64AVX2((*float64)(d), ldd, (*float64)(s), srs, k, cols)
	}
}

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
