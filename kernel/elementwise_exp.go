package kernel

import "math"

// The loops here set dst[i] to a function of a[i], for a of the length of dst; they
// may be the same. In float64 the functions are those of package math; in float32
// they are computed in double precision, to 3e-10 of the value, and rounded once.

// Exp is dst[i] = e^a[i].
func Exp[T Float](dst, a []T) {
	switch dst := any(dst).(type) {
	case []float32:
		a := any(a).([]float32)[:len(dst)]
		if sweepSingle(expLoop, dst, a) {
			return
		}
		for i := range dst {
			dst[i] = float32(expNear(max(min(float64(a[i]), 90), -110)))
		}
	case []float64:
		Map(dst, any(a).([]float64), math.Exp)
	}
}

// Sigmoid is dst[i] = 1 / (1 + e^-a[i]), computed as e^a / (1 + e^a), which keeps its
// digits where it is close to 0.
func Sigmoid[T Float](dst, a []T) {
	switch dst := any(dst).(type) {
	case []float32:
		a := any(a).([]float32)[:len(dst)]
		if sweepSingle(sigmoidLoop, dst, a) {
			return
		}
		for i := range dst {
			e := expNear(max(min(float64(a[i]), 40), -110))
			dst[i] = float32(e / (1 + e))
		}
	case []float64:
		Map(dst, any(a).([]float64), func(x float64) float64 {
			e := math.Exp(min(x, 40))
			return e / (1 + e)
		})
	}
}

// Tanh is dst[i] = tanh(a[i]).
func Tanh[T Float](dst, a []T) {
	switch dst := any(dst).(type) {
	case []float32:
		a := any(a).([]float32)[:len(dst)]
		if sweepSingle(tanhLoop, dst, a) {
			return
		}
		for i := range dst {
			dst[i] = float32(tanhNear(float64(a[i])))
		}
	case []float64:
		Map(dst, any(a).([]float64), math.Tanh)
	}
}

// tanhNear is 1 - 2/(e^2u + 1) for u = |x|, and the series where that cancels.
func tanhNear(x float64) float64 {
	u := min(math.Abs(x), 20)
	t := 1 - 2/(expNear(2*u)+1)
	if u < 1.0/64 {
		s := u * u
		t = u - float64(u*s*(1.0/3-float64(s*(2.0/15))))
	}
	return math.Copysign(t, x)
}

// expNear is e^x to 3e-10 of the value, for |x| < 700. With k the integer nearest to
// x/log 2 and r = x - k log 2, it is 2^k times the Taylor series of e^r of degree 8,
// in two parts that do not wait for each other. Adding 3 2^51 rounds to an integer
// and leaves it in the low bits.
func expNear(x float64) float64 {
	const round = 3 << 51
	t := float64(x*math.Log2E) + round
	r := x - float64((t-round)*math.Ln2)
	s := r * r
	low := (1 + r) + float64(s*(0.5+float64(r*(1.0/6))))
	high := (1.0/24 + float64(r*(1.0/120))) + float64(s*(1.0/720+float64(r*(1.0/5040))+float64(s*(1.0/40320))))
	return (low + float64(s*s*high)) * math.Float64frombits((math.Float64bits(t)+1023)<<52)
}
