package stat

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestStandardized(t *testing.T) {
	for _, c := range []struct {
		d    []float64
		want float64
	}{
		{nil, nan},
		{[]float64{1}, nan},
		{[]float64{1, 3}, math.Sqrt2},
		{[]float64{-1, nan, -3}, -math.Sqrt2},
		{[]float64{0, 0}, 0},
		{[]float64{.1, .1, .1}, inf},
		{[]float64{-2, -2}, -inf},
	} {
		if got := Standardized(c.d); !near(got, c.want, 1e-15) {
			t.Errorf("%v: got %v, want %v", c.d, got, c.want)
		}
	}
}

// J(2) = Gamma(1)/Gamma(1/2), and 1 - 3/(4v-1) is Hedges' own approximation, here
// good to 3.4e-4 at v = 10 and better beyond.
func TestHedgesCorrection(t *testing.T) {
	if got, want := HedgesCorrection(2), 1/math.Sqrt(math.Pi); !near(got, want, 1e-14) {
		t.Errorf("J(2) = %v, want %v", got, want)
	}
	for v := 10; v < 200; v++ {
		if got, want := HedgesCorrection(v), 1-3/float64(4*v-1); math.Abs(got-want) > 3.4e-4 {
			t.Errorf("J(%d) = %v, want about %v", v, got, want)
		}
	}
	if got := HedgesCorrection(1); !math.IsNaN(got) {
		t.Errorf("J(1) = %v, want NaN", got)
	}
}

func TestHedgesCorrectionRemovesTheBias(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 1))
	const n, trials, effect = 6, 40_000, .8
	var x []float64
	for range trials {
		d := normals(rng, n)
		for i := range d {
			d[i] += effect
		}
		x = append(x, Standardized(d))
	}
	s := Summarize(x)
	if math.Abs(s.Mean*HedgesCorrection(n-1)-effect) > 4*s.SE {
		t.Errorf("corrected mean %v +- %v, want %v", s.Mean*HedgesCorrection(n-1), s.SE, effect)
	}
	if math.Abs(s.Mean-effect) < 10*s.SE {
		t.Errorf("mean %v +- %v shows no bias to correct", s.Mean, s.SE)
	}
}

func TestCliffsDelta(t *testing.T) {
	for _, c := range []struct {
		a, b []float64
		want float64
	}{
		{[]float64{4, 5}, []float64{1, 2, 3}, 1},
		{[]float64{1, 2, 3}, []float64{4, nan, 5}, -1},
		{[]float64{1, 2}, []float64{1, 2}, 0},
		{[]float64{1, 2, 3}, []float64{2}, 0},
		{[]float64{2, 3}, []float64{2, 1}, .75},
		{nil, []float64{2}, nan},
		{[]float64{1}, []float64{nan}, nan},
	} {
		if got := CliffsDelta(c.a, c.b); !near(got, c.want, 0) {
			t.Errorf("%v against %v: got %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestSigns(t *testing.T) {
	if p, z, n := Signs([]float64{1, -2, 0, nan, 3, inf}); p != 2 || z != 1 || n != 1 {
		t.Errorf("got %d %d %d, want 2 1 1", p, z, n)
	}
}
