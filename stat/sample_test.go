package stat

import (
	"math"
	"testing"
)

var nan, inf = math.NaN(), math.Inf(1)

// near compares to relative tolerance tol; NaN equals NaN, and infinities themselves.
func near(got, want, tol float64) bool {
	if math.IsNaN(got) || math.IsNaN(want) {
		return math.IsNaN(got) && math.IsNaN(want)
	}
	return got == want || math.Abs(got-want) <= tol*max(1, math.Abs(want))
}

func TestSummarize(t *testing.T) {
	for _, c := range []struct {
		name string
		x    []float64
		want Sample
	}{
		{"none", nil, Sample{0, nan, nan, nan, nan}},
		{"none finite", []float64{nan, inf, -inf}, Sample{0, nan, nan, nan, nan}},
		{"one", []float64{3}, Sample{1, 3, nan, nan, 3}},
		{"one and a gap", []float64{nan, 3}, Sample{1, 3, nan, nan, 3}},
		{"two", []float64{1, 4}, Sample{2, 2.5, 3 / math.Sqrt2, 1.5, 2.5}},
		{"eight", []float64{2, 4, 4, 4, 5, 5, 7, 9}, Sample{8, 5, math.Sqrt(32. / 7), math.Sqrt(4. / 7), 4.5}},
		{"gap among eight", []float64{2, 4, 4, nan, 4, 5, 5, 7, 9}, Sample{8, 5, math.Sqrt(32. / 7), math.Sqrt(4. / 7), 4.5}},
		{"constant", []float64{.1, .1, .1}, Sample{3, .1, 0, 0, .1}},
		{"huge", []float64{1e300, -1e300, 0}, Sample{3, 0, 1e300, 1e300 / math.Sqrt(3), 0}},
		{"tiny", []float64{1e-300, -1e-300, 0}, Sample{3, 0, 1e-300, 1e-300 / math.Sqrt(3), 0}},
	} {
		got := Summarize(c.x)
		g := []float64{got.Mean, got.SD, got.SE, got.Median}
		w := []float64{c.want.Mean, c.want.SD, c.want.SE, c.want.Median}
		for i := range g {
			if got.N != c.want.N || g[i] != w[i] && !near(g[i]/w[i], 1, 4e-16) && !(math.IsNaN(g[i]) && math.IsNaN(w[i])) {
				t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
				break
			}
		}
	}
}

// A large offset must not cost digits of the deviation beyond those it hides.
func TestSummarizeOffset(t *testing.T) {
	got := Summarize([]float64{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16})
	if got.Mean != 1e9+10 || !near(got.SD, math.Sqrt(30), 1e-15) {
		t.Errorf("got %+v, want mean 1e9+10 and deviation sqrt 30", got)
	}
}

// The values are R's quantile(x, p, type = 7).
func TestQuantile(t *testing.T) {
	x := []float64{10, 3, 1, 4, 2}
	for _, c := range []struct{ p, want float64 }{{0, 1}, {.1, 1.4}, {.25, 2}, {.3, 2.2}, {.5, 3}, {.9, 7.6}, {1, 10}} {
		if got := Quantile(x, c.p); !near(got, c.want, 1e-15) {
			t.Errorf("quantile %v: got %v, want %v", c.p, got, c.want)
		}
	}
	if x[0] != 10 {
		t.Error("Quantile sorted its argument")
	}
}

func TestDifferences(t *testing.T) {
	got := Differences([]float64{3, nan, 2, inf}, []float64{1, 1, nan, 1})
	want := []float64{2, nan, nan, nan}
	for i := range want {
		if !near(got[i], want[i], 0) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}
