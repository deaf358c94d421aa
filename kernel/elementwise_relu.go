package kernel

import "math"

// ReLU is dst[i] = max(a[i], 0), for a of the length of dst.
func ReLU[T Float](dst, a []T) {
	if sweepSingle(reluLoop, dst, a) {
		return
	}
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = max(a[i], 0)
	}
}

// AddReLU is dst[i] = max(a[i] + b[i], 0), with operands as for Add.
func AddReLU[T Float](dst, a, b []T) {
	if sweepPair(addReLULoop, dst, a, b) {
		return
	}
	if len(a) == 1 {
		a, b = b, a
	}
	a = a[:len(dst)]
	if len(b) == 1 {
		s := b[0]
		for i := range dst {
			dst[i] = max(a[i]+s, 0)
		}
		return
	}
	b = b[:len(dst)]
	for i := range dst {
		dst[i] = max(a[i]+b[i], 0)
	}
}

// Gate is dst[i] = d[i] where y[i] > 0, else 0, with operands as for Add:
//
//	if y[i] > 0 { dst[i] = d[i] } else { dst[i] = 0 }
//
// Where y[i] is NaN, dst[i] is either. The signs of activations are as good as random,
// so the loop has no branch on them.
func Gate[T Float](dst, d, y []T) {
	if sweepPair(gateLoop, dst, d, y) {
		return
	}
	if len(d) == 1 || len(y) == 1 {
		gateBroadcast(dst, d, y)
		return
	}
	switch dst := any(dst).(type) {
	case []float32:
		gate32(dst, any(d).([]float32), any(y).([]float32))
	case []float64:
		gate64(dst, any(d).([]float64), any(y).([]float64))
	}
}

func gateBroadcast[T Float](dst, d, y []T) {
	for i := range dst {
		var v T
		if y[min(i, len(y)-1)] > 0 {
			v = d[min(i, len(d)-1)]
		}
		dst[i] = v
	}
}

// gate32 takes the bits of y as an integer b: -b>>31 is all ones for y > 0 and for
// -0, b>>31 for negative y and -0.
func gate32(dst, d, y []float32) {
	d, y = d[:len(dst)], y[:len(dst)]
	for i := range dst {
		b := int32(math.Float32bits(y[i]))
		mask := uint32(-b>>31) &^ uint32(b>>31)
		dst[i] = math.Float32frombits(math.Float32bits(d[i]) & mask)
	}
}

func gate64(dst, d, y []float64) {
	d, y = d[:len(dst)], y[:len(dst)]
	for i := range dst {
		b := int64(math.Float64bits(y[i]))
		mask := uint64(-b>>63) &^ uint64(b>>63)
		dst[i] = math.Float64frombits(math.Float64bits(d[i]) & mask)
	}
}
