package kernel

import (
	"math"
	"testing"
)

func TestVectorSums(t *testing.T) {
	testSums[float32](t)
	testSums[float64](t)
}

// testSums compares with sums in the order that Dot's comment tells.
func testSums[T Float](t *testing.T) {
	fill := normals[T]()
	for n := range 40 {
		a, b := make([]T, n), make([]T, n)
		var dot, sum [4]float64
		var most float64
		for i := range n {
			a[i], b[i] = fill(), fill()
			slot := i % 4
			if i >= n/4*4 {
				slot = 0
			}
			dot[slot] += float64(float64(a[i]) * float64(b[i]))
			sum[slot] += float64(a[i])
			most = max(most, math.Abs(float64(a[i])))
		}
		if got, want := Dot(a, b), (dot[0]+dot[1])+(dot[2]+dot[3]); got != want {
			t.Errorf("n=%d: Dot = %v, want %v", n, got, want)
		}
		if got, want := Sum(a), (sum[0]+sum[1])+(sum[2]+sum[3]); got != want {
			t.Errorf("n=%d: Sum = %v, want %v", n, got, want)
		}
		if got := AbsMax(a); got != most {
			t.Errorf("n=%d: AbsMax = %v, want %v", n, got, most)
		}
		if got, want := Norm2(a), math.Sqrt(Dot(a, a)); got != want {
			t.Errorf("n=%d: Norm2 = %v, want %v", n, got, want)
		}
	}
}

func TestNorm2Extremes(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, x := range []struct {
		a    []float64
		want float64
	}{
		{[]float64{3e200, -4e200}, 5e200},
		{[]float64{3e-200, 4e-200}, 5e-200},
		{[]float64{5e-324}, 5e-324},
		{[]float64{math.MaxFloat64}, math.MaxFloat64},
		{[]float64{0, 0}, 0},
		{[]float64{1, -inf}, inf},
		{[]float64{inf, nan}, nan},
		{[]float64{nan, 1}, nan},
	} {
		got := Norm2(x.a)
		if math.Abs(got-x.want) > 2e-16*x.want && got != x.want || math.IsNaN(got) != math.IsNaN(x.want) {
			t.Errorf("Norm2(%v) = %v, want %v", x.a, got, x.want)
		}
	}
	if got := Norm2([]float32{3e38, 3e38}); math.Abs(got/(float64(float32(3e38))*math.Sqrt2)-1) > 4e-16 {
		t.Errorf("Norm2 of large float32 = %v", got)
	}
}

func TestFinite(t *testing.T) {
	testFinite(t, []float32{float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN())}, math.MaxFloat32)
	testFinite(t, []float64{math.Inf(1), math.Inf(-1), math.NaN()}, math.MaxFloat64)
}

// testFinite puts each value that is not finite in each place, among the largest.
func testFinite[T Float](t *testing.T, bad []T, largest T) {
	for n := range 20 {
		x := make([]T, n)
		for i := range x {
			x[i] = largest
			if i%2 == 1 {
				x[i] = -largest
			}
		}
		if !Finite(x) {
			t.Errorf("n=%d: finite values are said not to be", n)
		}
		for i := range x {
			old := x[i]
			for _, v := range bad {
				if x[i] = v; Finite(x) {
					t.Errorf("n=%d: %v at %d is said to be finite", n, v, i)
				}
				if got := AbsMax(x); v == v && !math.IsInf(got, 1) || v != v && got == got {
					t.Errorf("n=%d: AbsMax with %v at %d is %v", n, v, i, got)
				}
			}
			x[i] = old
		}
	}
}

func TestAxpyAndScale(t *testing.T) {
	y, x := []float32{1, 2, 3}, []float32{1, float32(math.Inf(-1)), -2}
	Axpy(y, 0.5, x)
	Scale(x, -2)
	for i, want := range [][2]float32{{1.5, -2}, {float32(math.Inf(-1)), float32(math.Inf(1))}, {2, 4}} {
		if y[i] != want[0] || x[i] != want[1] {
			t.Errorf("element %d: y = %v, x = %v, want %v", i, y[i], x[i], want)
		}
	}
	// -1 + (1+2^-12)^2 is another number when the product is not rounded first.
	var a, b float32 = 1 + 0x1p-12, 1 + 0x1p-12
	z := []float32{-1}
	Axpy(z, a, []float32{b})
	if p := a * b; z[0] != p-1 {
		t.Errorf("the product was not rounded: %v, want %v", z[0], p-1)
	}
}

func TestVectorPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"Dot":  func() { Dot(make([]float32, 2), make([]float32, 3)) },
		"Axpy": func() { Axpy(make([]float64, 2), 1, make([]float64, 3)) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if got := recover(); got != lengths {
					t.Errorf("panic %v, want %q", got, lengths)
				}
			}()
			f()
		})
	}
}
