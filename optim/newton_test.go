package optim

import (
	"math"
	"strings"
	"testing"

	"basin/problem"
)

// parabolas is sum a x^2/2, with the one matrix that it is asked for.
type parabolas struct {
	layout *problem.Layout
	a      []float64
	matrix problem.Matrix
}

func (f *parabolas) Layout() *problem.Layout { return f.layout }

func (f *parabolas) Loss(x []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += f.a[i] * v * v / 2
	}
	return sum
}

func (f *parabolas) Grad(dst, x []float64) float64 {
	for i, v := range x {
		dst[i] = f.a[i] * v
	}
	return f.Loss(x)
}

func (f *parabolas) MulVec(m problem.Matrix, dst, x, v []float64) bool {
	for i, e := range v {
		dst[i] = f.a[i] * e
	}
	return m == f.matrix
}

func newParabolas(m problem.Matrix, a ...float64) *parabolas {
	return &parabolas{problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: []int{len(a)}}), a, m}
}

// change is what a rule makes of the gradient of f at x.
func change(t *testing.T, text string, f *parabolas, x []float64) []float64 {
	t.Helper()
	st, err := New(optimizer(t, text), &Context[float64]{Layout: f.layout, Blocks: f.layout.Blocks, Start: x, First: f})
	if err != nil {
		t.Fatal(err)
	}
	d := make([]float64, len(x))
	loss := f.Grad(d, x)
	st.Step(&Step[float64]{T: 1, X: x, D: d, Loss: loss, F: f})
	return d
}

// As many conjugate gradients as there are curvatures solve for the step; damping is added
// to each curvature. Where there is none that is positive, the gradient is left.
func TestNewtonStep(t *testing.T) {
	x := []float64{1, -2, 3, 0.5}
	for _, c := range []struct {
		text    string
		matrix  problem.Matrix
		a, want []float64
	}{
		{"newton_cg(lr=1, damping=0, steps=4, tol=0)", problem.Hessian, []float64{1, 2, 5, 9}, []float64{-1, 2, -3, -0.5}},
		{"gauss_newton(lr=0.5, damping=1, steps=4, tol=0)", problem.GaussNewton, []float64{1, 3, 1, 3}, []float64{-0.25, 0.75, -0.75, -0.1875}},
		{"natural(lr=1, damping=0, steps=2, tol=0, weight_decay=0.5)", problem.Fisher, []float64{4, 4, 7, 7}, []float64{-1.5, 3, -4.5, -0.75}},
		{"natural(lr=1, damping=0, steps=1, matrix=empirical)", problem.EmpiricalFisher, []float64{2, 2, 2, 2}, []float64{-1, 2, -3, -0.5}},
		{"newton_cg(lr=0.1, damping=1)", problem.Hessian, []float64{-2, -3, -2, -9}, []float64{0.2, -0.6, 0.6, 0.45}},
	} {
		for i, d := range change(t, c.text, newParabolas(c.matrix, c.a...), x) {
			if !(math.Abs(d-c.want[i]) < 1e-12) {
				t.Errorf("%s: coordinate %d changes by %v, want %v", c.text, i, d, c.want[i])
			}
		}
	}
}

// A step that would raise the loss is not made, and damping grows until one is.
func TestNewtonRejects(t *testing.T) {
	f, x := newParabolas(problem.GaussNewton, 1, 2), []float64{1, 1}
	wrong := &weak{f}
	st, err := New(optimizer(t, "gauss_newton(lr=1, damping=0.1, adapt=true)"), &Context[float64]{Layout: f.layout, Blocks: f.layout.Blocks, Start: x, First: wrong})
	if err != nil {
		t.Fatal(err)
	}
	d, rejected := make([]float64, 2), 0
	for step := range 20 {
		loss := f.Grad(d, x)
		st.Step(&Step[float64]{T: step + 1, X: x, D: d, Loss: loss, F: wrong})
		if d[0] != 0 {
			break
		}
		rejected++
	}
	if rejected == 0 || d[0] == 0 || f.Loss([]float64{x[0] + d[0], x[1] + d[1]}) > f.Loss(x) {
		t.Errorf("after %d rejections the change is %v", rejected, d)
	}
}

// weak has a curvature a third of the true one, so that steps go too far.
type weak struct{ *parabolas }

func (f *weak) MulVec(m problem.Matrix, dst, x, v []float64) bool {
	ok := f.parabolas.MulVec(m, dst, x, v)
	for i := range dst {
		dst[i] /= 3
	}
	return ok
}

// Rules that look further refuse an objective that does not let them.
func TestLookingFurtherIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"natural":                   "natural: this objective has no Fisher matrix",
		"natural(matrix=empirical)": "no empirical Fisher matrix",
		"gauss_newton":              "no Gauss-Newton matrix",
		"sophia_g":                  "sophia_g: this objective has no labels",
		"kfac":                      "kfac: this objective has no layers",
		"newton_cg":                 "",
	} {
		f := newParabolas(problem.Hessian, 1, 2)
		_, err := New(optimizer(t, text), &Context[float64]{Layout: f.layout, Blocks: f.layout.Blocks, Start: make([]float64, 2), First: f})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	f := newParabolas(problem.GaussNewton, 1, 2)
	for _, text := range []string{"adahessian", "sophia_h", "newton_cg"} {
		_, err := New(optimizer(t, text), &Context[float64]{Layout: f.layout, Blocks: f.layout.Blocks, Start: make([]float64, 2), First: f})
		if err == nil || !strings.Contains(err.Error(), "no Hessian matrix") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
