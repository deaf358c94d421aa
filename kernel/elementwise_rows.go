package kernel

import "unsafe"

// The loops below join elementwise operations, each with its own rounding, in which some
// operands are rows: these have one length, and are repeated as often as it takes to the
// length of dst. The others have the length of dst, which may be one of them.

// Affine is dst[i] = (x[i] - center[i]) * scale[i] + shift[i], for rows center, scale and
// shift.
func Affine[T Float](dst, x, center, scale, shift []T) {
	n := len(center)
	s := sweep[T]{c: unsafe.SliceData(center), d: unsafe.SliceData(scale[:n]), e: unsafe.SliceData(shift[:n])}
	s.overRows(affineLoop, dst, x, nil, n, func(dst, x, _ []T) {
		for i := range dst {
			dst[i] = T(T(x[i]-center[i])*scale[i]) + shift[i]
		}
	})
}

// AffineReLU is the ReLU of Affine.
func AffineReLU[T Float](dst, x, center, scale, shift []T) {
	n := len(center)
	s := sweep[T]{c: unsafe.SliceData(center), d: unsafe.SliceData(scale[:n]), e: unsafe.SliceData(shift[:n])}
	s.overRows(affineReLULoop, dst, x, nil, n, func(dst, x, _ []T) {
		for i := range dst {
			dst[i] = max(T(T(x[i]-center[i])*scale[i])+shift[i], 0)
		}
	})
}

// MulCentered is dst[i] = d[i] * (x[i] - center[i]), for a row center.
func MulCentered[T Float](dst, d, x, center []T) {
	s := sweep[T]{c: unsafe.SliceData(center)}
	s.overRows(mulCenteredLoop, dst, d, x, len(center), func(dst, d, x []T) {
		for i := range dst {
			dst[i] = d[i] * T(x[i]-center[i])
		}
	})
}

// StandardGrad is dst[i] = ((d[i] - mean[i]) - (x[i] - center[i]) * slope[i]) * scale[i], for
// rows mean, center, slope and scale: a gradient through the normalisation of columns.
func StandardGrad[T Float](dst, d, x, mean, center, slope, scale []T) {
	n := len(center)
	s := sweep[T]{c: unsafe.SliceData(mean[:n]), d: unsafe.SliceData(center), e: unsafe.SliceData(slope[:n]), f: unsafe.SliceData(scale[:n])}
	s.overRows(standardGradLoop, dst, d, x, n, func(dst, d, x []T) {
		for i := range dst {
			dst[i] = T(T(d[i]-mean[i])-T(T(x[i]-center[i])*slope[i])) * scale[i]
		}
	})
}

// overRows does rows of n elements of dst, a and, unless nil, b, and what is left over of a
// last one, by the assembly of loop l or, where there is none, by f.
func (s *sweep[T]) overRows(l loop, dst, a, b []T, n int, f func(dst, a, b []T)) {
	a = a[:len(dst)]
	if b != nil {
		b = b[:len(dst)]
	}
	for len(dst) > 0 {
		n = min(n, len(dst))
		s.dst, s.a, s.b, s.n, s.rows = unsafe.SliceData(dst), unsafe.SliceData(a), unsafe.SliceData(b), n, len(dst)/n
		done := n * s.rows
		if !s.run(l) {
			for i := 0; i < done; i += n {
				var c []T
				if b != nil {
					c = b[i:][:n]
				}
				f(dst[i:][:n], a[i:][:n], c)
			}
		}
		dst, a = dst[done:], a[done:]
		if b != nil {
			b = b[done:]
		}
	}
}
