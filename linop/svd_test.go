package linop

import (
	"fmt"
	"math"
	"testing"

	"basin/kernel"
)

func checkSVD(t *testing.T, what string, u, s, vt, a []float64, m, n int, want []float64) {
	t.Helper()
	r, top := len(s), max(kernel.AbsMax(a), 1e-300)
	for i := 1; i < r; i++ {
		if !(s[i] >= 0 && s[i] <= s[i-1]) {
			t.Errorf("%s: value %d is %v after %v", what, i, s[i], s[i-1])
		}
	}
	for i := range s {
		if !(math.Abs(s[i]-want[i]) <= 4e-15*math.Sqrt(float64(m+n))*want[0]) {
			t.Errorf("%s: value %d is %v, want %v", what, i, s[i], want[i])
		}
	}
	tol := 2e-15 * math.Sqrt(float64(m+n))
	if d := distance(product(transpose(u, m, r), u, r, m, r), identity(r)); !(d <= tol) {
		t.Errorf("%s: U is off orthonormal by %.2g", what, d)
	}
	if d := distance(product(vt, transpose(vt, r, n), r, n, r), identity(r)); !(d <= tol) {
		t.Errorf("%s: V is off orthonormal by %.2g", what, d)
	}
	us := make([]float64, m*r)
	for i := range m {
		for j := range s {
			us[i*r+j] = u[i*r+j] * (s[j] / top)
		}
	}
	scaled := mapped(a, func(x float64) float64 { return x / top })
	usv := product(us, vt, m, r, n)
	kernel.Axpy(usv, -1, scaled)
	left := 0.0 // what the values left out add up to
	for _, x := range want[r:] {
		left = math.Hypot(left, x/top)
	}
	if d := (kernel.Norm2(usv) - left) / max(kernel.Norm2(scaled), 1e-300); !(math.Abs(d) <= tol*float64(r)) {
		t.Errorf("%s: U diag V' is off by %.2g", what, d)
	}
}

// Spectra that are flat, graded, clustered, far below the square root of a rounding,
// and of low rank, in every shape.
func TestSVDHard(t *testing.T) {
	var w Scratch
	for _, size := range [][2]int{{1, 1}, {1, 6}, {6, 1}, {40, 40}, {60, 33}, {33, 60}, {100, 90}} {
		m, n := size[0], size[1]
		k := min(m, n)
		flat, low, twice, steps := geometric(2, 2, k), make([]float64, k), make([]float64, k), geometric(1, 1, k)
		for i := range k {
			if i <= k/8 {
				low[i] = 3
			}
			twice[i] = float64(1 + (k-1-i)/2)
			steps[i] = math.Pow(1e-3, float64(i*6/k))
		}
		for name, want := range map[string][]float64{
			"flat": flat, "low rank": low, "pairs": twice, "steps": steps, "zero": make([]float64, k),
			"graded": geometric(1, 1e-6, k), "steep": geometric(1e5, 1e-15, k), "huge": geometric(1e306, 1e300, k), "tiny": geometric(1e-300, 1e-305, k),
		} {
			a := withSpectrum(orthogonal(m, 4), want, orthogonal(n, 5), m, n)
			for _, r := range []int{k, (k + 1) / 2, 1} {
				if r < k && want[r] > .9*want[r-1] {
					continue // no gap
				}
				what := fmt.Sprintf("%s %dx%d, %d values", name, m, n, r)
				u, s, vt := make([]float64, m*r), make([]float64, r), make([]float64, r*n)
				if err := w.SVD(u, s, vt, a, m, n); err != nil {
					t.Fatal(err)
				}
				checkSVD(t, what, u, s, vt, a, m, n, want)
				if count := testing.AllocsPerRun(1, func() { w.SVD(u, s, vt, a, m, n) }); count > 0 {
					t.Errorf("%s: %v allocations", what, count)
				}
			}
		}
	}
}

func BenchmarkSVD(b *testing.B) {
	for _, x := range []struct{ m, n, r int }{{128, 128, 128}, {256, 784, 256}, {256, 784, 16}} {
		b.Run(fmt.Sprintf("m=%d/n=%d/r=%d/path=%s", x.m, x.n, x.r, kernel.Path()), func(b *testing.B) {
			a := normals(x.m*x.n, 1)
			u, s, vt := make([]float64, x.m*x.r), make([]float64, x.r), make([]float64, x.r*x.n)
			var w Scratch
			for b.Loop() {
				if err := w.SVD(u, s, vt, a, x.m, x.n); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
