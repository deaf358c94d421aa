package linop

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"basin/kernel"
	"basin/rng"
)

// orthogonal returns a random orthogonal n x n matrix, a product of reflections.
func orthogonal(n int, seed uint64) []float64 {
	q := identity(n)
	s := rng.At(seed, "orthogonal", n)
	v, w := make([]float64, n), make([]float64, n)
	for range n {
		for i := range v {
			v[i] = s.Norm()
		}
		kernel.Scale(v, 1/kernel.Norm2(v))
		clear(w)
		for i := range n { // w = Q'v
			kernel.Axpy(w, v[i], q[i*n:(i+1)*n])
		}
		for i := range n {
			kernel.Axpy(q[i*n:(i+1)*n], -2*v[i], w)
		}
	}
	return q
}

func identity(n int) []float64 {
	q := make([]float64, n*n)
	for i := range n {
		q[i*n+i] = 1
	}
	return q
}

// product returns the matrix a b, m x k times k x n.
func product(a, b []float64, m, k, n int) []float64 {
	var s kernel.Scratch[float64]
	c := make([]float64, m*n)
	kernel.MatMul(&s, c, n, a, k, 1, b, n, 1, m, n, k, false)
	return c
}

func transpose(a []float64, m, n int) []float64 {
	t := make([]float64, len(a))
	for i := range m {
		for j := range n {
			t[j*m+i] = a[i*n+j]
		}
	}
	return t
}

// withSpectrum returns u diag(s) v' for u of m and v of n columns of orthogonal
// matrices.
func withSpectrum(u, s, v []float64, m, n int) []float64 {
	us := make([]float64, m*n)
	for i := range m {
		for j := range s {
			us[i*n+j] = u[i*m+j] * s[j]
		}
	}
	return product(us, transpose(v, n, n), m, n, n)
}

func symWithSpectrum(q, s []float64, n int) []float64 {
	a := withSpectrum(q, s, q, n, n)
	for i := range n { // symmetric to the bit
		for j := range i {
			a[i*n+j] = a[j*n+i]
		}
	}
	return a
}

// distance is max |a-b| / max |b|.
func distance(a, b []float64) float64 {
	d := slices.Clone(a)
	kernel.Axpy(d, -1, b)
	return kernel.AbsMax(d) / kernel.AbsMax(b)
}

func mapped(s []float64, f func(float64) float64) []float64 {
	r := slices.Clone(s)
	for i := range r {
		r[i] = f(r[i])
	}
	return r
}

// geometric returns n numbers from hi down to lo.
func geometric(hi, lo float64, n int) []float64 {
	s := make([]float64, n)
	for i := range s {
		s[i] = hi * math.Pow(lo/hi, float64(i)/float64(max(n-1, 1)))
	}
	return s
}

func TestSymEig(t *testing.T) {
	for _, spectrum := range [][]float64{
		{3}, {0, 0}, {-2, 5}, {1, 1, 1, 1}, {-1, -1, 0, 2, 2, 7}, geometric(1e6, 1e-6, 40), nil,
	} {
		t.Run(fmt.Sprint(len(spectrum)), func(t *testing.T) {
			n := len(spectrum)
			a := symWithSpectrum(orthogonal(n, 1), spectrum, n)
			values, v, err := SymEig(a, n)
			if err != nil {
				t.Fatal(err)
			}
			want := slices.Sorted(slices.Values(spectrum))
			scale := max(kernel.AbsMax(want), 1e-300)
			for i := range want {
				if math.Abs(values[i]-want[i]) > 1e-14*scale*float64(n) {
					t.Errorf("value %d: got %v, want %v", i, values[i], want[i])
				}
			}
			if n == 0 {
				return
			}
			if d := distance(product(transpose(v, n, n), v, n, n, n), identity(n)); d > 1e-14*float64(n) {
				t.Errorf("vectors are off orthonormal by %g", d)
			}
			if kernel.AbsMax(a) > 0 {
				if d := distance(symWithSpectrum(v, values, n), a); d > 1e-14*float64(n) {
					t.Errorf("V diag V' is off by %g", d)
				}
			}
			alone, err := SymValues(a, n)
			if err != nil {
				t.Fatal(err)
			}
			for i := range values {
				if math.Abs(alone[i]-values[i]) > 1e-14*scale*float64(n) {
					t.Errorf("SymValues[%d] = %v, SymEig has %v", i, alone[i], values[i])
				}
			}
		})
	}
}

func TestInvRoot(t *testing.T) {
	const n = 24
	q := orthogonal(n, 2)
	for _, c := range []struct{ p, ridge, condition, tol float64 }{
		{1, 0, 1e3, 1e-12}, {2, 0, 1e6, 1e-10}, {4, 0, 1e6, 5e-11}, {4, 1e-3, 1e12, 2e-12}, {8, .5, 1e3, 1e-14}, {2.5, 1e-2, 1e5, 4e-14},
	} {
		spectrum := geometric(7, 7/c.condition, n)
		a := symWithSpectrum(q, spectrum, n)
		want := symWithSpectrum(q, mapped(spectrum, func(x float64) float64 { return math.Pow(x+c.ridge, -1/c.p) }), n)
		got := make([]float64, n*n)
		if err := InvRoot(got, a, n, c.p, c.ridge); err != nil {
			t.Fatal(err)
		}
		if d := distance(got, want); d > c.tol {
			t.Errorf("p %g, ridge %g, condition %g: off by %.2g", c.p, c.ridge, c.condition, d)
		}
		if err := InvRoot(a, a, n, c.p, c.ridge); err != nil || !slices.Equal(a, got) {
			t.Errorf("in place: error %v, or other bits", err)
		}
	}
}

// In float32 a root is that of the matrix in float64 but for a few roundings of its
// largest entry, with a ridge of 1e-6, and the lower triangle is not read.
func TestSpectralSingle(t *testing.T) {
	var single Spectral[float32]
	var double Spectral[float64]
	root := func(values []float64) error {
		for i, v := range values {
			values[i] = math.Pow(max(v, 0)+1e-3, -.25)
		}
		return nil
	}
	for _, n := range []int{1, 5, 70, 130} {
		for _, condition := range []float64{1, 1e3, 1e6, 1e10} {
			a := narrowed[float32](symWithSpectrum(orthogonal(n, 8), geometric(1e3, 1e3/condition, n), n))
			want, got := make([]float64, n*n), make([]float32, n*n)
			if err := double.Apply(want, widened(a), n, root); err != nil {
				t.Fatal(err)
			}
			for i := range n {
				for j := range i {
					a[i*n+j] = float32(math.NaN())
				}
			}
			if err := single.Apply(got, a, n, root); err != nil {
				t.Fatal(err)
			}
			if d := distance(widened(got), want); !(d <= 2e-6) {
				t.Errorf("n = %d, condition %g: off by %.2g", n, condition, d)
			}
			if count := testing.AllocsPerRun(1, func() { single.Apply(got, a, n, root) }); count > 0 {
				t.Errorf("n = %d: %v allocations", n, count)
			}
		}
	}
}

// A spectrum with zeros that rounding may make negative must come out as
// ridge^(-1/p) there.
func TestInvRootOfSingular(t *testing.T) {
	const n, ridge = 16, 1e-6
	q := orthogonal(n, 3)
	spectrum := make([]float64, n)
	spectrum[0], spectrum[1] = 2, 1
	a := symWithSpectrum(q, spectrum, n)
	got := make([]float64, n*n)
	if err := InvRoot(got, a, n, 4, ridge); err != nil {
		t.Fatal(err)
	}
	want := symWithSpectrum(q, mapped(spectrum, func(x float64) float64 { return math.Pow(x+ridge, -.25) }), n)
	if d := distance(got, want); d > 1e-9 {
		t.Errorf("off by %g", d)
	}
}

// Rows of zeros stay apart: the root there is ridge^(-1/p) I.
func TestInvRootOfGram(t *testing.T) {
	const n, ridge = 60, 1e-4
	for _, rank := range []int{10, 120} {
		a, root := gram(n, rank), make([]float64, n*n)
		if err := InvRoot(root, a, n, 4, ridge); err != nil {
			t.Fatal(err)
		}
		alone := math.Pow(ridge, -.25)
		for i := range n {
			for j := range n {
				want := 0.
				if i == j {
					want = alone
				}
				if x := root[i*n+j]; i%5 < 2 && !(math.Abs(x-want) <= 1e-9*alone) {
					t.Fatalf("rank %d: entry %d, %d is %g, want %g", rank, i, j, x, want)
				}
			}
			a[i*(n+1)] += ridge
		}
		square := product(root, root, n, n, n)
		if d := distance(product(product(square, square, n, n, n), a, n, n, n), identity(n)); !(d <= 4e-9) {
			t.Errorf("rank %d: root^4 (a + ridge I) is off the identity by %g", rank, d)
		}
	}
}

func TestRootErrors(t *testing.T) {
	dst := make([]float64, 4)
	for name, c := range map[string]struct {
		a     []float64
		ridge float64
	}{
		"indefinite": {[]float64{1, 0, 0, -1}, 3},
		"negative":   {[]float64{-1, 0, 0, -1}, 3},
		"singular":   {[]float64{1, 0, 0, 0}, 0},
		"zero":       {[]float64{0, 0, 0, 0}, 0},
	} {
		if InvRoot(dst, c.a, 2, 2, c.ridge) == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		a := []float64{1, bad, bad, 1}
		_, _, eigErr := SymEig(a, 2)
		_, svErr := SingularValues(a, 2, 2)
		for _, err := range []error{eigErr, svErr, InvRoot(dst, a, 2, 2, 1), Polar(dst, a, 2, 2)} {
			if !errors.Is(err, ErrNotFinite) {
				t.Errorf("entry %v: error %v", bad, err)
			}
		}
	}
}

func TestSVD(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {1, 5}, {5, 1}, {6, 6}, {4, 9}, {9, 4}, {20, 130}} {
		m, n := size[0], size[1]
		k := min(m, n)
		want := geometric(3, 1e-4, k)
		a := withSpectrum(orthogonal(m, 4), want, orthogonal(n, 5), m, n)
		u, s, vt, err := SVD(a, m, n)
		if err != nil {
			t.Fatal(err)
		}
		alone, err := SingularValues(a, m, n)
		if err != nil {
			t.Fatal(err)
		}
		if d := max(distance(s, want), distance(alone, want)); d > 2e-15*float64(k) {
			t.Errorf("%dx%d: singular values off by %g", m, n, d)
		}
		for i := range m {
			for j := range k {
				u[i*k+j] *= s[j]
			}
		}
		if d := distance(product(u, vt, m, k, n), a); d > 2e-15*float64(k) {
			t.Errorf("%dx%d: U diag V' off by %g", m, n, d)
		}
	}
}

func TestPolar(t *testing.T) {
	for _, c := range []struct{ m, n, rank int }{{1, 1, 1}, {1, 7, 1}, {6, 6, 6}, {6, 6, 2}, {4, 11, 4}, {11, 4, 3}, {5, 8, 0}} {
		s := geometric(10, 1e-3, c.rank)
		u, v := orthogonal(c.m, 6), orthogonal(c.n, 7)
		a := withSpectrum(u, s, v, c.m, c.n)
		want := withSpectrum(u, mapped(s, func(float64) float64 { return 1 }), v, c.m, c.n)
		if err := Polar(a, a, c.m, c.n); err != nil {
			t.Fatal(err)
		}
		if c.rank == 0 {
			if kernel.AbsMax(a) != 0 {
				t.Errorf("zero matrix: polar factor is not zero")
			}
			continue
		}
		// The factor's condition number is 2 / (sum of the two least singular values).
		if d := distance(a, want); d > 1e-12 {
			t.Errorf("%dx%d of rank %d: off by %g", c.m, c.n, c.rank, d)
		}
	}
}
