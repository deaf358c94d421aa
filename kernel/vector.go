package kernel

import "math"

const lengths = "kernel: vectors of different lengths"

// Dot returns sum_i a[i] b[i] in double precision. As in every sum here there are
// four accumulators, for i modulo 4, that are added as (0+1)+(2+3) in the end; the
// elements after the last four of them go to the first. The products are rounded
// before they are added, so that the bits are the same on every machine.
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

// Sum returns sum_i a[i] in double precision, in the order of Dot.
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

// AbsMax returns max_i |a[i]|: 0 for an empty vector, NaN if any element is NaN.
func AbsMax[T Float](a []T) float64 {
	var most float64
	for _, x := range a {
		if v := math.Abs(float64(x)); v > most {
			most = v
		} else if v != v {
			return v
		}
	}
	return most
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
	// 0 v is zero for a finite v, else NaN, which stays in a sum.
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
