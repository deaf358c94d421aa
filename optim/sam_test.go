package optim

import (
	"math"
	"testing"

	"basin/problem"
)

// A parabola is a/2 |x|^2.
type parabola struct {
	l *problem.Layout
	a float64
}

func (f parabola) Layout() *problem.Layout { return f.l }
func (f parabola) Loss(x []float64) float64 {
	return f.a / 2 * math.Pow(norm(x, []span{{0, len(x), 0}}), 2)
}

func (f parabola) Grad(dst, x []float64) float64 {
	for i, v := range x {
		dst[i] = f.a * v
	}
	return f.Loss(x)
}

func (f parabola) MulVec(problem.Matrix, []float64, []float64, []float64) bool { return false }

// On a/2 |x|^2 the gradient at x + rho x/|x| is a (1 + rho/|x|) x.
func TestSAM(t *testing.T) {
	l := problem.NewLayout(
		problem.Block{Name: "a", Role: problem.Weight, Shape: []int{1, 1}},
		problem.Block{Name: "b", Role: problem.Bias, Shape: []int{1}},
	)
	f := parabola{l, 2}
	st := stepper[float64](t, "sam(rho=0.5, norm_eps=0, base=sgd(lr=0.1, weight_decay=0.01))", l)
	x, d := []float64{3, -4}, make([]float64, 2)
	f.Grad(d, x)
	st.Step(&Step[float64]{T: 1, X: x, D: d, F: f})
	scale := -0.1 * (2*(1+0.5/5) + 0.01)
	if e := largest(d, []float64{3 * scale, -4 * scale}); e > 1e-15 {
		t.Errorf("the step is %v, want %v times x", d, scale)
	}
	if x[0] != 3 || x[1] != -4 {
		t.Error("it moved x")
	}
	// At a stationary point there is no uphill.
	clear(x)
	f.Grad(d, x)
	if st.Step(&Step[float64]{T: 2, X: x, D: d, F: f}); d[0] != 0 || d[1] != 0 {
		t.Errorf("at the minimum it steps by %v", d)
	}
}

func TestClipNorm(t *testing.T) {
	l := problem.NewLayout(
		problem.Block{Name: "a", Role: problem.Weight, Shape: []int{1, 1}},
		problem.Block{Name: "b", Role: problem.Bias, Shape: []int{1}},
	)
	x := []float64{10, 20}
	for text, want := range map[string][]float64{
		"clip_norm(10) | sgd(lr=1)":                                             {-3, -4},
		"clip_norm(1) | sgd(lr=1)":                                              {-0.6, -0.8},
		"clip_norm(1) | sgd(lr=1, weight_decay=1)":                              {-10.6, -20.8},
		"sgd(lr=10) | clip_norm(0.5)":                                           {-0.3, -0.4},
		"split(weight=clip_norm(1) | sgd(lr=1), bias=clip_norm(2) | sgd(lr=1))": {-1, -2},
	} {
		d := []float64{3, 4}
		stepper[float64](t, text, l).Step(&Step[float64]{T: 1, X: x, D: d})
		if largest(d, want) > 1e-15 {
			t.Errorf("%s: %v, want %v", text, d, want)
		}
	}
	d := []float64{3e200, 4e200} // squares overflow
	stepper[float64](t, "clip_norm(1) | sgd(lr=1)", l).Step(&Step[float64]{T: 1, X: x, D: d})
	if largest(d, []float64{-0.6, -0.8}) > 1e-15 {
		t.Errorf("of a huge gradient it makes %v", d)
	}
}
