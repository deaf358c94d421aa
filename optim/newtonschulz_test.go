package optim

import (
	"math"
	"testing"

	"basin/linop"
	"basin/problem"
	"basin/rng"
)

// withValues draws an m x n matrix with these singular values.
func withValues(t *testing.T, m, n int, values []float64) []float64 {
	t.Helper()
	s := rng.At(1, "matrix", m*100+n)
	g := make([]float64, m*n)
	for i := range g {
		g[i] = s.Norm()
	}
	u, _, vt, err := linop.SVD(g, m, n)
	if err != nil {
		t.Fatal(err)
	}
	k := min(m, n)
	out := make([]float64, m*n)
	for i := range m {
		for j := range n {
			for p := range values {
				out[i*n+j] += u[i*k+p] * values[p] * vt[p*n+j]
			}
		}
	}
	return out
}

func orthogonalized[T problem.Float](steps []quintic, g []float64, m, n int) []float64 {
	o := newOrthogonalizer[T](steps, 0, []problem.Block{{Shape: []int{m, n}}})
	u := make([]T, len(g))
	for i, v := range g {
		u[i] = T(v)
	}
	o.apply(u, m, n)
	out := make([]float64, len(g))
	for i, v := range u {
		out[i] = float64(v)
	}
	return out
}

func largest(a, b []float64) float64 {
	top := 0.0
	for i := range a {
		top = max(top, math.Abs(a[i]-b[i]))
	}
	return top
}

// The polar factor of the iteration is that of the singular value decomposition, for
// every shape, down to the singular values where rounding begins.
func TestPolar(t *testing.T) {
	for _, c := range []struct {
		m, n         int
		values       []float64
		tol64, tol32 float64
	}{
		{4, 4, []float64{4, 3, 2, 1}, 2e-15, 3e-7},
		{3, 8, []float64{1e3, 1, 0.5}, 3e-13, 5e-5},
		{8, 3, []float64{1e-20, 1e-21, 1e-22}, 3e-14, 5e-6},
		{6, 5, []float64{1, 1e-2, 1e-3, 1e-4, 2e-5}, 4e-12, 1e-3},
		{6, 5, []float64{1, 1e-2, 1e-4, 1e-6, 2e-9}, 2e-8, math.Inf(1)},
		{16, 40, []float64{9, 8, 7, 6, 5, 4, 3, 2, 1, .5, .2, .1, .05, .02, .01, .002}, 5e-13, 2e-4},
		{7, 1, []float64{3}, 1e-15, 5e-7},
		{1, 1, []float64{3}, 1e-15, 5e-7},
	} {
		g := withValues(t, c.m, c.n, c.values)
		want := make([]float64, len(g))
		if err := linop.Polar(want, g, c.m, c.n); err != nil {
			t.Fatal(err)
		}
		e64 := largest(orthogonalized[float64](polarSteps[float64](), g, c.m, c.n), want)
		e32 := largest(orthogonalized[float32](polarSteps[float32](), g, c.m, c.n), want)
		t.Logf("%dx%d %v: %.2g in float64, %.2g in float32", c.m, c.n, c.values, e64, e32)
		if !(e64 <= c.tol64) || !(e32 <= c.tol32) {
			t.Errorf("%dx%d %v: off by %.2g in float64 and %.2g in float32, allowed %g and %g", c.m, c.n, c.values, e64, e32, c.tol64, c.tol32)
		}
	}
}

// What a matrix lacks in rank is not filled with rounding.
func TestPolarOfLowRank(t *testing.T) {
	g := withValues(t, 6, 5, []float64{3, 2})
	want := make([]float64, len(g))
	if err := linop.Polar(want, g, 6, 5); err != nil {
		t.Fatal(err)
	}
	e64 := largest(orthogonalized[float64](polarSteps[float64](), g, 6, 5), want)
	e32 := largest(orthogonalized[float32](polarSteps[float32](), g, 6, 5), want)
	t.Logf("%.2g in float64, %.2g in float32", e64, e32)
	if e64 > 1e-6 || e32 > 0.05 {
		t.Errorf("off by %.2g in float64 and %.2g in float32", e64, e32)
	}
	for i, v := range orthogonalized[float64](polarSteps[float64](), make([]float64, 30), 6, 5) {
		if v != 0 {
			t.Fatalf("of the zero matrix entry %d becomes %v", i, v)
		}
	}
}

// Five steps of Muon's iteration are its scalar polynomial on each singular value,
// and bring all that are not tiny to order one.
func TestMuonSteps(t *testing.T) {
	values := []float64{0.9, 0.4, 0.15, 0.05, 0.01}
	length := 0.0
	for _, v := range values {
		length = math.Hypot(length, v)
	}
	for _, shape := range [][2]int{{5, 5}, {5, 9}, {9, 5}} {
		m, n := shape[0], shape[1]
		g := withValues(t, m, n, values)
		u, _, vt, err := linop.SVD(g, m, n)
		if err != nil {
			t.Fatal(err)
		}
		want := make([]float64, len(g))
		for p, s := range values {
			s /= length
			for range 5 {
				s = 3.4445*s - 4.7750*math.Pow(s, 3) + 2.0315*math.Pow(s, 5)
			}
			if s < 0.68 || s > 1.14 {
				t.Errorf("singular value %v becomes %v", values[p], s)
			}
			for i := range m {
				for j := range n {
					want[i*n+j] += u[i*5+p] * s * vt[p*n+j]
				}
			}
		}
		if e := largest(orthogonalized[float64](muonSteps(5), g, m, n), want); e > 1e-13 {
			t.Errorf("%dx%d: off by %.2g", m, n, e)
		}
	}
}

// Where steps are taken on X X' alone, singular values far apart still come out as their
// polynomial has them: the errors are those of steps one by one.
func TestStepsOnSquares(t *testing.T) {
	const m, n = 32, 96
	if stride(m, n) == 1 {
		t.Fatal("steps are taken one by one")
	}
	for _, c := range []struct {
		least        float64
		rank         int
		tol64, tol32 float64
	}{{1, 32, 1e-14, 2e-6}, {1e-2, 32, 1e-14, 5e-6}, {1e-4, 32, 2e-14, 5e-6}, {1e-6, 32, 3e-14, 6e-6}, {.1, 5, 2e-14, 7e-6}} {
		values := make([]float64, c.rank)
		length := 0.0
		for i := range values {
			values[i] = math.Pow(c.least, float64(i)/float64(max(c.rank-1, 1)))
			length = math.Hypot(length, values[i])
		}
		g := withValues(t, m, n, values)
		for p, s := range values {
			s /= length
			for range 5 {
				s = 3.4445*s - 4.7750*math.Pow(s, 3) + 2.0315*math.Pow(s, 5)
			}
			values[p] = s
		}
		want := withValues(t, m, n, values)
		e64 := largest(orthogonalized[float64](muonSteps(5), g, m, n), want)
		e32 := largest(orthogonalized[float32](muonSteps(5), g, m, n), want)
		t.Logf("%d values down to %g: %.2g in float64, %.2g in float32", c.rank, c.least, e64, e32)
		if !(e64 <= c.tol64) || !(e32 <= c.tol32) {
			t.Errorf("%d values down to %g: off by %.2g in float64 and %.2g in float32, allowed %g and %g", c.rank, c.least, e64, e32, c.tol64, c.tol32)
		}
	}
}
