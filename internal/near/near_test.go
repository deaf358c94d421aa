package near

import (
	"math"
	"testing"
)

func TestDiff(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		name       string
		got, want  []float64
		atol, rtol float64
		report     string
	}{
		{"empty", nil, nil, 0, 0, ""},
		{"equal", []float64{1, 0, inf, nan}, []float64{1, 0, inf, nan}, 0, 0, ""},
		{"just within", []float64{1.25, -2.5}, []float64{1, -2}, .125, .25, ""},
		{"lengths", []float64{1}, []float64{1, 2}, 1, 1, "got 1 values, want 2"},
		{"beyond", []float64{1, 1.5}, []float64{1, 1}, 0, .25,
			"1 of 2 values differ by more than 0 + 0.25*|want|\n  [1] got 1.5 want 1: difference 0.5, ratio 1.5, 2 times the tolerance"},
		{"relative to want", []float64{0}, []float64{1}, 0, .5,
			"1 of 1 values differ by more than 0 + 0.5*|want|\n  [0] got 0 want 1: difference -1, ratio 0, 2 times the tolerance"},
		{"exact", []float64{1}, []float64{2}, 0, 0,
			"1 of 1 values differ by more than 0 + 0*|want|\n  [0] got 1 want 2: difference -1, ratio 0.5, +Inf times the tolerance"},
		{"NaN is not near", []float64{nan}, []float64{1}, inf, 0,
			"1 of 1 values differ by more than +Inf + 0*|want|\n  [0] got NaN want 1: difference NaN, ratio NaN, +Inf times the tolerance"},
		{"nor infinity", []float64{math.MaxFloat64}, []float64{inf}, 1, 1,
			"1 of 1 values differ by more than 1 + 1*|want|\n  [0] got 1.79769313e+308 want +Inf: difference -Inf, ratio 0, +Inf times the tolerance"},
		{"worst first, common ratio", []float64{2, 4, -20}, []float64{1, 2, -10}, 1, 0,
			"2 of 3 values differ by more than 1 + 0*|want|\n  [2] got -20 want -10: difference -10, ratio 2, 10 times the tolerance\n" +
				"  [1] got 4 want 2: difference 2, ratio 2, 2 times the tolerance\n  all have the ratio 2"},
		{"many", []float64{1, 2, 3, 4, 5, 6, 7}, make([]float64, 7), 1, 0,
			"6 of 7 values differ by more than 1 + 0*|want|\n  [6] got 7 want 0: difference 7, ratio +Inf, 7 times the tolerance\n" +
				"  [5] got 6 want 0: difference 6, ratio +Inf, 6 times the tolerance\n  [4] got 5 want 0: difference 5, ratio +Inf, 5 times the tolerance\n" +
				"  [3] got 4 want 0: difference 4, ratio +Inf, 4 times the tolerance\n  [2] got 3 want 0: difference 3, ratio +Inf, 3 times the tolerance\n  and 1 more"},
	} {
		if r := Diff(c.got, c.want, c.atol, c.rtol); r != c.report {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, r, c.report)
		}
	}
}

func TestFloat32(t *testing.T) {
	if r := Diff([]float32{1}, []float32{1 + 0x1p-23}, 0, 0x1p-22); r != "" {
		t.Error(r)
	}
	if Diff([]float32{1}, []float32{1 + 0x1p-23}, 0, 0x1p-24) == "" {
		t.Error("one unit in the last place should be more than half of one")
	}
}

func TestValue(t *testing.T) {
	if r := Value(1, 1, 0, 0); r != "" {
		t.Error(r)
	}
	if Value(1, 2, 0, 0) == "" {
		t.Error("1 should not be near 2")
	}
}
