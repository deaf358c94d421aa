package kernel

import "unsafe"

//go:noescape
func columnsF32AVX2(s *columnSweep[float32], l columnLoop)

//go:noescape
func columnsF64AVX2(s *columnSweep[float64], l columnLoop)

//go:noescape
func columnsF32AVX512(s *columnSweep[float32], l columnLoop)

//go:noescape
func columnsF64AVX512(s *columnSweep[float64], l columnLoop)

// run runs a loop in the assembly of the path; it reports false where there is none,
// and for fewer columns than are taken together.
func (s *columnSweep[T]) run(l columnLoop, cols int) bool {
	p := unsafe.Pointer(s)
	switch {
	case active == portable || cols < columns:
		return false
	case isSingle[T]() && active == avx512:
		columnsF32AVX512((*columnSweep[float32])(p), l)
	case isSingle[T]():
		columnsF32AVX2((*columnSweep[float32])(p), l)
	case active == avx512:
		columnsF64AVX512((*columnSweep[float64])(p), l)
	default:
		columnsF64AVX2((*columnSweep[float64])(p), l)
	}
	return true
}
