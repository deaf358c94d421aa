package stat

import (
	"math"
	"slices"
)

// A Sample summarises one reading over seeds.
type Sample struct {
	N      int
	Mean   float64 // NaN where N is 0
	SD     float64 // with divisor N-1; NaN where N < 2
	SE     float64 // of the mean, SD / sqrt(N); NaN where N < 2
	Median float64 // NaN where N is 0
}

// Summarize describes the finite values of x.
func Summarize(x []float64) Sample {
	x = Present(x)
	nan := math.NaN()
	s := Sample{len(x), nan, nan, nan, Quantile(x, .5)}
	if s.N == 0 {
		return s
	}
	s.Mean = mean(x)
	if s.N >= 2 {
		s.SD = deviation(x, s.Mean)
		s.SE = s.SD / math.Sqrt(float64(s.N))
	}
	return s
}

// Present gives the finite values of x, in order. It does not change x.
func Present(x []float64) []float64 {
	out := make([]float64, 0, len(x))
	for _, v := range x {
		if isFinite(v) {
			out = append(out, v)
		}
	}
	return out
}

// Differences gives a[i] - b[i], NaN where either is not finite.
func Differences(a, b []float64) []float64 {
	if len(a) != len(b) {
		panic("stat: Differences: samples of different length")
	}
	d := make([]float64, len(a))
	for i := range d {
		d[i] = math.NaN()
		if isFinite(a[i]) && isFinite(b[i]) {
			d[i] = a[i] - b[i]
		}
	}
	return d
}

// Quantile is the p-quantile of the finite values of x by linear interpolation
// between order statistics at 1 + (n-1)p, type 7 of Hyndman and Fan (1996). It is
// NaN where there are none.
func Quantile(x []float64, p float64) float64 {
	if !(p >= 0 && p <= 1) {
		panic("stat: Quantile: p is not between 0 and 1")
	}
	x = Present(x)
	if len(x) == 0 {
		return math.NaN()
	}
	slices.Sort(x)
	h := p * float64(len(x)-1)
	i := int(h)
	if i == len(x)-1 {
		return x[i]
	}
	w := h - float64(i)
	return float64((1-w)*x[i]) + float64(w*x[i+1])
}

// mean is the mean of values that are all finite; exact where they are all equal.
func mean(x []float64) float64 {
	// Means of residuals from one of the values keep its digits when they vary little.
	var r float64
	for _, v := range x {
		r += (v - x[0]) / float64(len(x))
	}
	return x[0] + r
}

// deviation is the standard deviation about m with divisor n-1. Residuals are
// scaled by their largest, so that no square overflows or vanishes.
func deviation(x []float64, m float64) float64 {
	var top, sum float64
	for _, v := range x {
		top = max(top, math.Abs(v-m))
	}
	if top == 0 {
		return 0
	}
	for _, v := range x {
		q := (v - m) / top
		sum += float64(q * q)
	}
	return top * math.Sqrt(sum/float64(len(x)-1))
}
