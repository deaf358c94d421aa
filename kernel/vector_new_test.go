package kernel

import (
	"testing"
	"unsafe"
)

// Long vectors made one after the other begin at points of a page that all differ, and
// at those of a cache line.
func TestVector(t *testing.T) {
	for _, n := range []int{0, 1, 1000} {
		if v := Vector[float32](n); len(v) != n {
			t.Errorf("a vector of %d has %d", n, len(v))
		}
	}
	seen := map[uintptr]bool{}
	for range vectorPlaces {
		v := Vector[float64](5001)
		at := uintptr(unsafe.Pointer(unsafe.SliceData(v))) % 4096
		if len(v) != 5001 || seen[at] || at%64 != 0 {
			t.Fatalf("%d numbers at byte %d of a page, after %v", len(v), at, seen)
		}
		seen[at] = true
	}
}
