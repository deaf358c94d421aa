package optim

import (
	"math"
	"testing"

	"basin/problem"
	"basin/rng"
)

// Where their arguments make the equations of two rules the same, so are their paths.
func TestAdaptiveRulesMeet(t *testing.T) {
	for _, q := range []struct{ text, same string }{
		{"qhadam(beta1=0.9, nu1=1, weight_decay=0.1)", "adam(weight_decay=0.1)"},
		{"qhadam(beta1=0.9, nu1=1, weight_decay=0.1, decoupled=true)", "adamw(weight_decay=0.1)"},
		{"qhadam(lr=1e-3, nu1=0, nu2=0, eps=0)", "signsgd(lr=1e-3)"},
		{"ademamix(alpha=0, weight_decay=0.1)", "adamw(weight_decay=0.1)"},
		{"ademamix(alpha=2, alpha_warmup=1e12)", "adam"},
		{"adan(beta1=0.9, beta2=0, beta3=0.999)", "adam"},
		{"adan(max_grad_norm=1e-3, eps=0)", "clip_norm(1e-3) | adan(eps=0)"},
		{"nadam(lr=1e-3, beta1=0)", "adam(beta1=0)"},
		{"nadam_torch113(lr=1e-3, beta1=0)", "adam(beta1=0)"},
		{"nadam(beta1=0.8, momentum_decay=1e6)", "nadam(beta1=0.8, momentum_decay=inf)"},
		{"laprop(lr=1e-3, beta1=0, eps=0)", "adam(beta1=0, eps=0)"},
		{"radam(lr=0.1, beta1=0, beta2=0.6)", "sgd(lr=0.1)"},
		{"adabelief(lr=0.1, beta1=0.5, beta2=0.6, rectify=true)", "radam(lr=0.1, beta1=0.5, beta2=0.6)"},
		{"adabound(final_lr=0.1, gamma=1e15, beta1=0)", "sgd(lr=0.1)"},
		{"rmsprop(lr=1e-3, alpha=0, eps=0)", "signsgd(lr=1e-3)"},
		{"adamax(lr=1e-3, beta1=0, beta2=0, eps=0)", "signsgd(lr=1e-3)"},
		{"rprop(lr=1e-3, step_size_min=1e-3, step_size_max=1e-3)", "signsgd(lr=1e-3)"},
		{"amsgrad(decoupled=true, weight_decay=0)", "amsgrad"},
	} {
		x, want := wander(t, q.text), wander(t, q.same)
		if e := largest(x, want); !(e <= 1e-12) {
			t.Errorf("%s and %s are %.2g apart", q.text, q.same, e)
		}
	}
}

// wander shows a recipe 40 gradients of steady signs but noisy sizes, more of them than
// a piece, and gives where it went.
func wander(t *testing.T, text string) []float64 {
	t.Helper()
	l := problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: []int{2*piece + 3}})
	x, d := make([]float64, l.N), make([]float64, l.N)
	st, err := New(optimizer(t, text), &Context[float64]{Layout: l, Blocks: l.Blocks, Start: x})
	if err != nil {
		t.Fatal(err)
	}
	s := rng.At(1, "wander", 0)
	for step := range 40 {
		for i := range d {
			d[i] = math.Copysign(0.5+s.Float64(), float64(i%2)-0.5)
		}
		st.Step(&Step[float64]{T: step + 1, X: x, D: d})
		for i, v := range d {
			x[i] += v
		}
	}
	return x
}

// The mistake of PyTorch 1.13 has a name of its own and is no setting of nadam.
func TestNAdamTorch113(t *testing.T) {
	if e := largest(wander(t, "nadam"), wander(t, "nadam_torch113")); e < 1e-6 {
		t.Errorf("nadam and nadam_torch113 are %.2g apart", e)
	}
}

// adabound ends as SGD with momentum, its schedule moving the bounds with it.
func TestAdaBoundEnds(t *testing.T) {
	r := optimizer(t, "adabound(lr=linear(0.5, steps=3), final_lr=0.1, gamma=1e15, beta1=0)")
	l := problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: []int{1}})
	x := []float64{0}
	st, err := New(r, &Context[float64]{Layout: l, Blocks: l.Blocks, Start: x})
	if err != nil {
		t.Fatal(err)
	}
	for step, want := range []float64{-0.1, -0.1 * 2 / 3, -0.1 / 3} {
		d := []float64{1}
		st.Step(&Step[float64]{T: step + 1, X: x, D: d})
		if math.Abs(d[0]-want) > 1e-15 {
			t.Errorf("step %d changes x by %v, want %v", step+1, d[0], want)
		}
	}
}
