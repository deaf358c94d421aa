package probe

import (
	"testing"

	"basin/nn"
	"basin/problem"
	"basin/recipe"
	"basin/rng"
)

// BenchmarkDefault measures the default probes, each alone and then all of one
// pass, on a network the size of the default task: 784-128-64-10, with 12,000
// training, 2,000 validation and 4,000 test examples.
func BenchmarkDefault(b *testing.B) {
	r, err := recipe.Parse("mlp(128, 64)")
	if err != nil {
		b.Fatal(err)
	}
	m, err := nn.ParseModel("", r[0])
	if err != nil {
		b.Fatal(err)
	}
	net, err := nn.NewNet(m, nn.Input{Shape: []int{784}}, 10)
	if err != nil {
		b.Fatal(err)
	}
	engine := nn.NewEngine[float32](net, problem.SoftmaxCrossEntropy, 256)
	p := &problem.Problem[float32]{Layout: net.Layout(), Start: make([]float32, net.Layout().N), Sets: map[string]problem.Objective[float32]{}}
	nn.Init(net, p.Start, 1)
	for set, n := range map[string]int{"train": 12_000, "val": 2_000, "test": 4_000} {
		s := rng.At(1, set, 0)
		ex := &nn.Examples[float32]{N: n, In: 784, X: make([]float32, n*784), Labels: make([]int, n)}
		for i := range ex.Labels {
			y := s.IntN(10)
			ex.Labels[i] = y
			for j := range 784 {
				v := .3 * s.Norm()
				if j%10 == y {
					v += .1
				}
				ex.X[i*784+j] = float32(v)
			}
		}
		p.Sets[set] = engine.Objective(ex)
	}
	// A few steps of gradient descent, so that the spectrum is that of a net that has
	// learnt something.
	x, g := append([]float32(nil), p.Start...), make([]float32, len(p.Start))
	train, _ := problem.As[problem.Subsetter[float32]](p.Sets["train"])
	for t := range 60 {
		s := rng.At(2, "batch", t)
		batch := make([]int, 128)
		for i := range batch {
			batch[i] = s.IntN(12_000)
		}
		train.Subset(batch).Grad(g, x)
		for i := range x {
			x[i] -= .1 * g[i]
		}
	}
	measure := func(b *testing.B, probes []Bound) {
		for b.Loop() {
			pass := NewPass(p, x, 1, 1)
			for _, probe := range probes {
				if _, err := probe.Measure(pass); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	for _, probe := range Default() {
		b.Run("probe="+probe.Doc.Name, func(b *testing.B) { measure(b, []Bound{probe}) })
	}
	b.Run("probe=all", func(b *testing.B) { measure(b, Default()) })
}
