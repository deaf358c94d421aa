package optim

import (
	"testing"

	"basin/problem"
	"basin/recipe"
	"basin/rng"
)

// mlp256 has the blocks of a network of 784, 256, 256 and 10 units.
var mlp256 = problem.NewLayout(
	problem.Block{Name: "layer1.weight", Role: problem.Weight, Shape: []int{256, 784}},
	problem.Block{Name: "layer1.bias", Role: problem.Bias, Shape: []int{256}},
	problem.Block{Name: "layer2.weight", Role: problem.Weight, Shape: []int{256, 256}},
	problem.Block{Name: "layer2.bias", Role: problem.Bias, Shape: []int{256}},
	problem.Block{Name: "head.weight", Role: problem.Weight, Shape: []int{10, 256}},
	problem.Block{Name: "head.bias", Role: problem.Bias, Shape: []int{10}},
)

// BenchmarkStep is one update without the gradient. That of shampoo is one between
// renewals.
func BenchmarkStep(b *testing.B) {
	for _, text := range []string{
		"sgd(momentum=0.9)", "adamw", "amsgrad", "adamax", "nadam", "radam", "adagrad", "adadelta",
		"rmsprop", "rmsprop(momentum=0.9, centered=true)", "adabelief", "adabound", "yogi", "diffgrad", "laprop", "adopt",
		"qhadam", "adan", "ademamix", "madgrad", "rprop", "lion", "muon", "muon(orthogonalize=polar)", "shampoo(interval=1000000)",
		"dshampoo(precondition_frequency=1000000)", "soap(precondition_frequency=1000000)", "psgd_kron", "galore_adamw", "steepest", "steepest(norm=nuclear)", "scion",
	} {
		b.Run("rule="+text, func(b *testing.B) {
			r, err := recipe.Parse(text)
			if err != nil {
				b.Fatal(err)
			}
			o, err := Resolve(r)
			if err != nil {
				b.Fatal(err)
			}
			x, g, d := make([]float32, mlp256.N), make([]float32, mlp256.N), make([]float32, mlp256.N)
			st, err := New(o, &Context[float32]{Layout: mlp256, Blocks: mlp256.Blocks, Start: x})
			if err != nil {
				b.Fatal(err)
			}
			s := rng.At(1, "gradient", 0)
			for i := range g {
				g[i] = float32(s.Norm())
			}
			copy(d, g)
			st.Step(&Step[float32]{T: 1, X: x, D: d})
			step := Step[float32]{T: 3, X: x, D: d}
			for b.Loop() {
				copy(d, g)
				st.Step(&step)
			}
		})
	}
}
