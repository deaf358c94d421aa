package kernel

import "math"

// Logarithms are computed in float64 for both types.

// logTerms are those of log(1+f) after Ng's fdlibm (1993): with s = f/(2+f) it is
// 2s + s R(s^2).
var logTerms = []float64{
	6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
	1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01,
}

// logNormal is log x + less log 2 for a normal number x > 0: x is 2^k (1+f) with 1+f between
// sqrt(1/2) and sqrt 2.
func logNormal(x, less float64) float64 {
	const low = 0x3fe6a09e << 32 // the bits of sqrt(1/2), nearly
	n := math.Float64bits(x) + (1023<<52 - low)
	k := (math.Float64frombits(n>>52|1075<<52) - (1<<52 + 1023)) - less
	f := math.Float64frombits(n&(1<<52-1)+low) - 1
	s := f / (2 + f)
	z := float64(s * s)
	half := float64(float64(0.5*f) * f)
	sum := float64(s*(half+float64(z*polynomial(z, logTerms)))) + float64(k*functions64.rest)
	return ((sum - half) + f) + float64(k*functions64.high)
}

func logOf(x float64) float64 {
	switch {
	case !(x > 0):
		if x == 0 {
			return math.Inf(-1)
		}
		return math.NaN()
	case x > math.MaxFloat64:
		return x
	case x < 0x1p-1022:
		return logNormal(x*0x1p54, 54)
	}
	return logNormal(x, 0)
}

// log1pOf is log(1 + x) for 0 <= x < 2^52. To the logarithm of 1+x it adds what rounding
// that has lost.
func log1pOf(x float64) float64 {
	u := 1 + x
	return logNormal(u, 0) + (x-(u-1))/u
}

// softplusOf is log(1 + e^x).
func softplusOf(x float64) float64 {
	return max(x, 0) + log1pOf(functions64.expSum(max(-math.Abs(x), functions64.low), 0))
}
