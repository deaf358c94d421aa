package optim

import (
	"math"
	"testing"

	"basin/kernel"
	"basin/rng"
)

func TestGram(t *testing.T) {
	var scratch kernel.Scratch[float64]
	for _, n := range []int{1, 2, 31, 64, 65, 130} {
		for _, k := range []int{1, 7, 70} {
			s := rng.At(1, "gram", n*1000+k)
			a, c := make([]float64, n*k), make([]float64, n*n)
			for i := range a {
				a[i] = s.Norm()
			}
			for i := range c {
				c[i] = math.NaN()
			}
			gram(&scratch, c, a, k, 1, n, k, false)
			gram(&scratch, c, a, k, 1, n, k, true)
			mirror(c, n)
			transposed := make([]float64, n*k)
			for i := range n {
				for p := range k {
					transposed[p*n+i] = a[i*k+p]
				}
			}
			d := make([]float64, n*n)
			gram(&scratch, d, transposed, 1, n, n, k, true)
			mirror(d, n)
			for i := range n {
				for j := range n {
					want := 0.0
					for p := range k {
						want += a[i*k+p] * a[j*k+p]
					}
					if tol := 1e-15 * float64(k) * 10; math.Abs(c[i*n+j]-2*want) > tol || math.Abs(d[i*n+j]-want) > tol {
						t.Fatalf("n=%d k=%d: element %d,%d is %v and %v, want %v and %v", n, k, i, j, c[i*n+j], d[i*n+j], 2*want, want)
					}
				}
			}
		}
	}
}
