package kernel

import (
	"sync/atomic"
	"unsafe"
)

// Vectors of longVector bytes and more begin at one of vectorPlaces points of a page,
// which are vectorStep bytes apart.
const (
	longVector   = 16 << 10
	vectorPlaces = 16
	vectorStep   = 256
)

var vectorsMade atomic.Uint32

// Vector makes a vector of n zeros for loops over several of them. A long one begins at
// another point of a page than those made just before it. Where all begin at the same,
// their elements meet in one set of the first-level cache, and on processors that tell
// the ways of a set apart by a hash of the address (AMD's; Lipp et al. 2020, "Take A
// Way") two vectors at certain distances evict one another with every element, which can
// make an update take four times as long.
func Vector[T Float](n int) []T {
	size := int(unsafe.Sizeof(T(0)))
	if n*size < longVector {
		return make([]T, n)
	}
	at := int(vectorsMade.Add(1)%vectorPlaces) * vectorStep / size
	return make([]T, at+n)[at:]
}
