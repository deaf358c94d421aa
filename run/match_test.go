package run

import (
	"testing"

	"basin/study"
)

func TestMedianIsUpper(t *testing.T) {
	for _, c := range []struct {
		in   []float64
		want float64
	}{
		{[]float64{3}, 3},
		{[]float64{1, 3}, 3},
		{[]float64{3, 1, 2}, 2},
		{[]float64{4, 1, 3, 2}, 3},
		{[]float64{5, 1, 4, 2, 3}, 3},
	} {
		if got := median(c.in); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.in, got, c.want)
		}
	}
}

func TestCrossingIsTheLast(t *testing.T) {
	for _, c := range []struct {
		losses []float64
		want   int
	}{
		{[]float64{5, 4, 3, .9, .8}, 3},
		{[]float64{5, .9, 3, .9, .8}, 3}, // not the first downward fluctuation
		{[]float64{5, .9, .8, .7, 2}, 1},
		{[]float64{.9, .8}, 0},
	} {
		if got := crossing(c.losses, 1); got != c.want {
			t.Errorf("crossing(%v, 1) = %d, want %d", c.losses, got, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	at := func(loss ...float64) []found[float32] {
		var out []found[float32]
		for i, l := range loss {
			out = append(out, found[float32]{Solution: study.Solution{Step: i, Loss: l}})
		}
		return out
	}
	f := nearest(at(1.3, 1.01, .9), 1)
	if f.Step != 1 || f.Mismatch < .0099 || f.Mismatch > .0101 || len(f.Warnings) != 0 {
		t.Errorf("got %+v", f.Solution)
	}
	if f = nearest(at(1.3, .9), 1); f.Step != 1 || len(f.Warnings) != 1 {
		t.Errorf("a jump past the level is not reported: %+v", f.Solution)
	}
}
