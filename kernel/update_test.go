package kernel

import (
	"math"
	"testing"

	"basin/rng"
)

// small fills with normals, zeros, and numbers around the smallest normal one and its
// root, so that sums and products are denormal.
func small[T Float](stream int) func() T {
	s := rng.At(4, "kernel test", stream)
	least := 0x1p-126
	if !isSingle[T]() {
		least = 0x1p-1022
	}
	return func() T {
		switch s.IntN(6) {
		case 0:
			return 0
		case 1:
			return T(4 * s.Norm() * least)
		case 2:
			return T(s.Norm() * math.Sqrt(least))
		}
		return T(s.Norm())
	}
}

// An update is a loop of an optimizer.
type update[T Float] struct {
	name string
	f    func(d, m, v, x []T)
}

func updates[T Float]() []update[T] {
	adam := &AdamRates[T]{Beta1: 0.9, Rest1: 0.1, Beta2: 0.999, Rest2: 0.001, Step: 3e-3, Root: 7, Eps: 1e-8, Decay: 0.01, Apart: 1e-5}
	bare := *adam
	bare.Eps = 0
	return []update[T]{
		{"Adam", func(d, m, v, x []T) { Adam(d, m, v, x, adam) }},
		{"Adam without eps", func(d, m, v, x []T) { Adam(d, m, v, x, &bare) }},
		{"Momentum", func(d, m, _, x []T) { Momentum(d, m, x, &MomentumRates[T]{0.01, 0.9, 0.7, 0.3, 0.6, -0.1}) }},
		{"SignMomentum", func(d, m, _, x []T) { SignMomentum(d, m, x, &SignRates[T]{0.9, 0.1, 0.99, 0.01, 3e-3, 1e-4}) }},
		{"SignDescent", func(d, _, _, x []T) { SignDescent(d, x, 3e-3, 1e-4) }},
		{"MeanSquare", func(d, _, v, _ []T) { MeanSquare(v, d, 0.9, 0.1) }},
		{"Resilient", func(d, m, v, _ []T) { Resilient(d, v, m, &ResilientRates[T]{0.5, 1.2, 1e-6, 2, 0.9}) }},
	}
}

// TestUpdates holds the loops in assembly to those in Go, bit by bit, at all lengths up
// to 70, over three steps.
func TestUpdates(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testUpdates[float32](t)
		testUpdates[float64](t)
	})
}

func testUpdates[T Float](t *testing.T) {
	for _, u := range updates[T]() {
		for n := range 70 {
			fill := small[T](n)
			d, m := newGuarded(n, n%7, fill), newGuarded(n, n%2, fill)
			v, x := newGuarded(n, n%3, func() T { return T(math.Abs(float64(fill()))) }), newGuarded(n, n%5, fill)
			for range 3 {
				for _, g := range []*guarded[T]{d, m, v, x} {
					g.want = func(i int) T { return g.before[i] }
				}
				onPath(portable, func() { u.f(d.before, m.before, v.before, x.before) })
				u.f(d.in, m.in, v.in, x.in)
				for _, g := range []*guarded[T]{d, m, v, x} {
					g.check(t, u.name)
				}
			}
		}
	}
}

// TestUpdatesLeaveTheMode holds that denormal numbers are numbers again afterwards.
func TestUpdatesLeaveTheMode(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		for _, u := range updates[float32]() {
			x := make([]float32, 40)
			u.f(x[:10], x[10:20], x[20:30], x[30:])
			tiny := []float32{0x1p-140}
			if Scale(tiny, 0.5); tiny[0] != 0x1p-141 {
				t.Errorf("after %s half of 2^-140 is %g", u.name, tiny[0])
			}
		}
	})
}

// TestUpdatesByHand compares one step with the equations.
func TestUpdatesByHand(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		d, m, x := []float64{1, -2, 0}, []float64{0.5, 0, 0}, []float64{10, 0, 2}
		Momentum(d, m, x, &MomentumRates[float64]{Decay: 0.5, Keep: 0.5, Fresh: 2, Now: 4, Mean: 3, Step: -0.25})
		near(t, m, 12.25, -4, 2)
		near(t, d, -15.1875, 5, -2.5)
		d, m = []float64{1, -2, 0}, []float64{-4, 0, 0}
		SignMomentum(d, m, x, &SignRates[float64]{Old: 0.5, Now: 1, Keep: 0.25, Fresh: 2, Step: 3, Apart: 0.5})
		near(t, m, 1, -4, 0)
		near(t, d, -2, 3, -1)
		v := []float64{4, 0}
		MeanSquare(v, []float64{3, -1}, 0.5, 2)
		near(t, v, 20, 2)
		d, m = []float64{5, 5, -5, -5, 5, 0}, []float64{1, -1, 1, -1, 0, 3}
		h := []float64{3, 3, 3, 8, 0.1, 3}
		Resilient(d, h, m, &ResilientRates[float64]{Shrink: 0.25, Grow: 2, Low: 1, High: 10, Course: 0.5})
		near(t, h, 6, 1, 1, 10, 1, 3)
		near(t, m, 5, 0, 0, -5, 5, 0)
		near(t, d, -3, 0, 0, 5, -0.5, 0)
		d = []float64{7, -7, math.NaN()}
		SignDescent(d, x, 3, 0.5)
		near(t, d[:2], -8, 3)
		if d[2] == d[2] {
			t.Errorf("the sign of NaN is %v", d[2])
		}
	})
}

func near(t *testing.T, got []float64, want ...float64) {
	t.Helper()
	for i, w := range want {
		if math.Abs(got[i]-w) > 1e-15*math.Abs(w) {
			t.Errorf("got %v, want %v", got, want)
			return
		}
	}
}
