package probe

import (
	"math"
	"slices"
	"testing"

	"basin/kernel"
	"basin/problem"
	"basin/rng"
)

// The path, known to the pass, and what follows from it.
func TestStepsOfDistance(t *testing.T) {
	p := blockPass([]float64{3, 4, 0, 0, 0, 12},
		problem.Block{Name: "w", Shape: []int{2, 2}}, problem.Block{Name: "b", Role: problem.Bias, Shape: []int{2}})
	p.Path = 20
	p.Course = &problem.Course{Steps: 5, Path: []float64{10, 15}, Last: []float64{.3, .4}}
	r := ask(t, p, "distance")
	for name, want := range map[string]float64{
		"path_length": 20, "path_length/w": 10, "path_length/b": 15, "straightness": 13. / 20, "straightness/w": .5, "straightness/b": .8,
		"step_mean": 4, "step_mean/w": 2, "step_mean_relative/b": .25, "step_mean_relative": 4. / 13,
		"step_last": .5, "step_last/b": .4, "step_last_relative/w": .06, "step_last_relative": .5 / 13,
	} {
		near(t, name, r[name].Value, want, 1e-14)
	}
	clear(p.X)
	if r := ask(t, p, "distance")["step_last_relative"]; r.None != "the parameters are zero" {
		t.Errorf("%+v", r)
	}
	p.Course.Path[1] = 0 // a block that never moved
	if r := ask(t, p, "distance"); r["straightness/b"].None != "no step was taken" || !r["straightness/w"].Defined() {
		t.Errorf("%+v", r["straightness/b"])
	}
	p.Course = nil
	if r := ask(t, p, "distance"); !r["straightness"].Defined() || r["path_length/w"].None == "" || r["step_mean"].None != "the steps were not recorded" {
		t.Errorf("%+v, %+v", r["path_length/w"], r["step_mean"])
	}
	p.Path, p.Course = 0, &problem.Course{Path: []float64{0, 0}}
	if r := ask(t, p, "distance"); r["path_length/w"].Value != 0 || r["step_mean"].None != "no step was taken" || r["straightness"].None != "no step was taken" {
		t.Errorf("at the start: %+v", r["step_mean"])
	}
}

func TestCost(t *testing.T) {
	p := blockPass([]float64{1}, problem.Block{Name: "w", Shape: []int{1}})
	if r := ask(t, p, "cost"); r["cost_flops"].None != "what was spent was not recorded" {
		t.Errorf("%+v", r)
	}
	p.Course = &problem.Course{Steps: 10, Cost: problem.Cost{Losses: 3, Grads: 20, Products: 5, Flops: 7e9}}
	r := ask(t, p, "cost")
	for name, want := range map[string]float64{"cost_steps": 10, "cost_gradients": 31, "cost_flops": 7e9} {
		near(t, name, r[name].Value, want, 1e-15)
	}
}

func TestUpdate(t *testing.T) {
	// Singular values 3 and 4, then none; an orthogonal matrix; a matrix of rank one.
	x := make([]float64, 6+4+6)
	p := blockPass(x, problem.Block{Name: "a", Shape: []int{2, 3}}, problem.Block{Name: "q", Shape: []int{2, 2}}, problem.Block{Name: "r", Shape: []int{3, 2}})
	p.Update = []float64{0, 3, 0, 0, 0, -4, .6, .8, -.8, .6, 1, 2, 2, 4, -1, -2}
	r := ask(t, p, "update")
	h := -(3./7*math.Log(3./7) + 4./7*math.Log(4./7))
	for name, want := range map[string]float64{
		"update_erank/a": math.Exp(h), "update_erank/q": 2, "update_erank/r": 1, "update_erank": (math.Exp(h) + 3) / 3,
		"update_stable_rank/a": 25. / 16, "update_stable_rank/q": 2, "update_stable_rank/r": 1,
		"update_rms/a": 5 / math.Sqrt(6), "update_rms/q": math.Sqrt(.5), "update_rms": math.Sqrt((25 + 2 + 30) / 16.),
	} {
		near(t, name, r[name].Value, want, 1e-13)
	}
	if r["update_cosine"].None != `the problem has no set "train"` {
		t.Errorf("%+v", r["update_cosine"])
	}
	p.Update[2], p.known = math.NaN(), nil
	if r := ask(t, p, "update"); r["update_erank/a"].None != "the matrix is not finite" || r["update_rms"].Defined() || r["update_erank/q"].Value == 0 {
		t.Errorf("not finite: %+v, %+v", r["update_erank/a"], r["update_rms"])
	}
	clear(p.Update)
	p.known = nil
	if r := ask(t, p, "update"); r["update_erank"].None != "the matrix is zero" || r["update_rms"].Value != 0 {
		t.Errorf("zero: %+v", r["update_erank"])
	}
	p.Update = nil
	if r := ask(t, p, "update"); r["update_rms"].None != "the last step is not known: it is of solutions taken in training, after the first step" {
		t.Errorf("unknown: %+v", r["update_rms"])
	}
}

// The step of gradient descent goes down the gradient where it began.
func TestUpdateCosine(t *testing.T) {
	p, x := posed[float64]()
	g, h := make([]float64, len(x)), make([]float64, len(x))
	p.Sets["train"].Grad(g, x)
	s := rng.At(1, "aside", 0)
	for i := range h {
		h[i] = s.Norm()
	}
	kernel.Axpy(h, -kernel.Dot(h, g)/kernel.Dot(g, g), g) // across the gradient
	kernel.Scale(h, kernel.Norm2(g)/kernel.Norm2(h))
	for _, c := range []struct{ along, across, want float64 }{{-2, 0, 1}, {.5, 0, -1}, {0, 1, 0}, {-3, 4, .6}} {
		u, y := make([]float64, len(x)), slices.Clone(x)
		kernel.Axpy(u, c.along, g)
		kernel.Axpy(u, c.across, h)
		kernel.Axpy(y, 1, u)
		pass := NewPass(p, y, 1, 1)
		pass.Update = u
		r := ask(t, pass, "update")
		near(t, "cosine", 2+r["update_cosine"].Value, 2+c.want, 1e-13)
		block := kernel.Dot(u[:24], g[:24]) / kernel.Norm2(u[:24]) / kernel.Norm2(g[:24])
		near(t, "cosine of a block", 2+r["update_cosine/head.weight"].Value, 2-block, 1e-13)
	}
	pass := NewPass(p, x, 1, 1)
	pass.Update = slices.Repeat([]float64{math.NaN()}, len(x))
	if r := ask(t, pass, "update")["update_cosine"]; r.Defined() {
		t.Errorf("not finite: %+v", r)
	}
}

func TestUpdateIsInvariant(t *testing.T) {
	p, x := network[float64](t, "mlp(5, 4)", 3, problem.SoftmaxCrossEntropy)
	u := make([]float64, len(x))
	s := rng.At(4, "update", 0)
	for i := range u {
		u[i] = .1 * s.Norm()
	}
	read := func(x, u []float64) *Pass {
		pass := NewPass(p, x, 1, 1)
		pass.Update = u
		pass.Course = &problem.Course{Steps: 9, Stale: 2}
		return pass
	}
	before, after := ask(t, read(x, u), "update"), ask(t, read(permuted(x, p.Layout), permuted(u, p.Layout)), "update")
	for name, r := range before {
		near(t, name, after[name].Value, r.Value, 1e-10)
	}
}

// blockPass is a pass over blocks.
func blockPass(x []float64, blocks ...problem.Block) *Pass {
	return &Pass{Layout: problem.NewLayout(blocks...), X: x, Start: make([]float64, len(x)), Path: math.NaN(), Eps: 0x1p-52}
}
