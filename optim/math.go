package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

// norm is the Euclidean length of v on the spans. It neither overflows nor
// vanishes where the length itself is a float64.
func norm[T problem.Float](v []T, list []span) float64 {
	sum := 0.0
	for _, p := range list {
		sum += kernel.Dot(v[p.lo:p.hi], v[p.lo:p.hi])
	}
	if sum > 1e-280 && sum < math.Inf(1) {
		return math.Sqrt(sum)
	}
	top := 0.0
	for _, p := range list {
		top = max(top, kernel.AbsMax(v[p.lo:p.hi]))
	}
	if top == 0 || math.IsInf(top, 1) || math.IsNaN(top) {
		return top
	}
	sum = 0
	for _, p := range list {
		for _, e := range v[p.lo:p.hi] {
			r := float64(e) / top
			sum += r * r
		}
	}
	return top * math.Sqrt(sum)
}

// multiply multiplies v by a factor that may be beyond T where the products are not.
func multiply[T problem.Float](v []T, factor float64) {
	const far, step = 0x1p100, 0x1p90
	for ; 0 < factor && factor < 1/far; factor *= step {
		kernel.Scale(v, 1/step)
	}
	for ; far < factor && factor <= math.MaxFloat64; factor /= step {
		kernel.Scale(v, step)
	}
	kernel.Scale(v, T(factor))
}

// reciprocal is 1/length, at most the largest float32: what is as short as that
// is taken for longer than it is.
func reciprocal[T problem.Float](length float64) T {
	return T(min(1/length, math.MaxFloat32))
}

// quotient is a/b, and zero where b is, but NaN where a is not finite even then.
func quotient[T problem.Float](a, b T) T {
	if b == 0 {
		return a - a
	}
	return a / b
}
