package nn

import (
	"fmt"
	"testing"

	"basin/internal/crew"
	"basin/problem"
	"basin/recipe"
	"basin/rng"
)

// benchObjective is a network of 784 inputs and 10 classes on random examples.
func benchObjective(b *testing.B, model string, rows int) (o *Objective[float32], x []float32) {
	r, err := recipe.Parse(model)
	if err != nil {
		b.Fatal(err)
	}
	m, err := ParseModel(model, r[0])
	if err != nil {
		b.Fatal(err)
	}
	n, err := NewNet(m, Input{Shape: []int{784}}, 10)
	if err != nil {
		b.Fatal(err)
	}
	s := rng.At(1, "bench", 0)
	ex := &Examples[float32]{N: rows, In: 784, X: make([]float32, rows*784), Labels: make([]int, rows)}
	for i := range ex.X {
		ex.X[i] = float32(s.Norm())
	}
	for i := range ex.Labels {
		ex.Labels[i] = s.IntN(10)
	}
	x = make([]float32, n.Layout().N)
	Init(n, x, 1)
	return NewEngine[float32](n, problem.SoftmaxCrossEntropy, rows).Objective(ex), x
}

func BenchmarkGrad(b *testing.B) {
	for _, model := range []string{"mlp(128, 64)", "mlp(128, 64, act=tanh)", "mlp(256, 256)"} {
		b.Run("model="+model, func(b *testing.B) {
			o, x := benchObjective(b, model, 128)
			dst := make([]float32, len(x))
			o.Grad(dst, x)
			for b.Loop() {
				o.Grad(dst, x)
			}
		})
	}
}

// The same by one worker and by two, where there are cores for both.
func BenchmarkGradShared(b *testing.B) {
	for _, model := range []string{"mlp(256, 256)", "mlp(1024, 1024)"} {
		for helpers := range 2 {
			b.Run(fmt.Sprintf("model=%s/helpers=%d", model, helpers), func(b *testing.B) {
				o, x := benchObjective(b, model, 128)
				c := crew.New(helpers)
				defer c.Close()
				o.engine.Use(c)
				dst := make([]float32, len(x))
				o.Grad(dst, x)
				for b.Loop() {
					o.Grad(dst, x)
				}
			})
		}
	}
}

func BenchmarkHessianVec(b *testing.B) {
	o, x := benchObjective(b, "mlp(128, 64)", 1024)
	dst := make([]float32, len(x))
	o.MulVec(problem.Hessian, dst, x, x)
	for b.Loop() {
		o.MulVec(problem.Hessian, dst, x, x)
	}
}

func BenchmarkExampleGrads(b *testing.B) {
	o, x := benchObjective(b, "mlp(128, 64)", 128)
	dst := make([]float32, 128*len(x))
	o.ExampleGrads(dst, x, 0, 128)
	for b.Loop() {
		o.ExampleGrads(dst, x, 0, 128)
	}
}
