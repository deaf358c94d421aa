package kernel

import "time"

// peakRate measures the floating-point operations per nanosecond of fused
// multiply-adds from registers, in vectors of the path in use. It is 0 where the
// path has none.
func peakRate[T Float]() float64 {
	const times = 10000
	var probe func(int)
	switch {
	case active == portable:
		return 0
	case isSingle[T]() && active == avx512:
		probe = peakF32AVX512
	case isSingle[T]():
		probe = peakF32AVX2
	case active == avx512:
		probe = peakF64AVX512
	default:
		probe = peakF64AVX2
	}
	start := time.Now()
	probe(times)
	return float64(2*12*active.lanes(isSingle[T]())*times) / float64(time.Since(start))
}
