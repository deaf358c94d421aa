package nn

import (
	"fmt"
	"math"
	"testing"

	"basin/problem"
	"basin/recipe"
	"basin/rng"
)

func mustModel(t testing.TB, source string) Model {
	t.Helper()
	r, err := recipe.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseModel(source, r[0])
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mustNet(t testing.TB, source string, in Input, outputs int) *Net {
	t.Helper()
	n, err := NewNet(mustModel(t, source), in, outputs)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// numbers is the input of n numbers per example.
func numbers(n int) Input { return Input{Shape: []int{n}} }

// A subject is a small network with a loss, random examples, and a random point with
// no zeros, biases among them.
type subject[T problem.Float] struct {
	model    string
	loss     problem.LossKind
	net      *Net
	examples *Examples[T]
	x        []T
}

func newSubject[T problem.Float](t testing.TB, model string, loss problem.LossKind, examples int) *subject[T] {
	t.Helper()
	const inputs = 3
	outputs := 3
	if loss == problem.Logistic || loss == problem.Exponential {
		outputs = 1
	}
	s := rng.At(1, "subject", 0)
	ex := &Examples[T]{N: examples, In: inputs, X: normals[T](&s, examples*inputs)}
	if loss == problem.Squared {
		ex.Targets = normals[T](&s, examples*outputs)
	} else {
		for range examples {
			ex.Labels = append(ex.Labels, s.IntN(max(2, outputs)))
		}
	}
	n := mustNet(t, model, numbers(inputs), outputs)
	x := normals[T](&s, n.layout.N)
	for i := range x {
		x[i] *= 0.7
	}
	return &subject[T]{model, loss, n, ex, x}
}

func (s *subject[T]) String() string { return fmt.Sprintf("%s, %v", s.model, s.loss) }

func (s *subject[T]) objective(chunk int) *Objective[T] {
	return NewEngine[T](s.net, s.loss, chunk).Objective(s.examples)
}

func normals[T problem.Float](s *rng.Stream, n int) []T {
	v := make([]T, n)
	for i := range v {
		v[i] = T(s.Norm())
	}
	return v
}

var allLosses = []problem.LossKind{problem.SoftmaxCrossEntropy, problem.Squared, problem.Logistic, problem.Exponential}

// smoothModels have no kinks, so that differences converge and two orders of
// summation agree.
var smoothModels = []string{
	"linear", "linear(bias=false)", "mlp(4, act=tanh)", "mlp(4, 2, act=sigmoid)", "mlp(3, 3, 2, act=gelu, bias=false)",
	"mlp(4, act=gelu_tanh)", "mlp(4, act=identity)",
}

// eachSubject runs f on every smooth model with every loss, and on a relu network.
func eachSubject(t *testing.T, f func(t *testing.T, s *subject[float64])) {
	for _, model := range append(smoothModels, "mlp(5, 3)") {
		for _, loss := range allLosses {
			t.Run(fmt.Sprintf("%s/%v", model, loss), func(t *testing.T) {
				f(t, newSubject[float64](t, model, loss, 7))
			})
		}
	}
}

// slope is the derivative of f at 0 by central differences, twice extrapolated: the
// error is of order h^6, that of rounding near 1e-13.
func slope(f func(h float64) []float64) []float64 { return slopeWithin(1.0/256, f) }

// slopeWithin is slope by differences over h and less.
func slopeWithin(h float64, f func(h float64) []float64) []float64 {
	central := func(h float64) []float64 {
		up, down := f(h), f(-h)
		d := make([]float64, len(up))
		for i := range d {
			d[i] = (up[i] - down[i]) / (2 * h)
		}
		return d
	}
	d1, d2, d4 := central(h), central(h/2), central(h/4)
	for i := range d1 {
		a, b := (4*d2[i]-d1[i])/3, (4*d4[i]-d2[i])/3
		d1[i] = (16*b - a) / 15
	}
	return d1
}

func moved(x, v []float64, h float64) []float64 {
	y := make([]float64, len(x))
	for i := range x {
		y[i] = x[i] + h*v[i]
	}
	return y
}

func unit(n, i int) []float64 {
	v := make([]float64, n)
	v[i] = 1
	return v
}

// compare reports the first element that is off by more than tol of the largest.
func compare[T problem.Float](t *testing.T, what string, got []T, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	var scale float64
	for _, w := range want {
		scale = max(scale, math.Abs(w))
	}
	for i, w := range want {
		if off := math.Abs(float64(got[i]) - w); !(off <= tol*scale) {
			t.Fatalf("%s: element %d of %d: got %v, want %v; off by %.1e, allowed %.1e", what, i, len(want), got[i], w, off, tol*scale)
		}
	}
}
