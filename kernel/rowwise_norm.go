package kernel

import (
	"math"
	"unsafe"
)

// The loops here bring the rows or the columns of a matrix with rows of the given
// width to mean 0 and variance 1, and turn the derivative of what comes out into the
// derivative of what went in. Means are taken in double precision, and each element
// of a result is computed in double precision and rounded once.

// StandardizeRows sets each row of dst to z = r (x - m), with m the mean of the row of
// x, v its biased variance and r = 1/sqrt(v + eps), which it leaves in r, an element
// for each row. dst may be x.
func StandardizeRows[T Float](dst, x []T, width int, eps float64, r []T) {
	if s := (sweep[T]{b: unsafe.SliceData(r), result: math.Float64bits(eps)}); s.sweepEach(standardizeLoop, dst[:len(r)*width], x[:len(r)*width], width) {
		return
	}
	for i := range r {
		z, x := dst[i*width:][:width], x[i*width:][:width]
		m := Sum(x) / float64(width)
		s := 1 / math.Sqrt(squares(x, m)/float64(width)+eps)
		for j, v := range x {
			z[j] = T((float64(v) - m) * s)
		}
		r[i] = T(s)
	}
}

// StandardizeRowsGrad sets each row of dst to r (d - mean(d) - z mean(d z)): with z
// and r from StandardizeRows this is the derivative in x of what has the derivative d
// in z. dst may be d.
func StandardizeRowsGrad[T Float](dst, d, z []T, width int, r []T) {
	z = z[:len(r)*width]
	if s := (sweep[T]{b: unsafe.SliceData(z), c: unsafe.SliceData(r)}); s.sweepEach(standardizeGradLoop, dst[:len(z)], d[:len(z)], width) {
		return
	}
	for i, s := range r {
		out, d, z := dst[i*width:][:width], d[i*width:][:width], z[i*width:][:width]
		m, c := Sum(d)/float64(width), Dot(d, z)/float64(width)
		for j, v := range d {
			out[j] = T(float64(s) * ((float64(v) - m) - float64(float64(z[j])*c)))
		}
	}
}

// RMSRows is StandardizeRows without the mean: z = r x with r = 1/sqrt(mean(x^2) + eps).
func RMSRows[T Float](dst, x []T, width int, eps float64, r []T) {
	if s := (sweep[T]{b: unsafe.SliceData(r), result: math.Float64bits(eps)}); s.sweepEach(rmsLoop, dst[:len(r)*width], x[:len(r)*width], width) {
		return
	}
	for i := range r {
		z, x := dst[i*width:][:width], x[i*width:][:width]
		s := 1 / math.Sqrt(Dot(x, x)/float64(width)+eps)
		for j, v := range x {
			z[j] = T(float64(v) * s)
		}
		r[i] = T(s)
	}
}

// RMSRowsGrad sets each row of dst to r (d - z mean(d z)), likewise.
func RMSRowsGrad[T Float](dst, d, z []T, width int, r []T) {
	z = z[:len(r)*width]
	if s := (sweep[T]{b: unsafe.SliceData(z), c: unsafe.SliceData(r)}); s.sweepEach(rmsGradLoop, dst[:len(z)], d[:len(z)], width) {
		return
	}
	for i, s := range r {
		out, d, z := dst[i*width:][:width], d[i*width:][:width], z[i*width:][:width]
		c := Dot(d, z) / float64(width)
		for j, v := range d {
			out[j] = T(float64(s) * (float64(v) - float64(float64(z[j])*c)))
		}
	}
}

// squares is the sum of (x - m)^2 in the order of the slots.
func squares[T Float](x []T, m float64) float64 {
	var sums [slots]float64
	for i, v := range x {
		d := float64(v) - m
		sums[i%slots] += float64(d * d)
	}
	return fold(&sums)
}
