package linop

import (
	"fmt"
	"math"
	"slices"
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

func randomSym(n int, seed uint64) []float64 {
	s := rng.At(seed, "symmetric", n)
	a := make([]float64, n*n)
	for i := range n {
		for j := range i + 1 {
			v := s.Norm()
			a[i*n+j], a[j*n+i] = v, v
		}
	}
	return a
}

// gram is G G' of an n x rank matrix whose rows are zero where i%5 < 2, as of pixels
// that are never lit.
func gram(n, rank int) []float64 {
	s := rng.At(2, "gram", n)
	g := make([]float64, n*rank)
	for i := range g {
		if i/rank%5 >= 2 {
			g[i] = s.Norm()
		}
	}
	return product(g, transpose(g, n, rank), n, rank, n)
}

// offOrthonormal is max |V'V - I| in units of 2^-52.
func offOrthonormal(v []float64, n int) float64 {
	w := product(transpose(v, n, n), v, n, n, n)
	kernel.Axpy(w, -1, identity(n))
	return kernel.AbsMax(w) / 0x1p-52
}

// residual is |A V - V diag(values)| / |A|, in Frobenius norms and units of 2^-52.
func residual(a, values, v []float64, n int) float64 {
	top := kernel.AbsMax(a)
	if top == 0 {
		return kernel.AbsMax(values) / 0x1p-52
	}
	b := mapped(a, func(x float64) float64 { return x / top })
	r := product(b, v, n, n, n)
	for i := range n {
		for j := range n {
			r[i*n+j] -= v[i*n+j] * (values[j] / top)
		}
	}
	return kernel.Norm2(r) / kernel.Norm2(b) / 0x1p-52
}

// checkEig holds a decomposition against the definition, in roundings, and its values
// against LAPACK's, whose QR iteration is the less exact of the two.
func checkEig(t *testing.T, a, values, v []float64, n int, most float64) {
	t.Helper()
	if e := offOrthonormal(v, n); !(e <= most) {
		t.Errorf("vectors are %.3g roundings off orthonormal", e)
	}
	if e := residual(a, values, v, n); !(e <= most) {
		t.Errorf("A V is %.3g roundings off V diag(values)", e)
	}
	if !slices.IsSorted(values) {
		t.Error("the values do not ascend")
	}
	want, _ := reference(t, a, n)
	norm := max(math.Abs(want[0]), math.Abs(want[n-1]))
	for i := range want {
		if e := math.Abs(values[i] - want[i]); !(e <= 2*most*0x1p-52*norm) {
			t.Errorf("value %d: %v, want %v: off by %.3g roundings of the largest", i, values[i], want[i], e/norm/0x1p-52)
		}
	}
}

func TestSymEigSizes(t *testing.T) {
	sizes := []int{63, 64, 65, 66, 67, 96, 97, 127, 129, 200}
	for n := range 41 {
		sizes = append(sizes, n)
	}
	for _, n := range sizes {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			a := randomSym(n, 3)
			values, v, err := SymEig(a, n)
			if err != nil || len(values) != n || len(v) != n*n {
				t.Fatal(err)
			}
			if n == 0 {
				return
			}
			checkEig(t, a, values, v, n, 20)
		})
	}
}

// Matrices that tell good divide and conquer from bad: much deflation, none, clusters,
// graded and glued matrices, extreme scales.
func TestSymEigHard(t *testing.T) {
	const n = 150
	q := orthogonal(n, 11)
	s := rng.At(1, "hard", 0)
	random := func(int) float64 { return s.Norm() }
	wilkinson := func(i int) float64 { return math.Abs(float64(i%21) - 10) }
	clustered, repeated := make([]float64, n), make([]float64, n)
	for i := range clustered {
		clustered[i] = float64(i/30) + 1e-13*float64(i%30)
		repeated[i] = float64(i / 50)
	}
	zeros := make([]float64, n)
	zeros[0] = 3
	faint := mapped(randomSym(n, 7), func(x float64) float64 { return 1e-161 * x }) // squares are subnormal
	for i := range n {
		faint[i*(n+1)] = s.Norm()
	}
	for _, c := range []struct {
		name string
		a    []float64
		most float64 // roundings; twice what is measured
	}{
		{"zero", make([]float64, n*n), 0},
		{"identity", identity(n), 0},
		// Equal entries all round alike.
		{"ones", mapped(make([]float64, n*n), func(float64) float64 { return 1 }), 200},
		{"diagonal", tri(n, random, constant(0)), 0},
		{"laplacian", tri(n, constant(2), constant(-1)), 12},
		{"random", tri(n, random, random), 15},
		{"wilkinson", tri(n, wilkinson, constant(1)), 16},
		{"glued wilkinson", tri(n, wilkinson, func(i int) float64 { return math.Pow(1e-9, float64((i+1)%21/20)) }), 15},
		{"tiny coupling", tri(n, constant(1), constant(1e-15)), 10},
		{"coupling alone", tri(n, constant(0), random), 16},
		{"graded", tri(n, func(i int) float64 { return math.Pow(10, -float64(i)/5) }, func(i int) float64 { return math.Pow(10, -float64(i)/5-1) }), 20},
		{"graded upwards", tri(n, func(i int) float64 { return math.Pow(10, float64(i-n)/5) }, func(i int) float64 { return math.Pow(10, float64(i-n)/5) }), 15},
		{"alternating", tri(n, func(i int) float64 { return float64(i % 2) }, func(i int) float64 { return 1e-8 * float64(i%3) }), 10},
		{"faint", faint, 10},
		{"clustered", symWithSpectrum(q, clustered, n), 20},
		{"repeated", symWithSpectrum(q, repeated, n), 20},
		{"rank one", symWithSpectrum(q, zeros, n), 40},
		{"gram", gram(n, 2*n), 20},
		{"gram of low rank", gram(n, 20), 20},
		{"condition 1e12", symWithSpectrum(q, geometric(1, 1e-12, n), n), 20},
		{"huge", symWithSpectrum(q, geometric(1e300, 1e290, n), n), 20},
		{"tiny", symWithSpectrum(q, geometric(1e-300, 1e-306, n), n), 20},
		{"both signs", symWithSpectrum(q, mapped(geometric(1, 1e-8, n), func(x float64) float64 { return x * s.Sign() }), n), 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			values, v, err := SymEig(c.a, n)
			if err != nil {
				t.Fatal(err)
			}
			checkEig(t, c.a, values, v, n, c.most)
		})
	}
}

// Eigenvalues of a Laplacian in units of the least number above zero, within two.
func TestSymEigSubnormal(t *testing.T) {
	const n, unit = 50, math.SmallestNonzeroFloat64
	values, v, err := SymEig(tri(n, constant(20000*unit), constant(10000*unit)), n)
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range values {
		if want := 20000 * (1 - math.Cos(math.Pi*float64(i+1)/(n+1))); !(math.Abs(x/unit-want) <= 2) {
			t.Errorf("value %d is %v units, want %v", i, x/unit, want)
		}
	}
	if e := offOrthonormal(v, n); !(e <= 12) {
		t.Errorf("vectors are %.3g roundings off orthonormal", e)
	}
}

// The lower triangle is not read.
func TestSymEigUpper(t *testing.T) {
	const n = 50
	a := randomSym(n, 4)
	values, v, err := SymEig(a, n)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		for j := range i {
			a[i*n+j] = 1e6
		}
	}
	again, w, err := SymEig(a, n)
	if err != nil || !slices.Equal(values, again) || !slices.Equal(v, w) {
		t.Errorf("error %v, or other bits", err)
	}
}

// What a Scratch was used for does not show in the bits, vectors may take the place
// of the matrix, and there is nothing left to allocate.
func TestScratch(t *testing.T) {
	var s Scratch
	var f Spectral[float64]
	for _, n := range []int{70, 20, 33, 70, 130} {
		a := randomSym(n, 5)
		values, v, err := SymEig(a, n)
		if err != nil {
			t.Fatal(err)
		}
		root := make([]float64, n*n)
		square := product(a, a, n, n, n)
		if err := InvRoot(root, square, n, 2, .1); err != nil {
			t.Fatal(err)
		}
		got, b := make([]float64, n), slices.Clone(a)
		for _, numbers := range [][]float64{s.numbers, f.eigen.numbers, f.vectors, f.room.numbers} {
			for i := range numbers {
				numbers[i] = math.NaN()
			}
		}
		if err := s.SymEig(got, b, b, n); err != nil || !slices.Equal(got, values) || !slices.Equal(b, v) {
			t.Errorf("n = %d: error %v, or other bits", n, err)
		}
		if err := f.InvRoot(square, square, n, 2, .1); err != nil || !slices.Equal(square, root) {
			t.Errorf("n = %d: error %v, or another root", n, err)
		}
	}
	for _, n := range []int{1, 20, 130} {
		a, values, v := randomSym(n, 5), make([]float64, n), make([]float64, n*n)
		if count := testing.AllocsPerRun(3, func() { s.SymEig(values, v, a, n) }); count > 0 {
			t.Errorf("n = %d: %v allocations", n, count)
		}
	}
}

// The fallback decomposes the same tridiagonal matrix.
func TestSymEigFallback(t *testing.T) {
	const n = 70
	a := randomSym(n, 6)
	var s Scratch
	values, v := make([]float64, n), make([]float64, n*n)
	s.fit(n)
	exponent := load(&s, a, n, kernel.AbsMax(a))
	s.reduction.tridiagonalize()
	s.reduction.tridiagonal(v)
	if err := s.iterate(values, v); err != nil {
		t.Fatal(err)
	}
	s.reduction.block.transform(v, s.reduction.a, s.reduction.tau, n)
	checkEig(t, a, mapped(values, func(x float64) float64 { return math.Ldexp(x, exponent) }), v, n, 40)
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
		checkEig(t, a, values, v, n, 60)
	})
}

// BenchmarkSymEig counts 14/3 n^3 operations: reduction 4/3, division 4/3 at most,
// back-transformation 2.
func BenchmarkSymEig(b *testing.B) {
	for _, n := range []int{32, 128, 256, 784} {
		a := symWithSpectrum(orthogonal(n, 1), geometric(1, 1e-8, n), n)
		values, vectors := make([]float64, n), make([]float64, n*n)
		rate := func(b *testing.B) {
			b.ReportMetric(14./3*math.Pow(float64(n), 3)*float64(b.N)/float64(b.Elapsed()), "GFLOP/s")
		}
		b.Run(fmt.Sprintf("n=%d/impl=basin/path=%s", n, kernel.Path()), func(b *testing.B) {
			var s Scratch
			for b.Loop() {
				if err := s.SymEig(values, vectors, a, n); err != nil {
					b.Fatal(err)
				}
			}
			rate(b)
		})
		b.Run(fmt.Sprintf("n=%d/impl=gonum/path=%s", n, kernel.Path()), func(b *testing.B) {
			for b.Loop() {
				reference(b, a, n)
			}
			rate(b)
		})
	}
}

func BenchmarkInvRoot(b *testing.B) {
	b.Run("type=float32", benchmarkInvRoot[float32])
	b.Run("type=float64", benchmarkInvRoot[float64])
}

func benchmarkInvRoot[T kernel.Float](b *testing.B) {
	for _, n := range []int{32, 128, 256, 784} {
		a, root := narrowed[T](gram(n, 2*n)), make([]T, n*n)
		b.Run(fmt.Sprintf("n=%d/path=%s", n, kernel.Path()), func(b *testing.B) {
			var s Spectral[T]
			for b.Loop() {
				if err := s.InvRoot(root, a, n, 4, 1e-3); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
