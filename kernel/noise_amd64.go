package kernel

import "unsafe"

// A noise is the part of a call of Noise that is whole vectors, some of them. The
// assembly knows the offsets of the fields.
type noise struct {
	dst     *float32
	vectors int
	state   uint64
	limit   uint64 // numbers up to it are kept; the lower half counts
	kept    float32
}

//go:noescape
func noiseF32AVX2(s *noise)

//go:noescape
func noiseF32AVX512(s *noise)

// noiseVectors fills as many elements as are whole vectors, and tells how many.
func noiseVectors[T Float](dst []T, state, limit uint64, kept T) int {
	if active == portable || !isSingle[T]() || limit == 0 {
		return 0
	}
	lanes := active.lanes(true)
	s := noise{(*float32)(unsafe.Pointer(unsafe.SliceData(dst))), len(dst) / lanes, state, limit - 1, float32(kept)}
	if s.vectors == 0 {
		return 0
	}
	if active == avx512 {
		noiseF32AVX512(&s)
	} else {
		noiseF32AVX2(&s)
	}
	return s.vectors * lanes
}
