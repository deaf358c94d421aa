package optim

import (
	"math"
	"testing"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
	"basin/rng"
)

// What it makes of gradients with covariances L L' and R R' between their rows and
// columns comes to be white, and of independent ones all of one size.
func TestPSGDWhitens(t *testing.T) {
	l := problem.NewLayout(
		problem.Block{Name: "w", Role: problem.Weight, Shape: []int{2, 3}},
		problem.Block{Name: "b", Role: problem.Bias, Shape: []int{4}},
	)
	st := stepper[float64](t, "psgd_kron(lr=1, beta1=0, precond_lr=0.02)", l)
	left, right := []float64{3, 0, -5, 0.2}, []float64{1, 0, 0, 0.5, 2, 0, 1, -1, 0.1}
	sizes := []float64{10, 0.1, 1, 3}
	x, d, z := make([]float64, l.N), make([]float64, l.N), make([]float64, 6)
	var moment [10][10]float64
	var scratch kernel.Scratch[float64]
	const steps, settled = 6000, 3000
	for step := 1; step <= steps; step++ {
		s := rng.At(7, "gradient", step)
		for i := range z {
			z[i] = s.Norm()
		}
		half := make([]float64, 6)
		kernel.MatMul(&scratch, half, 3, left, 2, 1, z, 3, 1, 2, 3, 2, false)
		kernel.MatMul(&scratch, d, 3, half, 3, 1, right, 1, 3, 2, 3, 3, false)
		for i, size := range sizes {
			d[6+i] = size * s.Norm()
		}
		st.Step(&Step[float64]{T: step, X: x, D: d})
		if step <= settled {
			continue
		}
		for i := range 10 {
			for j := range 10 {
				moment[i][j] += d[i] * d[j] / (steps - settled)
			}
		}
	}
	t.Logf("moments %.2f", moment)
	for i := range 10 {
		for j := range 10 {
			want := 0.0
			if i == j {
				want = 0.8 // the clip at a root mean square of 1.1 takes some
			}
			if (i < 6) == (j < 6) && math.Abs(moment[i][j]-want) > 0.2 {
				t.Errorf("the moment of entries %d and %d is %.2f, want about %.1f", i, j, moment[i][j], want)
			}
		}
	}
}

// The bound is below the largest eigenvalue, and not far.
func TestPSGDLowerBound(t *testing.T) {
	const n = 6
	r := psgdKron[float64]{z: make([]float64, n), y: make([]float64, n)}
	for trial := range 20 {
		s := rng.At(8, "matrix", trial)
		a, gram := make([]float64, n*n), make([]float64, n*n)
		for i := range a {
			a[i] = s.Norm()
		}
		kernel.Gram(&r.scratch, gram, n, a, n, 1, n, n, false)
		kernel.Mirror(gram, n, n)
		kernel.Scale(gram, 1/kernel.AbsMax(gram))
		values, err := linop.SymValues(gram, n)
		if err != nil {
			t.Fatal(err)
		}
		if got, top := r.lowerBound(gram, n), values[n-1]; got > top*(1+1e-14) || got < 0.7*top {
			t.Errorf("the bound is %v, the norm %v", got, top)
		}
	}
}

// The shape with the smaller columns less rows, sign included, and the former of equals.
func TestMerged(t *testing.T) {
	for _, c := range []struct {
		shape      []int
		rows, cols int
	}{
		{[]int{4, 3}, 4, 3}, {[]int{3, 4}, 3, 4}, {[]int{4, 3, 3, 3}, 36, 3}, {[]int{64, 1, 3}, 64, 3}, {[]int{2, 1, 100}, 2, 100}, {[]int{100, 1, 2}, 100, 2}, {[]int{1, 1, 1}, 1, 1},
	} {
		if rows, cols := merged(c.shape); rows != c.rows || cols != c.cols {
			t.Errorf("%v becomes %d x %d, want %d x %d", c.shape, rows, cols, c.rows, c.cols)
		}
	}
}

// A share of 0.3 is an update at every fourth step; before the first the step is the mean of
// gradients itself.
func TestPSGDUpdatesEvenly(t *testing.T) {
	l := problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: []int{2, 2}})
	st := stepper[float64](t, "psgd_kron(lr=1, preconditioner_update_probability=0.3)", l)
	for step := 1; step <= 4; step++ {
		d := []float64{0.5, 0.25, -0.5, 0.125}
		st.Step(&Step[float64]{T: step, X: make([]float64, 4), D: d})
		if plain := math.Abs(d[0]+0.5) < 1e-15; plain != (step < 4) {
			t.Errorf("step %d moves by %v", step, d)
		}
	}
}
