package kernel_test

import (
	"math"
	"testing"

	"basin/kernel"
)

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Over all exponents and both signs, single precision is within 0.51 units in the
// last place of the function; denormals and infinity are where they are due, and NaN
// stays NaN.
func TestSinglePrecisionFunctions(t *testing.T) {
	for _, c := range []struct {
		name string
		f    func(dst, a []float32)
		want func(float64) float64
	}{{"Exp", kernel.Exp[float32], math.Exp}, {"Tanh", kernel.Tanh[float32], math.Tanh}, {"Sigmoid", kernel.Sigmoid[float32], sigmoid}} {
		var a []float32
		for x := float32(1e-38); x < 110; x *= 1.0003 {
			a = append(a, x, -x)
		}
		a = append(a, 0, float32(math.Copysign(0, -1)), 1e30, -1e30, float32(math.Inf(1)), float32(math.Inf(-1)))
		dst, intact := guarded[float32](t, len(a))
		c.f(dst, a)
		intact()
		var worst float64
		for i, x := range a {
			got, want := float64(dst[i]), c.want(float64(x))
			nearest := float64(float32(want))
			if math.Signbit(got) != math.Signbit(want) || math.IsInf(got, 0) != math.IsInf(nearest, 0) {
				t.Fatalf("%s(%v) = %v, want %v", c.name, x, got, want)
			}
			if !math.IsInf(got, 0) {
				ulp := float64(math.Nextafter32(float32(math.Abs(want)), 1e38)) - math.Abs(nearest)
				worst = max(worst, math.Abs(got-want)/ulp)
			}
		}
		if worst > 0.51 {
			t.Errorf("%s is off by %v units in the last place", c.name, worst)
		}
		nan := []float32{float32(math.NaN())}
		if c.f(nan, nan); nan[0] == nan[0] {
			t.Errorf("%s of NaN is %v", c.name, nan[0])
		}
	}
}

func TestDoublePrecisionFunctions(t *testing.T) {
	checkSingle(t, "Exp", kernel.Exp[float64], math.Exp)
	checkSingle(t, "Tanh", kernel.Tanh[float64], math.Tanh)
	for x := -800.0; x < 800; x += 0.37 {
		got := []float64{x}
		kernel.Sigmoid(got, got)
		want := sigmoid(x)
		if x < -37 {
			want = math.Exp(x) // as 1 + e^x is 1
		}
		if !near(got[0], want, 3e-16) {
			t.Fatalf("Sigmoid(%v) = %v, want %v", x, got[0], want)
		}
	}
}
