package recipe

import (
	"math"
	"testing"
)

func TestInterval(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		text    string
		in, out []float64
	}{
		{"(0,inf)", []float64{5e-324, math.MaxFloat64}, []float64{0, -1, inf, nan}},
		{"[0,1)", []float64{0, math.Nextafter(1, 0)}, []float64{-5e-324, 1, nan}},
		{"[1,inf]", []float64{1, inf}, []float64{math.Nextafter(1, 0), -inf, nan}},
		{"(-inf,inf)", []float64{-math.MaxFloat64, math.MaxFloat64}, []float64{inf, -inf, nan}},
		{"[-inf,-0.5]", []float64{-inf, -.5}, []float64{0, nan}},
		{"[2,2]", []float64{2}, []float64{1, 3}},
	} {
		i, err := ParseInterval(c.text)
		if err != nil {
			t.Error(err)
			continue
		}
		if i.String() != c.text {
			t.Errorf("%s prints as %v", c.text, i)
		}
		for _, x := range c.in {
			if !i.Contains(x) {
				t.Errorf("%v should contain %v", i, x)
			}
		}
		for _, x := range c.out {
			if i.Contains(x) {
				t.Errorf("%v should not contain %v", i, x)
			}
		}
	}
	for _, s := range []string{"", "[", "[]", "[1]", "1,2", "[1,2", "[2,1]", "[nan,1]", "[1,nan]", "[1,2,3]", "{1,2}", "[a,b]"} {
		if i, err := ParseInterval(s); err == nil {
			t.Errorf("%q should be no range, gave %v", s, i)
		}
	}
}

func TestSearch(t *testing.T) {
	for text, want := range map[string]Search{
		"1e-5..1 log": {1e-5, 1, true},
		"0..0.99":     {0, .99, false},
		"-1..1":       {-1, 1, false},
	} {
		s, err := ParseSearch(text)
		if err != nil || s != want || s.String() != text {
			t.Errorf("%q: got %v, %v, want %v", text, s, err, want)
		}
	}
	for _, s := range []string{"", "1", "1..", "..1", "1..1", "2..1", "0..1 log", "-1..1 log", "0..inf", "nan..1", "1..2 lin"} {
		if r, err := ParseSearch(s); err == nil {
			t.Errorf("%q should be no search range, gave %v", s, r)
		}
	}
}
