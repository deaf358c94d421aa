package stat

import "math"

// Standardized is the mean of paired differences in their own standard deviations,
// Cohen's d_z = mean/SD. It is 0 where all are zero, infinite where all are equal
// otherwise, NaN for fewer than two pairs. Multiplied by HedgesCorrection(n-1) it
// is without bias for normal differences.
func Standardized(d []float64) float64 {
	s := Summarize(d)
	return ratio(s.Mean, s.SD)
}

// ratio is mean/spread, 0 where both are.
func ratio(mean, spread float64) float64 {
	if mean == 0 && spread == 0 {
		return 0
	}
	return mean / spread
}

// HedgesCorrection is J(v) = Gamma(v/2) / (sqrt(v/2) Gamma((v-1)/2)), which takes
// the bias from a standardised mean whose deviation has v degrees of freedom
// (Hedges 1981). It is NaN for v < 2, where there is none.
func HedgesCorrection(v int) float64 {
	if v < 2 {
		return math.NaN()
	}
	h := float64(v) / 2
	top, _ := math.Lgamma(h)
	bottom, _ := math.Lgamma(h - .5)
	return math.Exp(top-bottom) / math.Sqrt(h)
}

// CliffsDelta is the share of pairs (x, y), x of a and y of b, with x > y less the
// share with x < y (Cliff 1993): 1 where all of a lies above all of b. It is NaN
// where either is empty.
func CliffsDelta(a, b []float64) float64 {
	a, b = Present(a), Present(b)
	if len(a) == 0 || len(b) == 0 {
		return math.NaN()
	}
	sum := 0
	for _, x := range a {
		for _, y := range b {
			switch {
			case x > y:
				sum++
			case x < y:
				sum--
			}
		}
	}
	return float64(sum) / float64(len(a)*len(b))
}

// Signs counts the differences by their sign.
func Signs(d []float64) (positive, zero, negative int) {
	for _, v := range Present(d) {
		switch {
		case v > 0:
			positive++
		case v < 0:
			negative++
		default:
			zero++
		}
	}
	return positive, zero, negative
}
