package kernel

import "math"

// cbrtOf is x z^2 with z = x^(-1/3). The bits of a number are about its logarithm, so that
// those of z are a constant less a third of those of x, within 4 %; two steps of the fourth
// order in h = 1 - x z^3 make that a rounding error. The first guess takes only so many of
// the upper bits of x that the fraction of a number can hold them.
func (f *functions[T]) cbrtOf(x T) T {
	a := T(math.Abs(float64(x)))
	if a == 0 || !(a <= f.most) {
		return x
	}
	back := T(1)
	if a < f.normal {
		a, back = a*f.cubed, f.back
	}
	z := f.guess(a)
	for range 2 {
		h := 1 - T(T(T(a*z)*z)*z)
		z += T(z * T(h*(1./3+T(h*(2./9+T(h*(14./81)))))))
	}
	return T(math.Copysign(float64(T(T(T(a*z)*z)*back)), float64(x)))
}

// guess is about a^(-1/3).
func (f *functions[T]) guess(a T) T {
	if isSingle[T]() {
		const one, shift = 1 << 23, 12
		top := math.Float32frombits(math.Float32bits(float32(a))>>shift|math.Float32bits(one)) - one
		return T(math.Float32frombits(math.Float32bits(float32(top*(-1./3))+float32(f.third)) << shift))
	}
	const one, shift = 1 << 52, 32
	top := math.Float64frombits(math.Float64bits(float64(a))>>shift|math.Float64bits(one)) - one
	return T(math.Float64frombits(math.Float64bits(float64(top*(-1./3))+float64(f.third)) << shift))
}
