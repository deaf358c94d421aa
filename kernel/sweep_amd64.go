package kernel

import "unsafe"

//go:noescape
func sweepF32AVX2(s *sweep[float32], l loop)

//go:noescape
func sweepF64AVX2(s *sweep[float64], l loop)

//go:noescape
func sweepF32AVX512(s *sweep[float32], l loop)

//go:noescape
func sweepF64AVX512(s *sweep[float64], l loop)

// run runs a loop in the assembly of the path; it reports false where there is none.
func (s *sweep[T]) run(l loop) bool {
	p := unsafe.Pointer(s)
	switch {
	case active == portable:
		return false
	case isSingle[T]() && active == avx512:
		sweepF32AVX512((*sweep[float32])(p), l)
	case isSingle[T]():
		sweepF32AVX2((*sweep[float32])(p), l)
	case active == avx512:
		sweepF64AVX512((*sweep[float64])(p), l)
	default:
		sweepF64AVX2((*sweep[float64])(p), l)
	}
	return true
}
