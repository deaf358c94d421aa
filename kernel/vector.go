package kernel

import "math"

const lengths = "kernel: vectors of different lengths"

// Dot returns sum_i a[i] b[i] in double precision. Like the other sums here it has
// four accumulators, for i modulo 4, added as (0+1)+(2+3), so that its bits depend
// on the values alone.
func Dot[T Float](a, b []T) float64 {
	if len(a) != len(b) {
		panic(lengths)
	}
	var s0, s1, s2, s3 float64
	for len(a) >= 4 && len(b) >= 4 {
		s0 += float64(float64(a[0]) * float64(b[0]))
		s1 += float64(float64(a[1]) * float64(b[1]))
		s2 += float64(float64(a[2]) * float64(b[2]))
		s3 += float64(float64(a[3]) * float64(b[3]))
		a, b = a[4:], b[4:]
	}
	for i, x := range a {
		s0 += float64(float64(x) * float64(b[i]))
	}
	return (s0 + s1) + (s2 + s3)
}

// Norm2 returns the Euclidean norm of a. No finite float32 overflows it; float64
// values do where their squares do.
func Norm2[T Float](a []T) float64 { return math.Sqrt(Dot(a, a)) }

// Sum returns sum_i a[i] in double precision.
func Sum[T Float](a []T) float64 {
	var s0, s1, s2, s3 float64
	for len(a) >= 4 {
		s0 += float64(a[0])
		s1 += float64(a[1])
		s2 += float64(a[2])
		s3 += float64(a[3])
		a = a[4:]
	}
	for _, x := range a {
		s0 += float64(x)
	}
	return (s0 + s1) + (s2 + s3)
}

// AbsMax returns max_i |a[i]|, zero for an empty vector, NaN if any element is.
func AbsMax[T Float](a []T) float64 {
	var m T
	for _, x := range a {
		m = max(m, x, -x)
	}
	return float64(m)
}

// Axpy adds alpha x to y: y[i] += alpha x[i].
func Axpy[T Float](y []T, alpha T, x []T) {
	if len(x) != len(y) {
		panic(lengths)
	}
	for i, v := range x {
		y[i] += T(alpha * v)
	}
}

// Scale multiplies x by alpha: x[i] *= alpha.
func Scale[T Float](x []T, alpha T) {
	for i := range x {
		x[i] *= alpha
	}
}

// Finite tells whether no element of x is infinite or NaN.
func Finite[T Float](x []T) bool {
	// 0 x is 0 for finite x, else NaN, and NaN stays in a sum.
	var s0, s1, s2, s3 T
	for len(x) >= 4 {
		s0 += x[0] * 0
		s1 += x[1] * 0
		s2 += x[2] * 0
		s3 += x[3] * 0
		x = x[4:]
	}
	for _, v := range x {
		s0 += v * 0
	}
	return s0+s1+s2+s3 == 0
}
