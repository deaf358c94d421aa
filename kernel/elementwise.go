package kernel

// The loops below set dst[i] from the elements i of their operands. An operand of
// length 1 stands for as many elements as dst has; any other has the length of dst.
// dst may be one of the operands.

// Add is dst[i] = a[i] + b[i].
func Add[T Float](dst, a, b []T) {
	switch {
	case sweepPair(addLoop, dst, a, b):
	case len(a) == 1:
		s, b := a[0], b[:len(dst)]
		for i := range dst {
			dst[i] = s + b[i]
		}
	case len(b) == 1:
		a, s := a[:len(dst)], b[0]
		for i := range dst {
			dst[i] = a[i] + s
		}
	default:
		a, b := a[:len(dst)], b[:len(dst)]
		for i := range dst {
			dst[i] = a[i] + b[i]
		}
	}
}

// Sub is dst[i] = a[i] - b[i].
func Sub[T Float](dst, a, b []T) {
	switch {
	case sweepPair(subLoop, dst, a, b):
	case len(a) == 1:
		s, b := a[0], b[:len(dst)]
		for i := range dst {
			dst[i] = s - b[i]
		}
	case len(b) == 1:
		a, s := a[:len(dst)], b[0]
		for i := range dst {
			dst[i] = a[i] - s
		}
	default:
		a, b := a[:len(dst)], b[:len(dst)]
		for i := range dst {
			dst[i] = a[i] - b[i]
		}
	}
}

// Mul is dst[i] = a[i] * b[i].
func Mul[T Float](dst, a, b []T) {
	switch {
	case sweepPair(mulLoop, dst, a, b):
	case len(a) == 1:
		s, b := a[0], b[:len(dst)]
		for i := range dst {
			dst[i] = s * b[i]
		}
	case len(b) == 1:
		a, s := a[:len(dst)], b[0]
		for i := range dst {
			dst[i] = a[i] * s
		}
	default:
		a, b := a[:len(dst)], b[:len(dst)]
		for i := range dst {
			dst[i] = a[i] * b[i]
		}
	}
}

// Div is dst[i] = a[i] / b[i].
func Div[T Float](dst, a, b []T) {
	switch {
	case sweepPair(divLoop, dst, a, b):
	case len(a) == 1:
		s, b := a[0], b[:len(dst)]
		for i := range dst {
			dst[i] = s / b[i]
		}
	case len(b) == 1:
		a, s := a[:len(dst)], b[0]
		for i := range dst {
			dst[i] = a[i] / s
		}
	default:
		a, b := a[:len(dst)], b[:len(dst)]
		for i := range dst {
			dst[i] = a[i] / b[i]
		}
	}
}

// Quotient is dst[i] = a[i] / b[i], and a[i] - a[i] where b[i] is zero: zero too, but NaN
// where a[i] is no number.
func Quotient[T Float](dst, a, b []T) {
	eachPair(quotientLoop, dst, a, b, func(a, b T) T {
		if b == 0 {
			return a - a
		}
		return a / b
	})
}

// Max is the larger of a[i] and b[i], b[i] where they are equal, and NaN where either is.
func Max[T Float](dst, a, b []T) {
	eachPair(maxLoop, dst, a, b, func(a, b T) T {
		if a > b || a != a {
			return a
		}
		return b
	})
}

// Min is the smaller one, likewise.
func Min[T Float](dst, a, b []T) {
	eachPair(minLoop, dst, a, b, func(a, b T) T {
		if a < b || a != a {
			return a
		}
		return b
	})
}

func eachPair[T Float](l loop, dst, a, b []T, f func(a, b T) T) {
	if len(dst) == 0 || sweepPair(l, dst, a, b) {
		return
	}
	x, y := a[0], b[0]
	for i := range dst {
		if len(a) > 1 {
			x = a[i]
		}
		if len(b) > 1 {
			y = b[i]
		}
		dst[i] = f(x, y)
	}
}

// Square is dst[i] = a[i]^2, for a of the length of dst.
func Square[T Float](dst, a []T) {
	if sweepPair(mulLoop, dst, a, a) {
		return
	}
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = a[i] * a[i]
	}
}

// Map is dst[i] = f(a[i]), computed in double precision, for a of the length of dst.
func Map[T Float](dst, a []T, f func(float64) float64) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = T(f(float64(a[i])))
	}
}
