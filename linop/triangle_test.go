package linop

import (
	"fmt"
	"math"
	"testing"

	"basin/kernel"
)

func TestTriangle(t *testing.T) {
	t.Run("float64", testTriangle[float64])
	t.Run("float32", testTriangle[float32])
}

func testTriangle[T kernel.Float](t *testing.T) {
	var w Room[T]
	for _, n := range []int{0, 1, 3, 32, 33, 70, 130} {
		a := normals(n*n, 6)
		kernel.Scale(a, 1/math.Sqrt(float64(n+1)))
		for i := range n {
			a[i*(n+1)] = 2
		}
		full := narrowed[T](a)
		for name, s := range map[string]Triangle[T]{
			"upper": Upper(full, n), "lower": Lower(full, n),
			"upper'": Upper(full, n).Transposed(), "lower'": Lower(full, n).Transposed(),
		} {
			dense := make([]float64, n*n)
			for i := range n {
				for j := range n {
					if i == j || s.upper == (i < j) {
						dense[i*n+j] = float64(s.at(i, j))
					}
				}
			}
			for _, k := range []int{1, 40} {
				what := fmt.Sprintf("%s of %d with %d", name, n, k)
				x := normals(n*k, 7)
				left, right := narrowed[T](product(dense, x, n, n, k)), narrowed[T](product(x, dense, k, n, n))
				w.SolveLeft(s, left, k)
				w.SolveRight(right, k, s)
				if n == 0 {
					continue
				}
				if d := max(distance(widened(left), x), distance(widened(right), x)); !(d <= 50*rounding[T]()) {
					t.Errorf("%s: off by %.2g roundings", what, d/rounding[T]())
				}
				if count := testing.AllocsPerRun(1, func() { w.SolveLeft(s, left, k); w.SolveRight(right, k, s) }); count > 0 {
					t.Errorf("%s: %v allocations", what, count)
				}
			}
		}
	}
}
