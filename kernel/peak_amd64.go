package kernel

import "time"

// Peak measures the floating-point operations per nanosecond of fused
// multiply-adds from registers, in vectors of the path in use: what no loop over
// numbers of this type can surpass on one core. It takes some microseconds, and is
// 0 where the path has no vectors.
func Peak[T Float]() float64 {
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
