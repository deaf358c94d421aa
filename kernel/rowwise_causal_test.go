package kernel

import (
	"math"
	"testing"
)

func TestCausalSoftmax(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testCausalSoftmax[float32](t, 4e-7)
		testCausalSoftmax[float64](t, 2e-15)
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

func TestCausalSoftmaxGrad(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		fill := normals[float64]()
		for _, n := range []int{1, 5, 8, 16, 33} {
			z, d, dst := newGuarded(2*n*n, 0, fill), newGuarded(2*n*n, 1, fill), newGuarded(2*n*n, 2, fill)
			p := make([]float64, len(z.in))
			CausalSoftmax(p, z.in, n, 0.3)
			CausalSoftmaxGrad(dst.in, p, d.in, n, 0.3)
			for at := 0; at < len(p); at += n {
				var mean float64
				for j := range n {
					mean += p[at+j] * d.in[at+j]
				}
				for j := range n {
					if want := 0.3 * p[at+j] * (d.in[at+j] - mean); math.Abs(dst.in[at+j]-want) > 2e-15 {
						t.Fatalf("matrices of %d, row %d, column %d: got %v, want %v", n, at/n, j, dst.in[at+j], want)
					}
				}
			}
			dst.want = func(i int) float64 { return dst.in[i] }
			dst.check(t, "CausalSoftmaxGrad")
		}
	})
}
