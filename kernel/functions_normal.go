package kernel

import "math"

// gauss is e^(-x^2/2) for |x| <= gaussLow. The square is a sum of two, the first of
// which is exact, as the error of a rounded one would be multiplied by x^2.
func (f *functions[T]) gauss(x T) T {
	head := f.head(x)
	return f.expSum(T(T(-0.5*head)*head), T(T(-0.5*(x-head))*(x+head)))
}

// head is x without the lower half of its digits.
func (f *functions[T]) head(x T) T {
	if isSingle[T]() {
		return T(math.Float32frombits(math.Float32bits(float32(x)) & uint32(f.headOfBits)))
	}
	return T(math.Float64frombits(math.Float64bits(float64(x)) & f.headOfBits))
}

func (f *functions[T]) magnitude(x T) T { return min(T(math.Abs(float64(x))), f.gaussLow) }

func (f *functions[T]) normPDFOf(x T) T {
	return overRootTwoPi * f.gauss(f.magnitude(x))
}

const overRootTwoPi = 0.39894228040143267794 // 1/sqrt(2 pi)

// normCDFOf is the distribution function. Above it lies, for t = |x|, the mass
// q = e^(-t^2/2) R(t) with R(t) = e^(t^2/2) erfc(t/sqrt 2) / 2, and (t + 4) R(t) is a
// polynomial in (t - 4) / (t + 4), interpolated at the zeros of a Chebyshev polynomial.
func (f *functions[T]) normCDFOf(x T) T {
	t := f.magnitude(x)
	return f.mass(x, t, f.gauss(t))
}

// mass is normCDFOf for t = |x| and g = e^(-t^2/2).
func (f *functions[T]) mass(x, t, g T) T {
	part := 1 / (t + 4)
	q := T(T(g*part) * polynomial(T((t-4)*part), f.mills))
	if x < 0 {
		return q
	}
	return 1 - q
}

func (f *functions[T]) geluOf(x T) T { return x * f.normCDFOf(x) }

func (f *functions[T]) geluSlopeOf(x T) T {
	t := f.magnitude(x)
	g := f.gauss(t)
	return f.mass(x, t, g) + T(x*T(overRootTwoPi*g))
}

// geluTanhOf is x (1 + tanh(u)) / 2 as x sigmoid(2u).
func (f *functions[T]) geluTanhOf(x T) T {
	const scale, cubic = 2 * 0.79788456080286535588, 0.044715 // sqrt(2/pi)
	return x * f.sigmoidOf(T(T(scale*x)*(1+T(cubic*T(x*x)))))
}
