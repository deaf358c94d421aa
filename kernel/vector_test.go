package kernel

import (
	"math"
	"testing"
)

func TestVectorSums(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testSums[float32](t)
		testSums[float64](t)
	})
}

// testSums compares with sums in the order that the comment on slots tells.
func testSums[T Float](t *testing.T) {
	fill := normals[T]()
	for n := range 150 {
		a, b := make([]T, n), make([]T, n)
		var dot, sum [32]float64
		var most float64
		for i := range n {
			a[i], b[i] = fill(), fill()
			dot[i%32] += float64(float64(a[i]) * float64(b[i]))
			sum[i%32] += float64(a[i])
			most = max(most, math.Abs(float64(a[i])))
		}
		for half := 16; half > 0; half /= 2 {
			for i := range half {
				dot[i] += dot[i+half]
				sum[i] += sum[i+half]
			}
		}
		if got := Dot(a, b); got != dot[0] {
			t.Errorf("%T, n=%d: Dot = %v, want %v", T(0), n, got, dot[0])
		}
		if got := Sum(a); got != sum[0] {
			t.Errorf("%T, n=%d: Sum = %v, want %v", T(0), n, got, sum[0])
		}
		if got := AbsMax(a); got != most {
			t.Errorf("%T, n=%d: AbsMax = %v, want %v", T(0), n, got, most)
		}
		if got, want := Norm2(a), math.Sqrt(Dot(a, a)); got != want {
			t.Errorf("%T, n=%d: Norm2 = %v, want %v", T(0), n, got, want)
		}
	}
}

func TestAxpyDot(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testAxpyDot[float32](t)
		testAxpyDot[float64](t)
	})
}

// testAxpyDot looks at the memory behind y as well.
func testAxpyDot[T Float](t *testing.T) {
	fill := normals[T]()
	for n := range 150 {
		x, z, y := make([]T, n), make([]T, n), make([]T, n+guards)
		for i := range y {
			y[i] = guard
		}
		for i := range n {
			x[i], y[i], z[i] = fill(), fill(), fill()
		}
		alpha := float64(fill())
		want := make([]T, len(y))
		for i := range y {
			want[i] = y[i]
			if i < n {
				want[i] = T(float64(y[i]) + float64(alpha*float64(x[i])))
			}
		}
		if got, want := AxpyDot(y[:n], alpha, x, z), Dot(x, z); got != want {
			t.Errorf("%T, n=%d: the sum is %v, want %v", T(0), n, got, want)
		}
		for i := range y {
			if pattern(y[i]) != pattern(want[i]) {
				t.Fatalf("%T, n=%d: y[%d] = %v, want %v", T(0), n, i, y[i], want[i])
			}
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
	onEachPath(t, func(t *testing.T) {
		testFinite(t, []float32{float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN())}, math.MaxFloat32)
		testFinite(t, []float64{math.Inf(1), math.Inf(-1), math.NaN()}, math.MaxFloat64)
	})
}

// testFinite puts each value that is not finite in each place, among the largest.
func testFinite[T Float](t *testing.T, bad []T, largest T) {
	for n := range 40 {
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
	onEachPath(t, func(t *testing.T) {
		testAxpyAndScale[float32](t)
		testAxpyAndScale[float64](t)
	})
}

// testAxpyAndScale compares bits at all lengths and several alignments.
func testAxpyAndScale[T Float](t *testing.T) {
	fill := normals[T]()
	for n := range 70 {
		y, x := newGuarded(n, n%5, fill), newGuarded(n, n%3, fill)
		y.want = func(i int) T { return y.before[i] + T(-0.7*x.before[i]) }
		x.want = func(i int) T { return 0.3 * x.before[i] }
		Axpy(y.in, -0.7, x.in)
		Scale(x.in, 0.3)
		y.check(t, "Axpy")
		x.check(t, "Scale")
		y, x = newGuarded(n, n%5, fill), newGuarded(n, n%3, fill)
		y.want = func(i int) T { return T(0.9*y.before[i]) + T(-0.7*x.before[i]) }
		x.want = func(i int) T { return x.before[i] }
		Axpby(0.9, y.in, -0.7, x.in)
		y.check(t, "Axpby")
		x.check(t, "Axpby")
	}
}

// A guarded vector has guards around it.
type guarded[T Float] struct {
	memory, in, before []T
	want               func(i int) T
}

func newGuarded[T Float](n, offset int, fill func() T) *guarded[T] {
	memory := make([]T, guards+offset+n+guards)
	for i := range memory {
		memory[i] = guard
	}
	in := memory[guards+offset:][:n]
	for i := range in {
		in[i] = fill()
	}
	return &guarded[T]{memory: memory, in: in, before: append([]T(nil), in...)}
}

// newBlank is n elements that held NaN, of which anything is wanted.
func newBlank[T Float](n int) *guarded[T] {
	g := newGuarded(n, 0, func() T { return T(math.NaN()) })
	g.want = func(i int) T { return g.in[i] }
	return g
}

// check compares bits with what is wanted, and looks at the guards.
func (g *guarded[T]) check(t testing.TB, name string) {
	t.Helper()
	start := len(g.memory) - guards - len(g.in)
	for i, v := range g.memory {
		if at := i - start; at < 0 || at >= len(g.in) {
			if v != guard {
				t.Fatalf("%s: %T, n=%d: memory outside changed at %d", name, v, len(g.in), at)
			}
		} else if want := g.want(at); pattern(v) != pattern(want) && (v == v || want == want) {
			t.Fatalf("%s: %T, n=%d: element %d is %v, want %v", name, v, len(g.in), at, v, want)
		}
	}
}

func TestVectorPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"Dot":  func() { Dot(make([]float32, 2), make([]float32, 3)) },
		"Adam": func() { Adam(make([]float32, 2), make([]float32, 2), make([]float32, 1), make([]float32, 2), nil) },
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
