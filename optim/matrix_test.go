package optim

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"basin/problem"
	"basin/rng"
)

// awkward are shapes at which matrix rules could stumble.
var awkward = [][]int{{}, {1}, {6}, {1, 1}, {1, 7}, {7, 1}, {1, 1, 1, 3}, {3, 2, 1, 1}, {2, 3, 2, 2}, {2, 1, 5}}

// Shapes with sides of one, scalars and tensors, gradients of zero, of rank one and from
// a few coordinates alone: every change is finite, and zero for no gradient.
func TestMatrixRulesAwkward(t *testing.T) {
	var blocks []problem.Block
	for i, shape := range awkward {
		role := problem.Weight
		if len(shape) < 2 {
			role = problem.Bias
		}
		blocks = append(blocks, problem.Block{Name: fmt.Sprintf("%d.w", i), Role: role, Shape: shape})
	}
	l := problem.NewLayout(blocks...)
	x := make([]float64, l.N)
	gradients := map[string]func(b problem.Block, s *rng.Stream, d []float64){
		"zero": func(problem.Block, *rng.Stream, []float64) {},
		"rank one": func(b problem.Block, s *rng.Stream, d []float64) {
			cols := b.Len()
			if _, n, ok := b.Matrix(); ok {
				cols = n
			}
			row := make([]float64, cols)
			for j := range row {
				row[j] = s.Norm()
			}
			for i := 0; i < len(d); i += cols {
				a := s.Norm()
				for j, v := range row {
					d[i+j] = a * v
				}
			}
		},
		"first entry": func(_ problem.Block, _ *rng.Stream, d []float64) { d[0] = 1e-3 },
	}
	for _, text := range []string{
		"shampoo(interval=2)", "dshampoo(precondition_frequency=2)", "dshampoo(precondition_frequency=1, eps=0, grafting=none, max_preconditioner_dim=2)",
		"soap(precondition_frequency=2)", "soap(precondition_frequency=1, eps=0)", "psgd_kron", "psgd_kron(max_size_triangular=2)",
		"galore_adamw(rank=3, update_proj_gap=2)", "galore_adamw(rank=1, eps=0)",
		"steepest", "steepest(norm=nuclear, rest_norm=l1)", "steepest(norm=l1, normalize=false)", "scion", "scion(orthogonalize=polar)",
	} {
		for name, fill := range gradients {
			st, d := stepper[float64](t, text, l), make([]float64, l.N)
			for step := 1; step <= 9; step++ {
				s := rng.At(3, "awkward", step)
				clear(d)
				for _, b := range l.Blocks {
					fill(b, &s, problem.View(d, b))
				}
				st.Step(&Step[float64]{T: step, X: x, D: d})
				for i, v := range d {
					if math.IsNaN(v) || math.IsInf(v, 0) || name == "zero" && v != 0 {
						t.Fatalf("%s, %s gradient: D[%d] is %v at step %d", text, name, i, v, step)
					}
				}
			}
			if w, ok := As[Warner](st); ok && w.Warnings() != nil {
				t.Errorf("%s, %s gradient: it warns: %q", text, name, w.Warnings())
			}
		}
	}
}

// A NaN that comes later than at the first step shows, in the block that it is in, and
// what could not be decomposed is told.
func TestMatrixRulesNaN(t *testing.T) {
	l := problem.NewLayout(
		problem.Block{Name: "a.w", Role: problem.Weight, Shape: []int{3, 4}},
		problem.Block{Name: "b.w", Role: problem.Weight, Shape: []int{2, 2}},
	)
	for text, says := range map[string]string{
		"dshampoo(precondition_frequency=1)":             "dshampoo: 1 renewals of the root for dimension 1 of a.w failed; the older root was kept",
		"soap(precondition_frequency=1)":                 "soap: 1 renewals of a basis of length 3 of a.w failed; the older basis was kept",
		"psgd_kron":                                      "psgd_kron: 1 updates of the preconditioner of a.w failed; the older one was kept",
		"galore_adamw(rank=2, update_proj_gap=1)":        "galore_adamw: 1 decompositions of the gradient of a.w failed; the older projection was kept",
		"steepest(norm=spectral)":                        "",
		"steepest(norm=nuclear)":                         "",
		"scion":                                          "",
		"scion(momentum=0, orthogonalize=polar)":         "",
		"steepest(norm=l1, rest_norm=l1)":                "",
		"steepest(norm=linf, normalize=false)":           "",
		"steepest(norm=nuclear, normalize=false)":        "",
		"dshampoo(precondition_frequency=100)":           "",
		"psgd_kron(preconditioner_update_probability=0)": "",
	} {
		st, x, d := stepper[float64](t, text, l), make([]float64, l.N), make([]float64, l.N)
		for step := 1; step <= 5; step++ {
			s := rng.At(4, "gradient", step)
			for i := range d {
				d[i] = s.Norm()
			}
			if step == 5 {
				d[6] = math.NaN()
			}
			st.Step(&Step[float64]{T: step, X: x, D: d})
		}
		if !math.IsNaN(d[6]) {
			t.Errorf("%s: the change hides the NaN: %v", text, d[:12])
		}
		for _, v := range d[12:] {
			if math.IsNaN(v) {
				t.Errorf("%s: the NaN gets into the other block: %v", text, d[12:])
			}
		}
		var warnings []string
		if w, ok := As[Warner](st); ok {
			warnings = w.Warnings()
		}
		if got := strings.Join(warnings, "\n"); (got == "") != (says == "") || !strings.Contains(got, says) {
			t.Errorf("%s warns %q, want %q", text, got, says)
		}
	}
}
