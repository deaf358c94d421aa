package optimtest

import (
	"math"
	"slices"
	"testing"

	"basin/problem"
)

// odd has blocks of the shapes that are easily forgotten.
var odd = problem.NewLayout(
	problem.Block{Name: "first.weight", Role: problem.Weight, Shape: []int{1, 6}},
	problem.Block{Name: "none.weight", Role: problem.Weight, Shape: []int{0, 4}},
	problem.Block{Name: "first.bias", Role: problem.Bias, Shape: []int{1}},
	problem.Block{Name: "second.weight", Role: problem.Weight, Shape: []int{6, 1}},
	problem.Block{Name: "norm.gain", Role: problem.Gain, Shape: []int{}},
	problem.Block{Name: "embed.weight", Role: problem.Embedding, Shape: []int{1, 1}},
	problem.Block{Name: "conv.weight", Role: problem.Weight, Shape: []int{2, 1, 1, 3}},
	problem.Block{Name: "none.bias", Role: problem.Bias, Shape: []int{0}},
	problem.Block{Name: "last.weight", Role: problem.Weight, Shape: []int{1, 1}},
	problem.Block{Name: "last.bias", Role: problem.Bias, Shape: []int{2}},
)

// shapes: blocks of one row, one column, one number, no dimension and no number at all
// are trained like others.
func shapes[T problem.Float](t *testing.T, text string) {
	r := newRun(t, resolve(t, text), problem.Objective[T](newQuadratic[T](odd)), convert[T](start(odd)), 30)
	before := r.f.Loss(r.x)
	for range 30 {
		r.step()
		finite(t, r)
	}
	if after := r.f.Loss(r.x); !(after < before) && !elsewhere(t, text) {
		t.Errorf("the loss goes from %.3g to %.3g", before, after)
	}
}

// late: after a million steps a rule still moves, by finite changes.
func late[T problem.Float](t *testing.T, text string) {
	r := newRun(t, resolve(t, text), problem.Objective[T](newQuadratic[T](layout)), convert[T](start(layout)), 3_000_000)
	r.steps(3)
	r.t = 1_999_990
	from := slices.Clone(r.x)
	for range 20 {
		r.step()
		finite(t, r)
	}
	if slices.Equal(from, r.x) {
		t.Error("it does not move")
	}
}

// finite holds the last change to numbers that are finite.
func finite[T problem.Float](t *testing.T, r *run[T]) {
	t.Helper()
	for i, v := range r.d {
		if v := float64(v); math.IsNaN(v) || math.IsInf(v, 0) {
			t.Fatalf("D[%d] is %v at step %d", i, v, r.t)
		}
	}
}
