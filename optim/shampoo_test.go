package optim

import (
	"math"
	"strings"
	"testing"

	"basin/linop"
	"basin/problem"
	"basin/rng"
)

// firstStep gives the first change to a block of this shape for the gradient g, at
// x = 0.
func firstStep(t *testing.T, text string, g []float64, shape ...int) []float64 {
	t.Helper()
	st := stepper[float64](t, text, problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: shape}))
	d := append([]float64(nil), g...)
	st.Step(&Step[float64]{T: 1, X: make([]float64, len(g)), D: d})
	return d
}

// With one gradient U diag(s) V' as all there is to know, H_1 and H_2 have the
// eigenvalues s^2 + delta, delta being the ridge, so that the step is
// U diag(s (s^2+delta)^-exponent) V': close to the polar factor for exponent 1/2.
func TestShampooFirstStep(t *testing.T) {
	values := []float64{3, 2, 0.5}
	g := withValues(t, 5, 4, values)
	u, _, vt, err := linop.SVD(g, 5, 4)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text            string
		delta, exponent float64
	}{
		{"shampoo(lr=1, beta1=0, ridge=0, clip=inf, exponent=0)", 0, 0},
		{"shampoo(lr=1, beta1=0, clip=inf)", 9e-6, 0.5},
		{"shampoo(lr=1, beta1=0.9, beta2=0.5)", 9e-6, 0.5}, // corrected for the start at zero
		{"shampoo(lr=1, beta1=0, beta2=1, ridge=0, eps=0.1, clip=inf, exponent=1)", 0.1, 1},
	} {
		want := make([]float64, len(g))
		for p, s := range values {
			for i := range 5 {
				for j := range 4 {
					want[i*4+j] -= u[i*4+p] * s * math.Pow(s*s+c.delta, -c.exponent) * vt[p*4+j]
				}
			}
		}
		e := largest(firstStep(t, c.text, g, 5, 4), want)
		t.Logf("%s: off by %.2g", c.text, e)
		if e > 1e-13 {
			t.Errorf("%s: off by %.2g", c.text, e)
		}
	}
}

// The first step for a vector is g/|g|, as a whole matrix and, with diagonals only,
// the sign.
func TestShampooVector(t *testing.T) {
	g := []float64{3, -4, 0, 12}
	if e := largest(firstStep(t, "shampoo(lr=13, beta1=0, beta2=1, ridge=1e-6)", g, 4), []float64{-3, 4, 0, -12}); e > 7e-6 {
		t.Errorf("the full root is off by %.2g", e)
	}
	if e := largest(firstStep(t, "shampoo(lr=1, beta1=0, beta2=1, ridge=0, max_dim=3)", g, 4), []float64{-1, 1, 0, -1}); e > 1e-15 {
		t.Errorf("the diagonal root is off by %.2g", e)
	}
}

// Diagonals of a matrix are the sums of squares of its rows and columns.
func TestShampooDiagonal(t *testing.T) {
	g := []float64{1, 2, -3, 4, 5, 6}
	want := make([]float64, 6)
	rows, cols := []float64{14, 77}, []float64{17, 29, 45}
	for i := range 2 {
		for j := range 3 {
			want[i*3+j] = -g[i*3+j] / math.Pow(rows[i]*cols[j], 0.25)
		}
	}
	if e := largest(firstStep(t, "shampoo(lr=1, beta1=0, beta2=1, ridge=0, max_dim=1, clip=inf)", g, 2, 3), want); e > 1e-15 {
		t.Errorf("off by %.2g", e)
	}
}

// Roots that are sums of all gradients and always fresh never make a step that is
// clipped, whatever the gradients.
func TestShampooClipIdle(t *testing.T) {
	for _, shape := range [][]int{{4}, {3, 5}, {2, 3, 4}, {2, 2, 2, 2}} {
		l := problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: shape})
		free := stepper[float64](t, "shampoo(beta1=0.5, beta2=1, ridge=0, interval=1, clip=inf)", l)
		clipped := stepper[float64](t, "shampoo(beta1=0.5, beta2=1, ridge=0, interval=1, clip=1.000001)", l)
		x, a, b := make([]float64, l.N), make([]float64, l.N), make([]float64, l.N)
		for step := 1; step <= 50; step++ {
			s := rng.At(1, "gradient", step)
			for i := range a {
				a[i] = math.Exp(5*s.Norm()) * s.Sign()
			}
			copy(b, a)
			free.Step(&Step[float64]{T: step, X: x, D: a})
			clipped.Step(&Step[float64]{T: step, X: x, D: b})
			if largest(a, b) != 0 {
				t.Fatalf("shape %v: step %d is clipped", shape, step)
			}
		}
	}
}

// A gradient that the roots have not seen comes out no longer than white noise would.
func TestShampooClip(t *testing.T) {
	l := problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: []int{2, 8}})
	for text, want := range map[string]float64{"shampoo(lr=3, beta1=0)": 3 * 2, "shampoo(lr=3, beta1=0, clip=inf)": 3 * 1e3} {
		st, x, d := stepper[float64](t, text, l), make([]float64, 16), make([]float64, 16)
		d[0] = 1
		st.Step(&Step[float64]{T: 1, X: x, D: d})
		clear(d)
		d[15] = 1 // orthogonal to the first in rows and columns
		st.Step(&Step[float64]{T: 3, X: x, D: d})
		if got := norm(d, []span{{0, 16, 0}}); math.Abs(got-want) > 1e-3*want {
			t.Errorf("%s: the step is %v long, want %v", text, got, want)
		}
	}
}

// When no root can be had, the old one serves on, and this is told.
func TestShampooFailure(t *testing.T) {
	l := problem.NewLayout(problem.Block{Name: "head", Role: problem.Weight, Shape: []int{2, 3}})
	st, x := stepper[float64](t, "shampoo(interval=1, max_dim=2)", l), make([]float64, 6)
	st.Step(&Step[float64]{T: 1, X: x, D: []float64{1, 2, 3, 4, 5, 7}})
	r := st.(*shampoo[float64])
	full, diagonal := append([]float64(nil), r.modes[0][0].root...), append([]float64(nil), r.modes[0][1].root...)
	if r.Warnings() != nil {
		t.Errorf("it warns of nothing: %q", r.Warnings())
	}
	d := []float64{1, math.NaN(), 3, 4, 5, 6}
	st.Step(&Step[float64]{T: 2, X: x, D: d})
	if largest(r.modes[0][0].root, full) != 0 || largest(r.modes[0][1].root, diagonal) != 0 {
		t.Error("a root was changed")
	}
	w := r.Warnings()
	if len(w) != 2 || !strings.Contains(w[0], "1 renewals of the root for dimension 1 of head failed") {
		t.Errorf("warnings: %q", w)
	}
	if !math.IsNaN(d[1]) {
		t.Errorf("the change hides the NaN: %v", d)
	}
}

// Renewals come at powers of two and at multiples of interval.
func TestShampooInterval(t *testing.T) {
	l := problem.NewLayout(problem.Block{Name: "b", Role: problem.Bias, Shape: []int{2}})
	st, x := stepper[float64](t, "shampoo(interval=10)", l), make([]float64, 2)
	r := st.(*shampoo[float64])
	var renewed []int
	for step := 1; step <= 40; step++ {
		before := r.modes[0][0].root[0]
		st.Step(&Step[float64]{T: step, X: x, D: []float64{1, float64(step)}})
		if r.modes[0][0].root[0] != before {
			renewed = append(renewed, step)
		}
	}
	want := []int{1, 2, 4, 8, 10, 16, 20, 30, 32, 40}
	if len(renewed) != len(want) {
		t.Fatalf("renewed at %v, want %v", renewed, want)
	}
	for i := range want {
		if renewed[i] != want[i] {
			t.Fatalf("renewed at %v, want %v", renewed, want)
		}
	}
}
