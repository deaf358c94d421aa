package optim

import (
	"testing"

	"basin/problem"
)

// The answer is the last point up to step t0+1, and the mean of all points from there
// on, whatever a later link makes of the change.
func TestASGDAnswersWithMean(t *testing.T) {
	l := problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: []int{2, 2}})
	x, d, answer := []float64{1, -2, 3, 0.5}, make([]float64, 4), make([]float64, 4)
	st, err := New(optimizer(t, "asgd(lr=0.3, lambd=0.1, t0=3) | clip_norm(0.2)"), &Context[float64]{Layout: l, Blocks: l.Blocks, Start: x})
	if err != nil {
		t.Fatal(err)
	}
	averager, ok := As[Averager[float64]](st)
	if !ok {
		t.Fatal("it answers with no average")
	}
	averager.Average(answer, x)
	if e := largest(answer, x); e != 0 {
		t.Errorf("before the first step the answer is off by %g", e)
	}
	want := make([]float64, 4)
	for step := 1; step <= 20; step++ {
		copy(d, x)
		st.Step(&Step[float64]{T: step, X: x, D: d})
		for i := range x {
			x[i] += d[i]
			if step <= 4 {
				want[i] = x[i]
			} else {
				want[i] += (x[i] - want[i]) / float64(step-4)
			}
		}
		averager.Average(answer, x)
		if e := largest(answer, want); !(e < 1e-14) {
			t.Fatalf("at step %d the answer is off by %g", step, e)
		}
	}
}
