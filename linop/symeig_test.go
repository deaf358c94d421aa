package linop

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/lapack64"

	"basin/kernel"
	"basin/rng"
)

// reference decomposes by LAPACK's QR iteration.
func reference(t testing.TB, a []float64, n int) (values, vectors []float64) {
	values = make([]float64, n)
	vectors = append([]float64(nil), a...)
	s := blas64.Symmetric{N: n, Stride: n, Data: vectors, Uplo: blas.Upper}
	if !lapack64.Syev(lapack.EVCompute, s, values, make([]float64, 100*n), 100*n) {
		t.Fatal("LAPACK did not converge")
	}
	return values, vectors
}

// tri is a tridiagonal matrix from functions of the index.
func tri(n int, d, e func(i int) float64) []float64 {
	a := make([]float64, n*n)
	for i := range n {
		a[i*n+i] = d(i)
		if i+1 < n {
			v := e(i)
			a[i*n+i+1], a[(i+1)*n+i] = v, v
		}
	}
	return a
}

func constant(v float64) func(int) float64 { return func(int) float64 { return v } }

// hardMatrices are those that tell good divide and conquer from bad: much deflation,
// none, clusters, graded and glued matrices, extreme scales.
func hardMatrices() map[string][]float64 {
	const n = 150
	q := orthogonal(n, 11)
	s := rng.At(1, "hard", 0)
	random := func(int) float64 { return s.Norm() }
	wilkinson := func(i int) float64 { return math.Abs(float64(i%21) - 10) }
	clustered := make([]float64, n)
	for i := range clustered {
		clustered[i] = float64(i/30) + 1e-13*float64(i%30)
	}
	zeros := make([]float64, n)
	zeros[0] = 3
	ones := make([]float64, n*n)
	for i := range ones {
		ones[i] = 1
	}
	return map[string][]float64{
		"zero":             make([]float64, n*n),
		"identity":         identity(n),
		"ones":             ones,
		"diagonal":         tri(n, random, constant(0)),
		"laplacian":        tri(n, constant(2), constant(-1)),
		"random":           tri(n, random, random),
		"wilkinson":        tri(n, wilkinson, constant(1)),
		"glued wilkinson":  tri(n, wilkinson, func(i int) float64 { return math.Pow(1e-9, float64((i+1)%21/20)) }),
		"tiny coupling":    tri(n, constant(1), constant(1e-15)),
		"coupling alone":   tri(n, constant(0), random),
		"graded":           tri(n, func(i int) float64 { return math.Pow(10, -float64(i)/5) }, func(i int) float64 { return math.Pow(10, -float64(i)/5-1) }),
		"graded upwards":   tri(n, func(i int) float64 { return math.Pow(10, float64(i-n)/5) }, func(i int) float64 { return math.Pow(10, float64(i-n)/5) }),
		"clustered":        symWithSpectrum(q, clustered, n),
		"rank one":         symWithSpectrum(q, zeros, n),
		"ill conditioned":  symWithSpectrum(q, geometric(1, 1e-14, n), n),
		"huge":             symWithSpectrum(q, geometric(1e300, 1e290, n), n),
		"tiny":             symWithSpectrum(q, geometric(1e-300, 1e-306, n), n),
		"both signs":       symWithSpectrum(q, mapped(geometric(1, 1e-8, n), func(x float64) float64 { return x * math.Copysign(1, s.Norm()) }), n),
		"nearly symmetric": tri(n, func(i int) float64 { return float64(i % 2) }, func(i int) float64 { return 1e-8 * float64(i%3) }),
	}
}

func TestSymEigHard(t *testing.T) {
	for name, a := range hardMatrices() {
		t.Run(name, func(t *testing.T) {
			n := int(math.Sqrt(float64(len(a))))
			values, v, err := SymEig(a, n)
			if err != nil {
				t.Fatal(err)
			}
			want, _ := reference(t, a, n)
			alone, err := SymValues(a, n)
			if err != nil {
				t.Fatal(err)
			}
			norm := max(math.Abs(want[0]), math.Abs(want[n-1]))
			// Measured: 1.2e-15 to 4e-15, and 3.3e-14 for "ones", whose equal elements
			// all round alike.
			tol := 2 * float64(n) * 0x1p-52
			for i := range want {
				if e := max(math.Abs(values[i]-want[i]), math.Abs(alone[i]-want[i])); e > 1e-14*norm {
					t.Errorf("value %d: %v and %v, want %v", i, values[i], alone[i], want[i])
				}
				if i > 0 && values[i] < values[i-1] {
					t.Errorf("values %d and %d descend", i-1, i)
				}
			}
			if d := distance(product(transpose(v, n, n), v, n, n, n), identity(n)); d > tol {
				t.Errorf("vectors are off orthonormal by %g", d)
			}
			if norm > 0 {
				if d := distance(symWithSpectrum(v, values, n), a); d > 1e-14*norm/kernel.AbsMax(a) {
					t.Errorf("V diag V' is off by %g", d)
				}
			}
		})
	}
}

// Every size near a boundary of the leaves and panels.
func TestSymEigSizes(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 31, 32, 33, 34, 63, 64, 65, 66, 67, 96, 97, 127, 129} {
		s := rng.At(2, "sizes", n)
		a := make([]float64, n*n)
		for i := range n {
			for j := range i + 1 {
				v := s.Norm()
				a[i*n+j], a[j*n+i] = v, v
			}
		}
		values, v, err := SymEig(a, n)
		if err != nil {
			t.Fatal(err)
		}
		if d := distance(product(transpose(v, n, n), v, n, n, n), identity(n)); d > 5e-15 {
			t.Errorf("n = %d: vectors are off orthonormal by %g", n, d)
		}
		if d := distance(symWithSpectrum(v, values, n), a); d > 2e-14 {
			t.Errorf("n = %d: V diag V' is off by %g", n, d)
		}
	}
}

// The lower triangle is not read.
func TestSymEigUpper(t *testing.T) {
	a := []float64{2, 1, 99, 3}
	values, _, err := SymEig(a, 2)
	if err != nil || math.Abs(values[0]-(2.5-math.Sqrt(1.25))) > 1e-15 || math.Abs(values[1]-(2.5+math.Sqrt(1.25))) > 1e-15 {
		t.Errorf("values %v, error %v", values, err)
	}
}

func FuzzSymEig(f *testing.F) {
	f.Add(uint64(1), 40, 3, 1e-9)
	f.Add(uint64(2), 90, 1, 0.)
	f.Add(uint64(3), 70, 9, 1e-300)
	f.Fuzz(func(t *testing.T, seed uint64, n, levels int, coupling float64) {
		if n < 1 || n > 150 || levels < 1 || math.IsNaN(coupling) || math.Abs(coupling) > 1e3 {
			t.Skip()
		}
		s := rng.At(seed, "fuzz", 0)
		a := tri(n, func(int) float64 { return float64(s.IntN(levels)) }, func(int) float64 { return coupling * s.Norm() })
		values, v, err := SymEig(a, n)
		if err != nil {
			t.Fatal(err)
		}
		norm := max(math.Abs(values[0]), math.Abs(values[n-1]))
		if d := distance(product(transpose(v, n, n), v, n, n, n), identity(n)); d > 2e-14 {
			t.Errorf("vectors are off orthonormal by %g", d)
		}
		r := symWithSpectrum(v, values, n)
		kernel.Axpy(r, -1, a)
		if e := kernel.AbsMax(r); e > 2e-14*norm {
			t.Errorf("V diag V' is off by %g of %g", e, norm)
		}
	})
}

func BenchmarkSymEig(b *testing.B) {
	for _, n := range []int{10, 64, 128, 784} {
		a := symWithSpectrum(orthogonal(n, 1), geometric(1, 1e-8, n), n)
		b.Run(fmt.Sprintf("n=%d/impl=divide", n), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := SymEig(a, n); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("n=%d/impl=lapack", n), func(b *testing.B) {
			for b.Loop() {
				reference(b, a, n)
			}
		})
	}
}
