package kernel

import (
	"math"
	"unsafe"
)

// The loops here set dst[i] to a function of a[i], for a of the length of dst; they
// may be the same. Errors are in units in the last place (ulp), over all arguments.

// Exp is dst[i] = e^a[i], to 1 ulp.
func Exp[T Float](dst, a []T) { eachElement(expLoop, dst, a, (*functions[T]).expOf) }

// Sigmoid is dst[i] = 1 / (1 + e^-a[i]), to 3 ulp.
func Sigmoid[T Float](dst, a []T) { eachElement(sigmoidLoop, dst, a, (*functions[T]).sigmoidOf) }

// Tanh is dst[i] = tanh(a[i]), to 3 ulp.
func Tanh[T Float](dst, a []T) { eachElement(tanhLoop, dst, a, (*functions[T]).tanhOf) }

// NormPDF is dst[i] = e^(-a[i]^2/2) / sqrt(2 pi), to 2 ulp.
func NormPDF[T Float](dst, a []T) { eachElement(normPDFLoop, dst, a, (*functions[T]).normPDFOf) }

// NormCDF is the standard normal distribution function at a[i], to 6 ulp.
func NormCDF[T Float](dst, a []T) { eachElement(normCDFLoop, dst, a, (*functions[T]).normCDFOf) }

// GELU is dst[i] = a[i] NormCDF(a[i]), to 7 ulp, or |a[i]| ulp where NormCDF is denormal.
func GELU[T Float](dst, a []T) { eachElement(geluLoop, dst, a, (*functions[T]).geluOf) }

// GELUSlope is the derivative of GELU, dst[i] = NormCDF(a[i]) + a[i] NormPDF(a[i]), each
// operation with its own rounding.
func GELUSlope[T Float](dst, a []T) { eachElement(geluSlopeLoop, dst, a, (*functions[T]).geluSlopeOf) }

// GELUBoth sets dst to GELU of a and slope, of the same length, to GELUSlope of a, with
// the same bits, at little more than the price of one. Either may be a.
func GELUBoth[T Float](dst, slope, a []T) {
	slope, a = slope[:len(dst)], a[:len(dst)]
	s := sweep[T]{dst: unsafe.SliceData(dst), b: unsafe.SliceData(slope), a: unsafe.SliceData(a), n: len(dst)}
	if s.n > 0 && s.run(geluBothLoop) {
		return
	}
	f := functionsOf[T]()
	for i, x := range a {
		dst[i], slope[i] = f.geluOf(x), f.geluSlopeOf(x)
	}
}

// GELUTanh is dst[i] = a[i] (1 + tanh(u))/2 with u = sqrt(2/pi) (a[i] + 0.044715 a[i]^3),
// to 4 + 5|u| ulp.
func GELUTanh[T Float](dst, a []T) { eachElement(geluTanhLoop, dst, a, (*functions[T]).geluTanhOf) }

// Log is dst[i] = log(a[i]), to 1 ulp.
func Log[T Float](dst, a []T) {
	eachElement(logLoop, dst, a, func(_ *functions[T], x T) T { return T(logOf(float64(x))) })
}

// Softplus is dst[i] = log(1 + e^a[i]), to 3 ulp.
func Softplus[T Float](dst, a []T) {
	eachElement(softplusLoop, dst, a, func(_ *functions[T], x T) T { return T(softplusOf(float64(x))) })
}

// Sqrt is dst[i] = sqrt(a[i]), to half an ulp.
func Sqrt[T Float](dst, a []T) {
	eachElement(sqrtLoop, dst, a, func(_ *functions[T], x T) T { return T(math.Sqrt(float64(x))) })
}

// Cbrt is the cube root of a[i], to 4 ulp.
func Cbrt[T Float](dst, a []T) { eachElement(cbrtLoop, dst, a, (*functions[T]).cbrtOf) }

// Abs is dst[i] = |a[i]|.
func Abs[T Float](dst, a []T) {
	eachElement(absLoop, dst, a, func(_ *functions[T], x T) T { return T(math.Abs(float64(x))) })
}

// Sign is 1 where a[i] > 0, -1 where a[i] < 0, else a[i].
func Sign[T Float](dst, a []T) {
	eachElement(signLoop, dst, a, func(_ *functions[T], x T) T { return sign(x) })
}

func sign[T Float](x T) T {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}

func eachElement[T Float](l loop, dst, a []T, f func(*functions[T], T) T) {
	a = a[:len(dst)]
	if sweepSingle(l, dst, a) {
		return
	}
	c := functionsOf[T]()
	for i, x := range a {
		dst[i] = f(c, x)
	}
}
