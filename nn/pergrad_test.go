package nn

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"basin/graph"
	"basin/problem"
)

// The gradients of single examples, together or alone, are those of the objectives of
// single examples, and their norms are the norms of those.
func TestExamplesApart(t *testing.T) {
	for _, m := range smallModels {
		s := modelled[float64](t, m, 7)
		e := NewEngine[float64](s.net, s.loss, 3)
		e.Calibrate(s.x, s.examples)
		// Products of parameters have no rule.
		if products := strings.HasPrefix(m.recipe, "matrix_product"); (e.group(evaluation) == 3) == products {
			t.Errorf("%s: gradients of %d examples together", m, e.group(evaluation))
		}
		o, n := e.Objective(s.examples), len(s.x)
		const lo, hi = 1, 6
		grads, norms := make([]float64, (hi-lo)*n), make([]float64, 7)
		o.ExampleGrads(grads, s.x, lo, hi)
		o.ExampleNorms(norms, s.x)
		for i := range norms {
			want := make([]float64, n)
			o.Subset([]int{i}).Grad(want, s.x)
			if i >= lo && i < hi {
				compare(t, fmt.Sprintf("%s: gradient of example %d", m, i), grads[(i-lo)*n:(i-lo+1)*n], want, 1e-12)
			}
			compare(t, fmt.Sprintf("%s: norm of example %d", m, i), norms[i:i+1], []float64{math.Sqrt(dot(want, want))}, 1e-12)
		}
	}
}

// unparted is a model with a weight that no rule for single examples covers.
type unparted struct{}

func (unparted) Build(b *Builder, x *graph.Node) *graph.Node {
	w := b.Param("weight", problem.Weight, Scaled("he_normal", 1), b.Input.Len(), b.Outputs)
	return b.Graph.Tanh(b.Graph.MatMul(x, b.Graph.Softmax(w), false, false))
}

func TestExamplesOneByOne(t *testing.T) {
	net, err := NewNet(Model{name: "unparted", arch: unparted{}}, numbers(3), 3)
	if err != nil {
		t.Fatal(err)
	}
	s := newSubject[float64](t, "linear(bias=false)", problem.SoftmaxCrossEntropy, 5)
	e := NewEngine[float64](net, s.loss, 3)
	o, n := e.Objective(s.examples), len(s.x)
	if e.group(evaluation) != 1 {
		t.Error("gradients of several examples together")
	}
	grads, norms, want := make([]float64, 5*n), make([]float64, 5), make([]float64, n)
	o.ExampleGrads(grads, s.x, 0, 5)
	o.ExampleNorms(norms, s.x)
	for i := range norms {
		o.Subset([]int{i}).Grad(want, s.x)
		compare(t, "gradient", grads[i*n:(i+1)*n], want, 1e-14)
		compare(t, "norm", norms[i:i+1], []float64{math.Sqrt(dot(want, want))}, 1e-14)
	}
}
