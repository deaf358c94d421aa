package kernel

import "unsafe"

// A sweep is one call of an assembly loop over vectors of n elements: what dst, a,
// b, c and the scalars mean depends on the loop. The assembly knows the offsets of
// the fields.
type sweep[T Float] struct {
	dst, a, b, c *T
	n            int
	rows         int    // how often a loop over rows of n elements is to be done
	labels       *int   // of the rows
	result       uint64 // the bits of a sum in double precision, or of a T; to standardize, of eps; to AxpyDot, of alpha
	d, e, f      *T
	scalars      [9]T
}

// A loop is the number of an assembly loop: its place in kernel/gen's list.
type loop int

const (
	adamLoop loop = iota
	momentumLoop
	signMomentumLoop
	signDescentLoop
	resilientLoop
	meanSquareLoop
	axpyLoop
	axpbyLoop
	scaleLoop
	dotLoop
	axpyDotLoop
	sumLoop
	largestLoop
	addRowsLoop
	firstPair
)

// There are three loops of a pair: of vectors, with one element for b, and with one for a.
const (
	addLoop loop = firstPair + 3*iota
	subLoop
	mulLoop
	divLoop
	quotientLoop
	maxLoop
	minLoop
	addReLULoop
	gateLoop
	firstSingle
)

const (
	reluLoop loop = firstSingle + iota
	absLoop
	signLoop
	sqrtLoop
	cbrtLoop
	expLoop
	sigmoidLoop
	tanhLoop
	normPDFLoop
	normCDFLoop
	geluLoop
	geluTanhLoop
	logLoop
	softplusLoop
	softmaxLoop
	softmaxGradLoop
	crossEntropyLoop
	crossEntropyGradLoop
	addLog1pLoop
	expsAcrossLoop
	sumsAcrossLoop
	gradAcrossLoop
	standardizeLoop
	standardizeGradLoop
	rmsLoop
	rmsGradLoop
	affineLoop
	affineReLULoop
	mulCenteredLoop
	standardGradLoop
	geluSlopeLoop
	affineAddReLULoop
	addGateLoop
	geluBothLoop
)

// sweepLeast is the length from which a call of the assembly is worth its cost.
const sweepLeast = 16

// sweepPair runs a loop dst = f(a, b), where a or b may have one element. It reports
// false where there is none for the path, or no use in one.
func sweepPair[T Float](l loop, dst, a, b []T) bool {
	switch {
	case len(dst) < sweepLeast:
		return false
	case len(a) == len(dst) && len(b) == len(dst):
	case len(a) == len(dst) && len(b) == 1:
		l++
	case len(a) == 1 && len(b) == len(dst):
		l += 2
	default:
		return false
	}
	s := sweep[T]{dst: unsafe.SliceData(dst), a: unsafe.SliceData(a), b: unsafe.SliceData(b), n: len(dst)}
	return s.run(l)
}

// sweepSingle runs a loop dst = f(a), of equal lengths from 1 on, likewise.
func sweepSingle[T Float](l loop, dst, a []T) bool {
	if len(dst) == 0 || len(a) != len(dst) {
		return false
	}
	s := sweep[T]{dst: unsafe.SliceData(dst), a: unsafe.SliceData(a), n: len(dst)}
	return s.run(l)
}

// sweepEach runs a loop over rows of n elements of dst and a that lie one after another.
func (s *sweep[T]) sweepEach(l loop, dst, a []T, n int) bool {
	s.dst, s.a, s.n, s.rows = unsafe.SliceData(dst), unsafe.SliceData(a), n, len(dst)/n
	return s.rows > 0 && s.run(l)
}

// sweepRows adds rows of a to dst, four at a time and so many times, likewise.
func sweepRows[T Float](dst, a []T, fours int) bool {
	n := len(dst)
	if n < sweepLeast || fours == 0 {
		return false
	}
	s := sweep[T]{dst: &dst[0], a: &a[0], b: &a[n], c: &a[2*n], n: n, rows: fours}
	_ = a[4*n*fours-1]
	return s.run(addRowsLoop)
}
