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

func normals(n int, seed uint64) []float64 {
	s := rng.At(seed, "normals", n)
	x := make([]float64, n)
	for i := range x {
		x[i] = s.Norm()
	}
	return x
}

// narrowed and widened convert between the precisions.
func narrowed[T kernel.Float](x []float64) []T {
	y := make([]T, len(x))
	for i, v := range x {
		y[i] = T(v)
	}
	return y
}

func widened[T kernel.Float](x []T) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func rounding[T kernel.Float]() float64 {
	if isSingle[T]() {
		return 0x1p-23
	}
	return 0x1p-52
}

func TestQR(t *testing.T) {
	t.Run("float64", testQR[float64])
	t.Run("float32", testQR[float32])
}

func testQR[T kernel.Float](t *testing.T) {
	lowRank := product(normals(90*7, 1), normals(7*70, 2), 90, 7, 70)
	graded := normals(80*80, 3)
	for i := range graded {
		graded[i] *= math.Pow(10, -float64(i%80)/8)
	}
	huge := mapped(normals(40*33, 4), func(x float64) float64 { return 1e37 * x })
	tiny := mapped(normals(40*33, 5), func(x float64) float64 { return 1e-37 * x })
	if !isSingle[T]() {
		huge = mapped(huge, func(x float64) float64 { return 1e270 * x })
		tiny = mapped(tiny, func(x float64) float64 { return 1e-265 * x })
	}
	var w Room[T]
	for _, c := range []struct {
		name string
		m, n int
		a    []float64
	}{
		{"1x1", 1, 1, []float64{-3}}, {"column", 5, 1, normals(5, 1)}, {"3x2", 3, 2, normals(6, 1)},
		{"32x32", 32, 32, normals(32*32, 1)}, {"33x33", 33, 33, normals(33*33, 1)}, {"200x65", 200, 65, normals(200*65, 1)},
		{"130x130", 130, 130, normals(130*130, 1)}, {"identity", 40, 40, identity(40)}, {"zero", 40, 35, make([]float64, 40*35)},
		{"low rank", 90, 70, lowRank}, {"graded", 80, 80, graded}, {"huge", 40, 33, huge}, {"tiny", 40, 33, tiny},
	} {
		m, n, a := c.m, c.n, narrowed[T](c.a)
		q, r := make([]T, m*n), make([]T, n*n)
		for i := range w.numbers {
			w.numbers[i] = T(math.NaN())
		}
		if err := w.QR(q, r, a, m, n); err != nil {
			t.Fatal(err)
		}
		unit := rounding[T]() * math.Sqrt(float64(m))
		wide := widened(q)
		if d := distance(product(transpose(wide, m, n), wide, n, m, n), identity(n)); !(d <= 3*unit) {
			t.Errorf("%s: Q is off orthonormal by %.2g roundings", c.name, d/rounding[T]())
		}
		if scale := kernel.AbsMax(a); scale > 0 {
			unscaled := func(x []T) []float64 { return mapped(widened(x), func(x float64) float64 { return x / scale }) }
			if d := distance(product(wide, unscaled(r), m, n, n), unscaled(a)); !(d <= 6*unit) {
				t.Errorf("%s: Q R is off by %.2g roundings", c.name, d/rounding[T]())
			}
		}
		for i := range n {
			for j := range i {
				if r[i*n+j] != 0 {
					t.Fatalf("%s: R has %v below its diagonal", c.name, r[i*n+j])
				}
			}
		}
		again := slices.Clone(a)
		if count := testing.AllocsPerRun(1, func() { w.QR(q, nil, again, m, n) }); count > 0 {
			t.Errorf("%s: %v allocations", c.name, count)
		}
		if err := w.QR(again, r, again, m, n); err != nil || !slices.Equal(again, q) {
			t.Errorf("%s: in place: error %v, or other bits", c.name, err)
		}
	}
	if err := w.QR(make([]T, 4), nil, []T{1, 2, T(math.NaN()), 4}, 2, 2); !errors.Is(err, ErrNotFinite) {
		t.Errorf("of NaN: error %v", err)
	}
}

// By hand: the reflection takes (3, 4) to (-5, 0).
func TestQRSigns(t *testing.T) {
	var w Room[float64]
	q, r := make([]float64, 4), make([]float64, 4)
	if err := w.QR(q, r, []float64{3, 1, 4, 2}, 2, 2); err != nil {
		t.Fatal(err)
	}
	if d := max(distance(q, []float64{-.6, -.8, -.8, .6}), distance(r, []float64{-5, -2.2, 0, .4})); d > 1e-15 {
		t.Errorf("Q = %v, R = %v", q, r)
	}
}

func BenchmarkQR(b *testing.B) {
	b.Run("type=float32", benchmarkQR[float32])
	b.Run("type=float64", benchmarkQR[float64])
}

func benchmarkQR[T kernel.Float](b *testing.B) {
	for _, n := range []int{32, 128, 256, 784} {
		b.Run(fmt.Sprintf("n=%d/path=%s", n, kernel.Path()), func(b *testing.B) {
			a, q := narrowed[T](normals(n*n, 1)), make([]T, n*n)
			var w Room[T]
			for b.Loop() {
				if err := w.QR(q, nil, a, n, n); err != nil {
					b.Fatal(err)
				}
			}
			size := float64(n)
			b.ReportMetric(8./3*size*size*size*float64(b.N)/float64(b.Elapsed()), "GFLOP/s")
		})
	}
}
