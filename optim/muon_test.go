package optim

import (
	"math"
	"strings"
	"testing"

	"basin/problem"
)

// A kernel of 4 x 1 scales a convolution by 2, though as a matrix it is wide.
func TestMuonKernelScale(t *testing.T) {
	l := problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: []int{2, 1, 4, 1}})
	x, d, kernel := make([]float64, l.N), []float64{1, -2, 3, 0, 5, 1, 0, -1}, []float64{1, -2, 3, 0, 5, 1, 0, -1}
	stepper[float64](t, "muon", l).Step(&Step[float64]{T: 1, X: x, D: d})
	stepper[float64](t, "muon(scale=kernel)", l).Step(&Step[float64]{T: 1, X: x, D: kernel})
	for i := range d {
		if math.Abs(kernel[i]-2*d[i]) > 1e-16 {
			t.Errorf("entry %d moves by %v, with the kernel's scale by %v", i, d[i], kernel[i])
		}
	}
}

func TestMuonKernelScaleRefuses(t *testing.T) {
	l := problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: []int{2, 3, 4}})
	o := optimizer(t, "muon(scale=kernel)")
	_, err := New(o, &Context[float64]{Layout: l, Blocks: l.Blocks, Start: make([]float64, l.N)})
	if err == nil || !strings.Contains(err.Error(), "w has 3") {
		t.Errorf("it says %v", err)
	}
}
