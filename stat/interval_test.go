package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

var levels = []float64{.01, .03125, .05, .1, .25, .5, .9}

// Inside the interval the definition does not reject, just outside it does.
func TestSignFlipIntervalInvertsTheTest(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	for n := 2; n <= 9; n++ {
		for range 25 {
			d := normals(rng, n)
			for _, alpha := range levels {
				iv, ok := SignFlipInterval(d, alpha)
				if ok != (SmallestP(n) <= alpha) {
					t.Fatalf("n=%d alpha=%v: ok is %v", n, alpha, ok)
				}
				if !ok {
					if iv != (Interval{-inf, inf}) {
						t.Fatalf("n=%d alpha=%v: %v, want unbounded", n, alpha, iv)
					}
					continue
				}
				const step = 1e-9
				for _, c := range []struct {
					delta  float64
					inside bool
				}{
					{iv.Lo - step, false}, {iv.Lo + step, true}, {iv.Hi - step, true}, {iv.Hi + step, false},
					{iv.Lo - 1, false}, {(iv.Lo + iv.Hi) / 2, true}, {iv.Hi + 1, false},
				} {
					if p := bruteP(d, c.delta); (p > alpha) != c.inside {
						t.Fatalf("%v alpha=%v: p(%v) = %v, interval %v", d, alpha, c.delta, p, iv)
					}
				}
			}
		}
	}
}

// Whole numbers tie often, and fractions of them up to rounding.
func TestIntervalAgreesWithTest(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 2))
	excluded := 0
	for range 4000 {
		n := 1 + rng.IntN(9)
		d := smallInts(rng, n, 1+rng.IntN(5))
		lean, scale := float64(rng.IntN(4)), []float64{1, .1, 1e-3, 1. / 3}[rng.IntN(4)]
		for i := range d {
			d[i] = (d[i] + lean) * scale
		}
		for _, alpha := range levels {
			iv, _ := SignFlipInterval(d, alpha)
			rejects := SignFlip(d).P <= alpha
			if iv.Contains(0) == rejects {
				t.Fatalf("%v alpha=%v: p = %v but interval %v", d, alpha, SignFlip(d).P, iv)
			}
			if rejects {
				excluded++
			}
		}
	}
	if excluded < 1000 {
		t.Errorf("only %d rejections: the comparison says little", excluded)
	}
	for range 6 { // drawn flips
		d := normals(rng, 17+rng.IntN(10))
		for i := range d {
			d[i] += .5
		}
		for _, alpha := range []float64{.01, .05, .5} {
			iv, ok := SignFlipInterval(d, alpha)
			if !ok || iv.Contains(0) == (SignFlip(d).P <= alpha) {
				t.Fatalf("n=%d alpha=%v: p = %v but interval %v", len(d), alpha, SignFlip(d).P, iv)
			}
		}
	}
}

// At the level that p has just reached the interval leaves out 0; at the level
// just below it does not.
func TestIntervalAtTheLevelOfP(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 4))
	for range 30 {
		d := normals(rng, []int{6, 9, 17}[rng.IntN(3)])
		lean := rng.Float64()
		for i := range d {
			d[i] += lean
		}
		p := SignFlip(d).P
		if p == 1 {
			t.Fatalf("%v: p is 1, and no level", d)
		}
		at, _ := SignFlipInterval(d, p)
		below, _ := SignFlipInterval(d, math.Nextafter(p, 0))
		if at.Contains(0) || !below.Contains(0) {
			t.Errorf("n=%d p=%v: %v at that level, %v just below", len(d), p, at, below)
		}
	}
}

func TestSignFlipIntervalClosedForms(t *testing.T) {
	d := []float64{3, 1, 4, 1.5, 9, 2.6}
	// Six seeds at 5 %: only the two most extreme flips may go, so the interval is
	// the range of the differences.
	if iv, ok := SignFlipInterval(d, .05); !ok || iv != (Interval{1, 9}) {
		t.Errorf("six seeds: %v %v, want [1 9]", iv, ok)
	}
	if iv, ok := SignFlipInterval(d[:5], .05); ok || iv != (Interval{-inf, inf}) {
		t.Errorf("five seeds: %v %v, want unbounded", iv, ok)
	}
	// Seven seeds: m = 3, and the third extreme subset means are, below, the second
	// smallest (after 1 and (1+2)/2) and, above, (64+16)/2 (after 64 and (64+32)/2).
	if iv, _ := SignFlipInterval([]float64{1, 2, 4, 8, 16, 32, 64}, .05); iv != (Interval{2, 40}) {
		t.Errorf("seven seeds: %v, want [2 40]", iv)
	}
	if iv, ok := SignFlipInterval(slices.Repeat([]float64{.1}, 8), .05); !ok || !near(iv.Lo, .1, 1e-15) || !near(iv.Hi, .1, 1e-15) {
		t.Errorf("constant differences: %v %v, want [.1 .1]", iv, ok)
	}
	if iv, ok := SignFlipInterval([]float64{nan, inf}, .05); ok || iv != (Interval{-inf, inf}) {
		t.Errorf("no pairs: %v %v, want unbounded", iv, ok)
	}
}

// For continuous symmetric differences the coverage is exactly 1 - m/2^(n-1).
func TestSignFlipIntervalCoverage(t *testing.T) {
	const trials, centre = 4000, 3
	rng := rand.New(rand.NewPCG(7, 3))
	for _, law := range []struct {
		name string
		draw func() float64
	}{
		{"normal", rng.NormFloat64},
		{"Cauchy", func() float64 { return math.Tan(math.Pi * (rng.Float64() - .5)) }},
		{"two clusters", func() float64 { return float64(2*rng.IntN(2)-1)*5 + rng.Float64() - .5 }},
	} {
		for _, c := range []struct {
			n     int
			alpha float64
		}{{6, .05}, {8, .05}, {8, .3}} {
			covered := 0
			for range trials {
				d := make([]float64, c.n)
				for i := range d {
					d[i] = centre + law.draw()
				}
				if iv, _ := SignFlipInterval(d, c.alpha); iv.Contains(centre) {
					covered++
				}
			}
			total := math.Ldexp(1, c.n-1)
			want := 1 - math.Floor(c.alpha*total)/total
			got := float64(covered) / trials
			if math.Abs(got-want) > 4*math.Sqrt(want*(1-want)/trials) || want < 1-c.alpha {
				t.Errorf("%s n=%d alpha=%v: coverage %v, want %v", law.name, c.n, c.alpha, got, want)
			}
		}
	}
}

func TestStudentInterval(t *testing.T) {
	// t(.975, 7) = 2.3646242515927844 in any table that goes so far.
	x := []float64{2, 4, 4, 4, 5, 5, 7, 9}
	iv, ok := StudentInterval(x, .05)
	half := 2.3646242515927844 * math.Sqrt(4./7)
	if !ok || !near(iv.Lo, 5-half, 1e-9) || !near(iv.Hi, 5+half, 1e-9) {
		t.Errorf("got %v %v, want 5 -+ %v", iv, ok, half)
	}
	if iv, ok := StudentInterval([]float64{3}, .05); ok || iv != (Interval{-inf, inf}) {
		t.Errorf("one value: %v %v, want unbounded", iv, ok)
	}
	if iv, ok := StudentInterval([]float64{3, 3}, .05); !ok || iv != (Interval{3, 3}) {
		t.Errorf("equal values: %v %v", iv, ok)
	}
}

// Student's interval holds the mean of normal values as often as it says, and of
// others less often, the more so the more they are skew.
func TestStudentIntervalCoverage(t *testing.T) {
	const trials = 20_000
	source := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		law  string
		n    int
		mean float64
		draw func() float64
		want float64
	}{
		{"normal", 5, 0, source.NormFloat64, .95},
		{"uniform", 5, .5, source.Float64, .935},
		{"exponential", 5, 1, source.ExpFloat64, .885},
		{"exponential", 20, 1, source.ExpFloat64, .92},
	} {
		held := 0
		x := make([]float64, c.n)
		for range trials {
			for i := range x {
				x[i] = c.draw()
			}
			if iv, _ := StudentInterval(x, .05); iv.Contains(c.mean) {
				held++
			}
		}
		if got := float64(held) / trials; math.Abs(got-c.want) > .005 {
			t.Errorf("%s n=%d: coverage %v, want %v", c.law, c.n, got, c.want)
		}
	}
}
