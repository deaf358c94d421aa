package kernel

import (
	"math"
	"testing"

	"basin/rng"
)

func TestAdam(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testAdam[float32](t, 0x1p-126)
		testAdam[float64](t, 0x1p-1022)
	})
}

// testAdam compares three steps with the equations in Adam's comment, bit by bit, at
// all lengths. Gradients are normal, zero, or so small that moments underflow.
func testAdam[T Float](t *testing.T, normal T) {
	noise := rng.At(4, "kernel test", 0)
	fill := func() T {
		switch noise.IntN(6) {
		case 0:
			return 0
		case 1:
			return T(noise.Norm()) * normal * 4
		}
		return T(noise.Norm())
	}
	flushed := func(x T) T {
		if T(math.Abs(float64(x))) < normal {
			return T(math.Copysign(0, float64(x)))
		}
		return x
	}
	zero := func() T { return 0 }
	for n := range 70 {
		r := &AdamRates[T]{Beta1: 0.9, Rest1: 0.1, Beta2: 0.999, Rest2: 0.001, Step: 3e-3, Root: 7, Eps: 1e-8, Decay: 0.01, Apart: 1e-5}
		if n%3 == 0 {
			r.Eps = 0
		}
		m, v, x := newGuarded(n, n%2, zero), newGuarded(n, n%3, zero), newGuarded(n, n%5, fill)
		if n%2 == 0 {
			x = newGuarded(n, 0, zero)
		}
		x.want = func(i int) T { return x.before[i] }
		for range 3 {
			d := newGuarded(n, n%7, fill)
			g := func(i int) T { return flushed(flushed(d.before[i]) + flushed(r.Decay*flushed(x.before[i]))) }
			m.want = func(i int) T { return flushed(flushed(r.Beta1*m.before[i]) + flushed(r.Rest1*g(i))) }
			v.want = func(i int) T { return flushed(flushed(r.Beta2*v.before[i]) + flushed(flushed(r.Rest2*g(i))*g(i))) }
			d.want = func(i int) T {
				var q T
				if den := flushed(T(math.Sqrt(float64(v.in[i])))*r.Root) + r.Eps; den != 0 {
					q = flushed(flushed(r.Step*m.in[i]) / den)
				}
				return flushed(flushed(-r.Apart*flushed(x.before[i])) - q)
			}
			Adam(d.in, m.in, v.in, x.in, r)
			m.check(t, "m")
			v.check(t, "v")
			x.check(t, "x")
			d.check(t, "d")
			copy(m.before, m.in)
			copy(v.before, v.in)
		}
	}
}

// TestAdamForgets holds that a gradient of zero leaves no denormal moments behind.
func TestAdamForgets(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		const n = 20
		d, m, v, x := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
		r := &AdamRates[float32]{Beta1: 0.9, Rest1: 0.1, Beta2: 0.9, Rest2: 0.1, Step: 1, Root: 1, Eps: 1e-8}
		for i := range d {
			d[i] = 1
		}
		for step := 0; ; step++ {
			Adam(d, m, v, x, r)
			clear(d)
			for i := range m {
				if m[i] != 0 && m[i] < 0x1p-126 || v[i] != 0 && v[i] < 0x1p-126 {
					t.Fatalf("step %d: m = %g, v = %g", step, m[i], v[i])
				}
			}
			if m[0] == 0 && v[0] == 0 {
				return
			}
			if step == 1000 {
				t.Fatalf("m = %g, v = %g after %d steps", m[0], v[0], step)
			}
		}
	})
}

func TestVectorsAllocateNothing(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		var d, m, v, x [50]float64
		r := AdamRates[float64]{Beta1: 0.9, Rest1: 0.1, Beta2: 0.9, Rest2: 0.1, Step: 1, Root: 1, Eps: 1e-8}
		if n := testing.AllocsPerRun(10, func() {
			Adam(d[:], m[:], v[:], x[:], &r)
			Axpy(d[:], 2, m[:])
			Scale(x[:], Dot(d[:], m[:])+Sum(v[:])+Norm2(x[:]))
			if !Finite(d[:]) {
				t.Fatal("not finite")
			}
		}); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}
