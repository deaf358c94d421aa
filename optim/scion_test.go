package optim

import (
	"math"
	"testing"

	"basin/problem"
)

// Every kind of block moves by its own norm, and constrained towards zero besides.
func TestScionNorms(t *testing.T) {
	l := problem.NewLayout(
		problem.Block{Name: "embed", Role: problem.Embedding, Shape: []int{1, 2}},
		problem.Block{Name: "conv.weight", Role: problem.Weight, Shape: []int{8, 2, 2, 2}},
		problem.Block{Name: "conv.bias", Role: problem.Bias, Shape: []int{2}},
		problem.Block{Name: "head.weight", Role: problem.Weight, Shape: []int{1, 4}},
		problem.Block{Name: "head.bias", Role: problem.Bias, Shape: []int{1}},
	)
	x, d, want := make([]float64, l.N), make([]float64, l.N), make([]float64, l.N)
	for i := range x {
		x[i] = float64(i)
	}
	set := func(block int, g, u []float64) {
		copy(problem.View(d, l.Blocks[block]), g)
		copy(problem.View(want, l.Blocks[block]), u)
	}
	conv, turned := make([]float64, 64), make([]float64, 64)
	for i := range 8 {
		conv[i*8+(i+1)%8] = -3                         // a permutation times -3
		turned[i*8+(i+1)%8] = -2 * math.Sqrt(8./2) / 4 // radius, sqrt(out/in), area
	}
	set(0, []float64{3, -1e-9}, []float64{10. / 2, -10. / 2})
	set(1, conv, turned)
	set(2, []float64{3, 4}, []float64{2 * 3 / math.Sqrt(12.5), 2 * 4 / math.Sqrt(12.5)})
	set(3, []float64{0, 1, -2, 3}, []float64{0, 10. / 4, -10. / 4, 10. / 4})
	set(4, []float64{-7}, []float64{-2})
	for text, decay := range map[string]float64{
		"scion(lr=0.1, momentum=0, radius=2, last_radius=10, orthogonalize=polar)":                    0.1,
		"scion(lr=0.1, momentum=0, radius=2, last_radius=10, orthogonalize=polar, constrained=false)": 0,
	} {
		got := append([]float64(nil), d...)
		stepper[float64](t, text, l).Step(&Step[float64]{T: 1, X: x, D: got})
		for i, u := range want {
			if e := got[i] + 0.1*u + decay*x[i]; math.Abs(e) > 1e-12 {
				t.Errorf("%s: entry %d moves by %v, off by %.2g", text, i, got[i], e)
			}
		}
	}
}
