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
