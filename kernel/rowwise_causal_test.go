package kernel

import (
	"math"
	"testing"
)

func TestCausalSoftmax(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testCausalSoftmax[float32](t, 4e-7)
		testCausalSoftmax[float64](t, 1e-15)
	})
}

// testCausalSoftmax compares two matrices of each size with the definition.
func testCausalSoftmax[T Float](t *testing.T, tol float64) {
	fill := normals[T]()
	for _, n := range []int{1, 2, 7, 16, 33, 70} {
		a, dst := newGuarded(2*n*n, n%3, fill), newGuarded(2*n*n, n%5, fill)
		CausalSoftmax(dst.in, a.in, n, 0.3)
		for i := range dst.in {
			row, j := i/n%n, i%n
			first, want := i-j, 0.0
			if j <= row {
				for k := range row + 1 {
					want += math.Exp(float64(T(0.3*a.in[first+k])) - float64(T(0.3*a.in[i])))
				}
				want = 1 / want
			}
			if got := float64(dst.in[i]); math.Abs(got-want) > tol*want {
				t.Fatalf("%T, matrices of %d, row %d, column %d: got %v, want %v", a.in[0], n, row, j, got, want)
			}
		}
		dst.want = func(i int) T { return dst.in[i] }
		dst.check(t, "CausalSoftmax")
		CausalSoftmax(a.in, a.in, n, 0.3)
		a.want = dst.want
		a.check(t, "CausalSoftmax in place")
	}
}
