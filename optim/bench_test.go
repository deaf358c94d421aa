package optim

import (
	"fmt"
	"testing"
	"time"

	"basin/problem"
	"basin/recipe"
	"basin/rng"
)

// plain is a network of n parameters in a matrix and a bias.
func plain(n int) *problem.Layout {
	return problem.NewLayout(
		problem.Block{Name: "layer.weight", Role: problem.Weight, Shape: []int{n/100 - 1, 100}},
		problem.Block{Name: "layer.bias", Role: problem.Bias, Shape: []int{100}},
	)
}

// mlp256 has the blocks of a network of 784, 256, 256 and 10 units.
var mlp256 = problem.NewLayout(
	problem.Block{Name: "layer1.weight", Role: problem.Weight, Shape: []int{256, 784}},
	problem.Block{Name: "layer1.bias", Role: problem.Bias, Shape: []int{256}},
	problem.Block{Name: "layer2.weight", Role: problem.Weight, Shape: []int{256, 256}},
	problem.Block{Name: "layer2.bias", Role: problem.Bias, Shape: []int{256}},
	problem.Block{Name: "head.weight", Role: problem.Weight, Shape: []int{10, 256}},
	problem.Block{Name: "head.bias", Role: problem.Bias, Shape: []int{10}},
)

// BenchmarkElementwise is one update, without the gradient, of the rules that move each
// parameter by itself or with a few sums over all; BenchmarkMatrix is one of the rules that
// multiply matrices, between renewals of roots and bases. Both give the best of all steps
// in nanoseconds per parameter.
func BenchmarkElementwise(b *testing.B) {
	for _, text := range []string{
		"sgd(lr=0.1, momentum=0)", "sgd(momentum=0.9)", "aggmo", "qhm", "gravity",
		"adamw", "amsgrad", "adamax", "nadam", "radam", "adagrad", "adadelta",
		"rmsprop", "rmsprop(momentum=0.9, centered=true)", "adabelief", "adabound", "yogi", "diffgrad", "laprop", "adopt",
		"qhadam", "adan", "ademamix", "madgrad", "c_adamw", "mars", "adafactor", "adafactor(beta1=0.9)",
		"signsgd", "signum", "rprop", "lion", "c_lion", "tiger", "lars", "lamb", "novograd", "steepest(norm=linf)",
		"adahessian", "sophia_h(update_period=1000000)", "sophia_g(k=1000000)",
		"asgd", "dadapt_sgd", "dadapt_adam", "prodigy", "schedule_free_sgd", "schedule_free_adamw",
		"lookahead(base=sgd(lr=0.1, momentum=0), k=1)", "ema(base=sgd(lr=0.1, momentum=0))", "swa(base=sgd(lr=0.1, momentum=0), start=1)",
		"accumulate(base=sgd(lr=0.1, momentum=0), steps=2)",
		"clip_norm(max=1) | sgd(lr=0.1, momentum=0)", "clip_value(max=1) | sgd(lr=0.1, momentum=0)",
		"agc | sgd(lr=0.1, momentum=0)", "centralize | sgd(lr=0.1, momentum=0)", "grokfast_ema | sgd(lr=0.1, momentum=0)",
		"l2_init(strength=0.1) | sgd(lr=0.1, momentum=0)", "powerprop", "sgd(lr=0.1, momentum=0) | project", "sgd(lr=0.1, momentum=0) | prox(step=1e-4)",
		"sgld",
	} {
		for _, n := range []int{100_000, 1_000_000} {
			benchmarkStep(b, text, plain(n))
		}
	}
}

func BenchmarkMatrix(b *testing.B) {
	for _, text := range []string{
		"muon", "muon(orthogonalize=polar)", "shampoo(interval=1000000)", "dshampoo(precondition_frequency=1000000)",
		"soap(precondition_frequency=1000000)", "psgd_kron", "galore_adamw", "steepest", "steepest(norm=nuclear)", "scion",
	} {
		benchmarkStep(b, text, mlp256)
	}
}

func benchmarkStep(b *testing.B, text string, layout *problem.Layout) {
	b.Run(fmt.Sprintf("rule=%s/n=%d", text, layout.N), func(b *testing.B) {
		r, err := recipe.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		o, err := Resolve(r)
		if err != nil {
			b.Fatal(err)
		}
		x, g, d := make([]float32, layout.N), make([]float32, layout.N), make([]float32, layout.N)
		s := rng.At(1, "gradient", 0)
		for i := range g {
			x[i], g[i] = float32(s.Norm()), float32(s.Norm())
		}
		f := bowl{layout}
		st, err := New(o, &Context[float32]{Layout: layout, Blocks: layout.Blocks, Start: x, First: f})
		if err != nil {
			b.Fatal(err)
		}
		step, least := Step[float32]{T: 0, X: x, D: d, F: f}, time.Duration(1<<62)
		for b.Loop() {
			copy(d, g)
			step.T++
			began := time.Now()
			st.Step(&step)
			if step.T > 3 {
				least = min(least, time.Since(began))
			}
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(least)/float64(layout.N), "ns/param")
	})
}

// bowl is |x|^2/2, at no cost.
type bowl struct{ layout *problem.Layout }

func (f bowl) Layout() *problem.Layout { return f.layout }
func (f bowl) Loss([]float32) float64  { return 0 }

func (f bowl) Grad(dst, x []float32) float64 {
	copy(dst, x)
	return 0
}

func (f bowl) MulVec(_ problem.Matrix, dst, _, v []float32) bool {
	copy(dst, v)
	return true
}

// Sampled gives the bowl itself, which has no labels.
func (f bowl) Sampled([]float32, uint64) (problem.Objective[float32], bool) { return f, true }
