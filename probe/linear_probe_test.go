package probe

import (
	"math"
	"slices"
	"testing"

	"basin/kernel"
	"basin/problem"
	"basin/rng"
)

// The minimum that PyTorch 1.13's LBFGS finds in float64.
func TestSoftmaxRegression(t *testing.T) {
	h, _, o := threeClasses()
	f, err := principalAxes(h, 4)
	if err != nil {
		t.Fatal(err)
	}
	s := newSoftmaxRegression(f.coordinates(h), o.Labels, 4, 3)
	x := make([]float64, s.size())
	if !s.fit(x, 1) {
		t.Fatal("not converged")
	}
	near(t, "loss", s.loss(x), 0.3038662339394868, 1e-10)
	// Back from the principal axes.
	w := make([]float64, 12)
	var room kernel.Scratch[float64]
	kernel.MatMul(&room, w, 4, x, 4, 1, f.axes, 1, 4, 3, 4, 4, false)
	copy(x, w)
	// What is added to all biases changes nothing; PyTorch's have the sum zero.
	kernel.Axpy(x[12:], -average(x[12:]), []float64{1, 1, 1})
	for i, want := range map[int]float64{0: 0.546669263734203, 1: -0.275138450258182, 2: -0.084541254108348, 3: 0.861932710112677,
		12: -0.178284959141657, 13: 0.126207314665561, 14: 0.052077644476096} {
		near(t, "parameter", x[i], want, 2e-4)
	}
}

// Gradient and Hessian products against differences.
func TestSoftmaxRegressionDerivatives(t *testing.T) {
	r := rng.At(1, "point", 0)
	h, _, o := threeClasses()
	s := newSoftmaxRegression(h, o.Labels, 4, 3)
	s.penalty = .2
	x, v := normals(&r, s.size()), normals(&r, s.size())
	g, plus, minus, hv := make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
	s.loss(x)
	s.grad(g, x)
	s.mul(hv, v)
	const step = 1e-5
	y := slices.Clone(x)
	kernel.Axpy(y, step, v)
	up := s.loss(y)
	s.grad(plus, y)
	kernel.Axpy(y, -2*step, v)
	down := s.loss(y)
	s.grad(minus, y)
	near(t, "slope", kernel.Dot(g, v), (up-down)/(2*step), 1e-8)
	kernel.Axpy(plus, -1, minus)
	kernel.Scale(plus, 1/(2*step))
	near(t, "product", 1+relative(hv, plus), 1, 1e-8)
}

// Classes that a hyperplane parts are read off, and random ones are not.
func TestLinearProbe(t *testing.T) {
	p, x := network[float32](t, "mlp(40, 3)", 3, problem.SoftmaxCrossEntropy)
	r := ask(t, NewPass(p, x, 1, 1), "linear_probe")
	last, wide := r["linear_probe_accuracy"], r["linear_probe_accuracy/layer1"]
	if last.Value != r["linear_probe_accuracy/layer2"].Value || last.Warnings != nil {
		t.Errorf("%+v", last)
	}
	// Labels are random: 1/3 with a standard error of 0.067.
	if math.Abs(wide.Value-1./3) > .2 || !(wide.Err > .05) || r["linear_probe_train_accuracy/layer1"].Value < wide.Value {
		t.Errorf("%+v, in training %v", wide, r["linear_probe_train_accuracy/layer1"].Value)
	}
	s := rng.At(2, "halves", 0)
	h, labels := normals(&s, 400*3), make([]int, 400)
	for i := range labels {
		if h[i*3]+h[i*3+1] > .3 {
			labels[i] = 1
		}
	}
	f := newSoftmaxRegression(h, labels, 3, 2)
	point := make([]float64, f.size())
	converged := f.fit(point, 1e-3)
	if right := kernel.Sum(f.right(point)); right < 398 || !converged {
		t.Errorf("%v of 400 right, converged %v", right, converged)
	}
}

// Where classes are plain, the least penalty is chosen, and where labels are random, the
// largest.
func TestLinearProbeChooses(t *testing.T) {
	s := rng.At(2, "halves", 0)
	h := normals(&s, 400*3)
	plain, random := make([]int, 400), make([]int, 400)
	for i := range plain {
		random[i] = s.IntN(2)
		if h[i*3]+h[i*3+1] > .3 {
			plain[i] = 1
		}
	}
	ridges := []float64{1e3, 10, .1}
	for want, labels := range map[float64][]int{.1: plain, 1e3: random} {
		f, val := newSoftmaxRegression(h[:600], labels[:200], 3, 2), newSoftmaxRegression(h[600:], labels[200:], 3, 2)
		x, ridge, converged := f.choose(ridges, val)
		once := make([]float64, f.size())
		f.fit(once, ridge)
		if ridge != want || !converged || relative(x, once) > 1e-3 {
			t.Errorf("chosen %v, want %v; the fit differs by %v from that of its own", ridge, want, relative(x, once))
		}
	}
}

// Activations that are all the same say nothing, and the probe answers with the
// commonest class.
func TestLinearProbeOfNothing(t *testing.T) {
	h := slices.Repeat([]float64{2}, 30)
	labels := []int{0, 1, 1, 2, 1, 1, 0, 1, 2, 1}
	f, err := principalAxes(h, 3)
	if err != nil {
		t.Fatal(err)
	}
	s := newSoftmaxRegression(f.coordinates(h), labels, 3, 3)
	x := make([]float64, s.size())
	converged := s.fit(x, 1)
	if right := kernel.Sum(s.right(x)); right != 6 || !converged {
		t.Errorf("%v right, converged %v", right, converged)
	}
}
