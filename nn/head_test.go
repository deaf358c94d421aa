package nn

import (
	"math"
	"testing"

	"basin/problem"
	"basin/rng"
)

// A head's loss is that of its own outputs, and so are all that is derived from it.
func TestHead(t *testing.T) {
	s := rng.At(3, "head", 0)
	n := mustNet(t, "mlp(5, act=tanh)", numbers(3), 6)
	e := NewEngine[float64](n, problem.SoftmaxCrossEntropy, 4)
	ex := &Examples[float64]{N: 9, In: 3, X: normals[float64](&s, 27)}
	for range ex.N {
		ex.Labels = append(ex.Labels, s.IntN(2))
	}
	x := normals[float64](&s, n.layout.N)
	whole, o := e.Objective(ex), e.Head(2, 3).Objective(ex)
	all, own := make([]float64, ex.N*6), make([]float64, ex.N*2)
	whole.Outputs(all, x)
	o.Outputs(own, x)
	loss := 0.0
	for i, y := range ex.Labels {
		a, b := all[i*6+4], all[i*6+5]
		if own[i*2] != a || own[i*2+1] != b {
			t.Fatalf("outputs of example %d are %v, want %v and %v", i, own[i*2:i*2+2], a, b)
		}
		loss += (math.Log(math.Exp(a)+math.Exp(b)) - []float64{a, b}[y]) / float64(ex.N)
	}
	compare(t, "loss", []float64{o.Loss(x)}, []float64{loss}, 1e-14)
	g, slopes := make([]float64, len(x)), make([]float64, len(x))
	o.Grad(g, x)
	for i := range slopes {
		slopes[i] = slope(func(h float64) []float64 { return []float64{o.Loss(moved(x, unit(len(x), i), h))} })[0]
	}
	compare(t, "gradient", g, slopes, 1e-10)
	each, mean := make([]float64, ex.N*len(x)), make([]float64, len(x))
	o.ExampleGrads(each, x, 0, ex.N)
	for i, v := range each {
		mean[i%len(x)] += v / float64(ex.N)
	}
	compare(t, "mean of the examples' gradients", mean, g, 1e-13)
	v := normals[float64](&s, len(x))
	product := make([]float64, len(x))
	o.MulVec(problem.Hessian, product, x, v)
	compare(t, "product with the Hessian", product, slope(func(h float64) []float64 {
		g := make([]float64, len(x))
		o.Grad(g, moved(x, v, h))
		return g
	}), 1e-9)
	if layers := o.KroneckerLayers(); len(layers) != 2 || layers[1].Out != 6 {
		t.Errorf("Kronecker layers are %+v", layers)
	}
}
