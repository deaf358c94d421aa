package linop

import (
	"errors"
	"math"
	"testing"

	"basin/rng"
)

// A root of a small matrix in float32 is that in float64, rounded.
func TestNarrowRootsAreRounded(t *testing.T) {
	const rank = 3
	for _, n := range []int{1, 10, narrowMax} {
		s := rng.At(5, "narrow", n)
		rows := make([]float64, rank*n)
		for i := range rows {
			rows[i] = s.Norm()
		}
		a, wide := make([]float32, n*n), make([]float64, n*n)
		for i := range n {
			for j := range n {
				for k := range rank {
					a[i*n+j] += float32(rows[k*n+min(i, j)] * rows[k*n+max(i, j)])
				}
				wide[i*n+j] = float64(a[i*n+j])
			}
		}
		root := func(values []float64) error {
			for i, v := range values {
				values[i] = 1 / math.Sqrt(max(v, 0)+1e-4)
			}
			return nil
		}
		var narrow Spectral[float32]
		var full Spectral[float64]
		if err := errors.Join(narrow.Apply(a, a, n, root), full.Apply(wide, wide, n, root)); err != nil {
			t.Fatal(err)
		}
		for i, v := range wide {
			if a[i] != float32(v) {
				t.Fatalf("%d rows: entry %d is %v, in float64 %v", n, i, a[i], v)
			}
		}
	}
}
