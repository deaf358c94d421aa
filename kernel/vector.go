package kernel

import (
	"math"
	"unsafe"
)

const lengths = "kernel: vectors of different lengths"

// slots is the number of accumulators of a sum. Element i goes to slot i modulo
// slots; then the upper half of the slots is added to the lower half, slot by slot,
// until one is left.
const slots = 32

// Dot returns sum_i a[i] b[i] in double precision. Products are rounded before they
// are added, so that the bits are the same on all paths.
func Dot[T Float](a, b []T) float64 {
	if len(a) != len(b) {
		panic(lengths)
	}
	s := sweep[T]{a: unsafe.SliceData(a), b: unsafe.SliceData(b), n: len(a)}
	if s.run(dotLoop) {
		return math.Float64frombits(s.result)
	}
	var sums [slots]float64
	for len(a) >= slots && len(b) >= slots {
		x, y := (*[slots]T)(a), (*[slots]T)(b)
		for i := range sums {
			sums[i] += float64(float64(x[i]) * float64(y[i]))
		}
		a, b = a[slots:], b[slots:]
	}
	for i, x := range a {
		sums[i] += float64(float64(x) * float64(b[i]))
	}
	return fold(&sums)
}

func fold(sums *[slots]float64) float64 {
	for half := slots / 2; half > 0; half /= 2 {
		for i := range half {
			sums[i] += sums[half+i]
		}
	}
	return sums[0]
}

// Norm2 returns the Euclidean norm of a, without overflow or underflow on the way.
func Norm2[T Float](a []T) float64 {
	const low, high = 1e-280, 1e300 // between them no square that matters was lost
	if s := Dot(a, a); s > low && s < high {
		return math.Sqrt(s)
	}
	most := AbsMax(a)
	if most == 0 || math.IsInf(most, 0) || math.IsNaN(most) {
		return most
	}
	_, e := math.Frexp(most)
	var s float64
	for _, x := range a {
		y := math.Ldexp(float64(x), -e)
		s += float64(y * y)
	}
	return math.Ldexp(math.Sqrt(s), e)
}

// Sum returns sum_i a[i] in double precision, with the same bits on all paths.
func Sum[T Float](a []T) float64 {
	s := sweep[T]{a: unsafe.SliceData(a), n: len(a)}
	if s.run(sumLoop) {
		return math.Float64frombits(s.result)
	}
	var sums [slots]float64
	for len(a) >= slots {
		x := (*[slots]T)(a)
		for i := range sums {
			sums[i] += float64(x[i])
		}
		a = a[slots:]
	}
	for i, x := range a {
		sums[i] += float64(x)
	}
	return fold(&sums)
}

// AbsMax returns max_i |a[i]|: 0 for an empty vector, NaN if any element is NaN.
func AbsMax[T Float](a []T) float64 {
	s := sweep[T]{a: unsafe.SliceData(a), n: len(a)}
	if s.run(largestLoop) {
		if unsafe.Sizeof(T(0)) == 4 {
			return float64(math.Float32frombits(uint32(s.result)))
		}
		return math.Float64frombits(s.result)
	}
	// As whole numbers the bits of magnitudes are in the order of what they stand
	// for, with infinity and then NaN on top.
	var most uint64
	for _, x := range a {
		most = max(most, math.Float64bits(float64(x))&^(1<<63))
	}
	return math.Float64frombits(most)
}

// Finite tells whether no element of x is infinite or NaN.
func Finite[T Float](x []T) bool { return AbsMax(x) <= math.MaxFloat64 }

// Axpy adds alpha x to y: y[i] += alpha x[i], for vectors that are apart or the
// same. Products are rounded before they are added, so that the bits are the same
// on all paths.
func Axpy[T Float](y []T, alpha T, x []T) {
	if len(x) != len(y) {
		panic(lengths)
	}
	s := sweep[T]{dst: unsafe.SliceData(y), a: unsafe.SliceData(x), n: len(x), scalars: [9]T{alpha}}
	if s.run(axpyLoop) {
		return
	}
	for i, v := range x {
		y[i] += T(alpha * v)
	}
}

// AxpyDot adds alpha x to y and returns Dot(x, z), in one pass over x: half of the work
// of a product with a symmetric matrix, a row x at a time. y is apart from x and z. The
// sums in y are formed in double precision and rounded to T once.
func AxpyDot[T Float](y []T, alpha float64, x, z []T) float64 {
	if len(x) != len(y) || len(z) != len(y) {
		panic(lengths)
	}
	s := sweep[T]{
		dst: unsafe.SliceData(y), a: unsafe.SliceData(x), b: unsafe.SliceData(z), n: len(x),
		result: math.Float64bits(alpha),
	}
	if s.run(axpyDotLoop) {
		return math.Float64frombits(s.result)
	}
	for i, v := range x {
		y[i] = T(float64(y[i]) + float64(alpha*float64(v)))
	}
	return Dot(x, z)
}

// Axpby is y[i] = beta y[i] + alpha x[i], likewise.
func Axpby[T Float](beta T, y []T, alpha T, x []T) {
	if len(x) != len(y) {
		panic(lengths)
	}
	s := sweep[T]{dst: unsafe.SliceData(y), a: unsafe.SliceData(x), n: len(x), scalars: [9]T{beta, alpha}}
	if s.run(axpbyLoop) {
		return
	}
	for i, v := range x {
		y[i] = T(beta*y[i]) + T(alpha*v)
	}
}

// Scale multiplies x by alpha: x[i] *= alpha.
func Scale[T Float](x []T, alpha T) {
	s := sweep[T]{dst: unsafe.SliceData(x), n: len(x), scalars: [9]T{alpha}}
	if s.run(scaleLoop) {
		return
	}
	for i := range x {
		x[i] *= alpha
	}
}
