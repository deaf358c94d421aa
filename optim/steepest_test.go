package optim

import (
	"fmt"
	"math"
	"testing"

	"basin/linop"
	"basin/problem"
)

// The direction is the closed form, and <g, direction> the dual norm.
func TestSteepestDirections(t *testing.T) {
	g := withValues(t, 4, 3, []float64{3, 2, 0.5})
	u, _, vt, err := linop.SVD(g, 4, 3)
	if err != nil {
		t.Fatal(err)
	}
	sum, top := 0.0, 0.0
	for _, e := range g {
		sum, top = sum+math.Abs(e), max(top, math.Abs(e))
	}
	outer := func(rank int) []float64 {
		w := make([]float64, 12)
		for p := range rank {
			for i := range 4 {
				for j := range 3 {
					w[i*3+j] += u[i*3+p] * vt[p*3+j]
				}
			}
		}
		return w
	}
	each := func(f func(e float64) float64) []float64 {
		w := make([]float64, len(g))
		for i, e := range g {
			w[i] = f(e)
		}
		return w
	}
	frobenius := math.Sqrt(9 + 4 + 0.25)
	for norm, c := range map[string]struct {
		want []float64
		dual float64
	}{
		"l2":       {each(func(e float64) float64 { return e / frobenius }), frobenius},
		"linf":     {each(func(e float64) float64 { return math.Copysign(1, e) }), sum},
		"l1":       {each(func(e float64) float64 { return math.Trunc(e / top) }), top},
		"spectral": {outer(3), 5.5},
		"nuclear":  {outer(1), 3},
	} {
		for _, shape := range [][]int{{4, 3}, {4, 3, 1, 1}} {
			got := firstStep(t, fmt.Sprintf("steepest(lr=2, norm=%s)", norm), g, shape...)
			free := firstStep(t, fmt.Sprintf("steepest(lr=2, norm=%s, normalize=false)", norm), g, shape...)
			for i, w := range c.want {
				if math.Abs(got[i]+2*w) > 1e-12 || math.Abs(free[i]+2*c.dual*w) > 1e-11 {
					t.Errorf("%s %v: entry %d moves by %v and %v, want %v and %v", norm, shape, i, got[i], free[i], -2*w, -2*c.dual*w)
				}
			}
		}
	}
}

// Vectors have l2 for the norms of matrices, and of equal entries l1 takes the first.
func TestSteepestVectors(t *testing.T) {
	l := problem.NewLayout(problem.Block{Name: "b", Role: problem.Bias, Shape: []int{4}})
	for text, want := range map[string][]float64{
		"steepest(lr=5, rest_norm=spectral)": {0, -3, 4, 0},
		"steepest(lr=5, rest_norm=nuclear)":  {0, -3, 4, 0},
		"steepest(lr=5, rest_norm=linf)":     {0, -5, 5, 0},
		"steepest(lr=5, rest_norm=l1)":       {0, 0, 5, 0},
	} {
		d := []float64{0, 3, -4, 0}
		stepper[float64](t, text, l).Step(&Step[float64]{T: 1, X: make([]float64, 4), D: d})
		if largest(d, want) > 1e-15 {
			t.Errorf("%s: %v, want %v", text, d, want)
		}
	}
	d := []float64{0, 3, -3, 3}
	stepper[float64](t, "steepest(lr=1, rest_norm=l1)", l).Step(&Step[float64]{T: 1, X: make([]float64, 4), D: d})
	if largest(d, []float64{0, -1, 0, 0}) != 0 {
		t.Errorf("of equal entries: %v", d)
	}
}
