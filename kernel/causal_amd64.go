package kernel

import "unsafe"

// What follows declares the assembly that kernel/gen writes.

//go:noescape
func causalSoftmaxF32AVX2(s *causal[float32])

//go:noescape
func causalSoftmaxF64AVX2(s *causal[float64])

//go:noescape
func causalSoftmaxF32AVX512(s *causal[float32])

//go:noescape
func causalSoftmaxF64AVX512(s *causal[float64])

//go:noescape
func causalSoftmaxGradF32AVX2(s *causal[float32])

//go:noescape
func causalSoftmaxGradF64AVX2(s *causal[float64])

//go:noescape
func causalSoftmaxGradF32AVX512(s *causal[float32])

//go:noescape
func causalSoftmaxGradF64AVX512(s *causal[float64])

// softmax and softmaxGrad run the assembly of the path; they report false where there
// is none.

func (s *causal[T]) softmax() bool {
	p := unsafe.Pointer(s)
	switch {
	case active == portable:
		return false
	case isSingle[T]() && active == avx512:
		causalSoftmaxF32AVX512((*causal[float32])(p))
	case isSingle[T]():
		causalSoftmaxF32AVX2((*causal[float32])(p))
	case active == avx512:
		causalSoftmaxF64AVX512((*causal[float64])(p))
	default:
		causalSoftmaxF64AVX2((*causal[float64])(p))
	}
	return true
}

func (s *causal[T]) softmaxGrad() bool {
	p := unsafe.Pointer(s)
	switch {
	case active == portable:
		return false
	case isSingle[T]() && active == avx512:
		causalSoftmaxGradF32AVX512((*causal[float32])(p))
	case isSingle[T]():
		causalSoftmaxGradF32AVX2((*causal[float32])(p))
	case active == avx512:
		causalSoftmaxGradF64AVX512((*causal[float64])(p))
	default:
		causalSoftmaxGradF64AVX2((*causal[float64])(p))
	}
	return true
}
