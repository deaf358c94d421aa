package optim

import (
	"math"
	"strings"
	"testing"

	"basin/problem"
	"basin/rng"
)

// soapPath gives the sum of 15 changes for gradients drawn for a square matrix, which
// see turns and scales.
func soapPath(t *testing.T, text string, see func(g []float64)) []float64 {
	t.Helper()
	const n = 4
	st := stepper[float64](t, text, problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: []int{n, n}}))
	x, d := make([]float64, n*n), make([]float64, n*n)
	for step := 1; step <= 15; step++ {
		s := rng.At(1, "gradient", step)
		for i := range d {
			d[i] = s.Norm()
		}
		see(d)
		st.Step(&Step[float64]{T: step, X: x, D: d})
		for i, v := range d {
			x[i] += v
		}
	}
	return x
}

// With gradients of full rank neither the scale of the loss nor a rotation matters.
func TestSOAPInvariances(t *testing.T) {
	const text = "soap(lr=0.1, eps=0, weight_decay=0, precondition_frequency=3)"
	plain := soapPath(t, text, func([]float64) {})
	scaled := soapPath(t, text, func(g []float64) {
		for i := range g {
			g[i] *= 100
		}
	})
	turn := func(g []float64) { // of the first two rows, and of the last two columns
		const c, s = 0.8, 0.6
		for j := range 4 {
			g[j], g[4+j] = c*g[j]-s*g[4+j], s*g[j]+c*g[4+j]
		}
		for i := 0; i < 16; i += 4 {
			g[i+2], g[i+3] = c*g[i+2]-s*g[i+3], s*g[i+2]+c*g[i+3]
		}
	}
	turned := soapPath(t, text, turn)
	turn(plain)
	if e := largest(plain, turned); e > 1e-12 {
		t.Errorf("rotated by rotation: off by %.2g", e)
	}
	turn(scaled)
	if e := largest(plain, scaled); e > 1e-12 {
		t.Errorf("scaled by 100: off by %.2g", e)
	}
}

// The first basis is orthogonal whatever the rank of the gradient, and its axes for
// what the gradient does not have do not depend on rounding.
func TestSOAPFirstBasis(t *testing.T) {
	const rows, cols = 2, 5
	g := withValues(t, rows, cols, []float64{3, 2})
	var first []float64
	for _, scale := range []float64{1, 0.3, 1e-3} {
		st := stepper[float64](t, "soap", problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: []int{rows, cols}}))
		d := make([]float64, len(g))
		for i, v := range g {
			d[i] = scale * v
		}
		st.Step(&Step[float64]{T: 1, X: make([]float64, len(g)), D: d})
		if largest(d, make([]float64, len(g))) != 0 {
			t.Fatal("the first step is not skipped")
		}
		q := st.(*soap[float64]).bases[0][1].root
		for i := range cols {
			for j := range cols {
				dot := 0.0
				for k := range cols {
					dot += q[k*cols+i] * q[k*cols+j]
				}
				if i == j {
					dot--
				}
				if math.Abs(dot) > 1e-14 {
					t.Fatalf("columns %d and %d are not orthonormal: %v", i, j, dot)
				}
			}
		}
		if first == nil {
			first = append(first, q...)
		}
		for i := range cols {
			for j := rows; j < cols; j++ {
				if math.Abs(math.Abs(q[i*cols+j])-math.Abs(first[i*cols+j])) > 1e-12 {
					t.Fatalf("scaled by %v the basis is another one", scale)
				}
			}
		}
	}
}

// When no basis can be had, the old one serves on, and this is told.
func TestSOAPFailure(t *testing.T) {
	l := problem.NewLayout(problem.Block{Name: "head", Role: problem.Weight, Shape: []int{2, 3}})
	st, x := stepper[float64](t, "soap(precondition_frequency=1)", l), make([]float64, 6)
	for step, g := range []float64{1, math.NaN()} {
		d := []float64{1, 2, 3, g, 5, 7}
		st.Step(&Step[float64]{T: step + 1, X: x, D: d})
	}
	w := st.(*soap[float64]).Warnings()
	if len(w) != 2 || !strings.Contains(w[0], "soap: 1 renewals of a basis of length 2 of head failed") {
		t.Errorf("warnings: %q", w)
	}
}
