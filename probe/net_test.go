package probe

import (
	"math"
	"slices"
	"testing"

	"basin/kernel"
	"basin/linop"
	"basin/nn"
	"basin/problem"
	"basin/recipe"
	"basin/rng"
	"basin/stat"
)

// network poses the training of a model on random examples of 6 inputs, and a point
// away from its start. All numbers are those of float32, in either precision.
func network[T problem.Float](t testing.TB, model string, outputs int, kind problem.LossKind) (*problem.Problem[T], []T) {
	t.Helper()
	r, err := recipe.Parse(model)
	if err != nil {
		t.Fatal(err)
	}
	m, err := nn.ParseModel(model, r[0])
	if err != nil {
		t.Fatal(err)
	}
	net, err := nn.NewNet(m, nn.Input{Shape: []int{6}}, outputs)
	if err != nil {
		t.Fatal(err)
	}
	engine := nn.NewEngine[T](net, kind, 32)
	p := &problem.Problem[T]{Layout: net.Layout(), Start: make([]T, net.Layout().N), Sets: map[string]problem.Objective[T]{}}
	nn.Init(net, p.Start, 1)
	for i, v := range p.Start {
		p.Start[i] = T(float32(v))
	}
	for i, set := range []string{"train", "val", "test"} {
		s := rng.At(2, "examples", i)
		ex := &nn.Examples[T]{N: 50, In: 6}
		for range ex.N {
			for range ex.In {
				ex.X = append(ex.X, T(float32(s.Norm())))
			}
			if kind != problem.Squared {
				ex.Labels = append(ex.Labels, s.IntN(max(outputs, 2)))
				continue
			}
			for range outputs {
				ex.Targets = append(ex.Targets, T(float32(s.Norm())))
			}
		}
		p.Sets[set] = engine.Objective(ex)
	}
	p.Match = p.Sets["train"]
	x := slices.Clone(p.Start)
	s := rng.At(3, "step", 0)
	for i := range x {
		x[i] = T(float32(x[i]) + float32(.3*s.Norm()))
	}
	return p, x
}

// differences is the Hessian by central differences of the gradient, with an error of
// about h^2 + eps/h.
func differences(f problem.Objective[float64], x []float64) []float64 {
	const h = 1e-5
	n := len(x)
	dense, plus, minus := make([]float64, n*n), make([]float64, n), make([]float64, n)
	y := slices.Clone(x)
	for i := range n {
		y[i] = x[i] + h
		f.Grad(plus, y)
		y[i] = x[i] - h
		f.Grad(minus, y)
		y[i] = x[i]
		for j := range n {
			dense[i*n+j] += (plus[j] - minus[j]) / (4 * h)
			dense[j*n+i] += (plus[j] - minus[j]) / (4 * h)
		}
	}
	return dense
}

func TestSharpnessOfNetwork(t *testing.T) {
	for _, c := range []struct {
		model   string
		outputs int
		kind    problem.LossKind
	}{
		{"mlp(4, 3, act=tanh)", 3, problem.SoftmaxCrossEntropy},
		{"mlp(5, act=gelu)", 2, problem.Squared},
		{"mlp(3, act=sigmoid)", 1, problem.Logistic},
	} {
		p, x := network[float64](t, c.model, c.outputs, c.kind)
		f, n := p.Sets["train"], len(x)
		dense := differences(f, x)
		values, err := linop.SymValues(dense, n)
		if err != nil {
			t.Fatal(err)
		}
		trace := 0.
		for _, v := range values {
			trace += v
		}
		r := ask(t, NewPass(p, x, math.NaN(), 1), "sharpness(k=1000, tol=1e-9, steps=1000)")
		near(t, c.model+" hessian_max", r["hessian_max"].Value, values[n-1], 1e-8)
		near(t, c.model+" hessian_max/2", r["hessian_max/2"].Value, values[n-2], 1e-8)
		near(t, c.model+" hessian_trace", r["hessian_trace"].Value, trace, 1e-8)
	}
}

// permuted renumbers the units of the hidden layer before block "layer2".
func permuted(x []float64, l *problem.Layout) []float64 {
	y := slices.Clone(x)
	order := []int{3, 0, 4, 1, 2}
	in, bias, out := block(x, l, "layer1.weight"), block(x, l, "layer1.bias"), block(x, l, "layer2.weight")
	for k, from := range order {
		copy(block(y, l, "layer1.weight")[k*6:(k+1)*6], in[from*6:])
		block(y, l, "layer1.bias")[k] = bias[from]
		for i := range 4 {
			block(y, l, "layer2.weight")[i*5+k] = out[i*5+from]
		}
	}
	return y
}

// rescaled makes the first layer three times as large and the second a third.
func rescaled(x []float64, l *problem.Layout) []float64 {
	y := slices.Clone(x)
	for name, by := range map[string]float64{"layer1.weight": 3, "layer1.bias": 3, "layer2.weight": 1. / 3} {
		for i := range block(y, l, name) {
			block(y, l, name)[i] *= by
		}
	}
	return y
}

// rotated turns the units of the last hidden layer by the reflection I - 2 u u', which
// mixes all of them.
func rotated(x []float64, l *problem.Layout) []float64 {
	y := slices.Clone(x)
	u := []float64{.1, -.5, .5, .7}
	reflect := func(first, stride int, of []float64) {
		dot := 0.
		for k, c := range u {
			dot += c * of[first+k*stride]
		}
		for k, c := range u {
			of[first+k*stride] -= 2 * dot * c
		}
	}
	for j := range 5 {
		reflect(j, 5, block(y, l, "layer2.weight"))
	}
	reflect(0, 1, block(y, l, "layer2.bias"))
	for i := range 3 {
		reflect(i*4, 1, block(y, l, "head.weight"))
	}
	return y
}

func block(x []float64, l *problem.Layout, name string) []float64 {
	i := slices.IndexFunc(l.Blocks, func(b problem.Block) bool { return b.Name == name })
	return problem.View(x, l.Blocks[i])
}

// Every reading changes under exactly those changes of a network of which its declaration
// does not say that it is invariant.
func TestInvariances(t *testing.T) {
	type change func(x []float64, l *problem.Layout) []float64
	for model, changes := range map[string]map[Invariance]change{
		"mlp(5, 4)":               {Permutation: permuted, Rescaling: rescaled},
		"mlp(5, 4, act=identity)": {Rotation: rotated},
	} {
		p, x := network[float64](t, model, 3, problem.SoftmaxCrossEntropy)
		const probes = "loss, accuracy, sharpness(tol=1e-12, steps=1000, k=1000), norm, distance, rank, sparsity(threshold=0.3), activity, outliers, dimension(subsamples=2), cka, collapse, linear_probe, pruning, margin, calibration, " +
			"quantization, lowrank, powerlaw(tail=2), alignment, balance, " +
			"eigenvalues(tol=1e-12, steps=1000, blocks=true), trace, density(steps=100), flatness, relative_flatness, fisher, " +
			"gap, classes, corruption, adversarial, weight_noise, input_gradient, simplicity, gradient_noise(batches=50)"
		before := ask(t, NewPass(p, x, 3, 1), probes)
		for kind, change := range changes {
			q := *p
			if kind != Rescaling {
				q.Start = change(p.Start, p.Layout)
			}
			testInvariance(t, kind, before, ask(t, NewPass(&q, change(x, p.Layout), 3, 1), probes))
		}
	}
}

func testInvariance(t *testing.T, change Invariance, before, after map[string]stat.Reading) {
	sampled := map[string]bool{"trace_hutchinson": true, "trace_hutchpp": true, "frobenius": true, "relative_flatness": true} // invariant but for the draw
	unchanged := map[string]bool{
		"path_length":          true,                                                                     // told to the pass
		"eigen_block_bottom":   true,                                                                     // zero where layers are piecewise linear
		"density_outliers":     true,                                                                     // a count
		"numerical_rank_delta": true, "change_rank": true, "residual_rank": true, "quantized_bits": true, // counts
		"zero_activations": true, "dead": true, "dormant": true, // none where layers are linear
	}
	for name, b := range before {
		a, d := after[name], declaration(name)
		if a.None != b.None && d.Invariant&change != 0 {
			t.Errorf("%s: none for %q, and after %v for %q", name, b.None, change, a.None)
		}
		if a.None != "" || b.None != "" {
			continue
		}
		off := math.Abs(a.Value-b.Value) / max(math.Abs(b.Value), 1e-3)
		if sampled[d.Name] {
			if far := math.Abs(a.Value-b.Value) / math.Hypot(a.Err, b.Err); d.Invariant&change != 0 && far > 4 {
				t.Errorf("%s: %v and, after %v, %v are %.1f standard errors apart", name, b.Value, change, a.Value, far)
			}
		} else if d.Invariant&change != 0 && off > 1e-8 {
			t.Errorf("%s is not invariant under %v: %v and %v", name, change, b.Value, a.Value)
		}
		// A part, such as a block that the change leaves alone, may happen to keep its
		// value; so may what unchanged lists.
		if d.Invariant&change == 0 && name == d.Name && !unchanged[name] && off < 1e-6 {
			t.Errorf("%s is invariant under %v without saying so", name, change)
		}
	}
}

func declaration(name string) *Reading {
	for _, d := range Docs() {
		if r := d.reading(name); r != nil {
			return r
		}
	}
	return nil
}

// The degree of a ReLU network without biases is its depth; with biases it has none.
func TestHomogeneousMargin(t *testing.T) {
	p, x := network[float64](t, "mlp(5, 4, bias=false)", 3, problem.SoftmaxCrossEntropy)
	r := ask(t, NewPass(p, x, math.NaN(), 1), "margin, norm")
	near(t, "margin", r["margin_homogeneous_median"].Value, r["margin_median"].Value/math.Pow(r["norm"].Value, 3), 1e-13)
	p, x = network[float64](t, "mlp(5, 4)", 3, problem.SoftmaxCrossEntropy)
	r = ask(t, NewPass(p, x, math.NaN(), 1), "margin")
	if r["margin_homogeneous_min"].None != "the network is not homogeneous in its parameters" {
		t.Errorf("%+v", r["margin_homogeneous_min"])
	}
}

// Every ability of a float32 network comes out as that of the float64 one.
func TestWidenNetwork(t *testing.T) {
	const model = "mlp(5, 4, act=tanh)"
	p, x := network[float64](t, model, 3, problem.SoftmaxCrossEntropy)
	q, y := network[float32](t, model, 3, problem.SoftmaxCrossEntropy)
	f, pass := p.Sets["train"], NewPass(q, y, 1, 1)
	g := pass.Sets["train"]
	if !same(pass.X, x) || !same(pass.Start, p.Start) {
		t.Fatal("the two are not one problem")
	}
	agree := func(name string, got, want []float64) {
		t.Helper()
		near(t, name, 1+relative(got, want), 1, 2e-6)
	}
	values := func(f problem.Objective[float64]) (grads, inputs []float64, hidden [][]float64) {
		eg, _ := problem.As[problem.ExampleGrader[float64]](f)
		grads = make([]float64, 7*len(x))
		eg.ExampleGrads(grads, x, 20, 27)
		ig, _ := problem.As[problem.InputGrader[float64]](f)
		inputs = make([]float64, 50*ig.InputSize())
		ig.InputGrads(inputs, x)
		in, _ := problem.As[problem.Inputs[float64]](f)
		own := make([]float64, 50*in.InputShape()[0])
		in.Inputs(own)
		inputs = append(inputs, own...)
		kernel.Scale(own, .5)
		inputs = append(inputs, in.WithInputs(own).Loss(x))
		h, _ := problem.As[problem.Hidden[float64]](f)
		for _, l := range h.Hidden() {
			hidden = append(hidden, make([]float64, 50*l.Width))
		}
		h.Activations(hidden, x)
		return grads, inputs, hidden
	}
	grads, inputs, hidden := values(f)
	gotGrads, gotInputs, gotHidden := values(g)
	agree("example gradients", gotGrads, grads)
	agree("input gradients", gotInputs, inputs)
	for i := range hidden {
		agree("activations", gotHidden[i], hidden[i])
	}
	s, _ := problem.As[problem.Subsetter[float64]](f)
	w, _ := problem.As[problem.Subsetter[float64]](g)
	chosen := []int{41, 3, 3, 17}
	near(t, "loss of a subset", w.Subset(chosen).Loss(x), s.Subset(chosen).Loss(x), 1e-6)
	units, _ := problem.As[problem.Symmetric](g)
	if n := len(units.Units()); n != 2 {
		t.Errorf("%d groups of units, want 2", n)
	}
}

// So do its abilities that curvature is made of.
func TestWidenCurvature(t *testing.T) {
	const model = "mlp(5, 4, act=tanh)"
	p, x := network[float64](t, model, 3, problem.SoftmaxCrossEntropy)
	q, y := network[float32](t, model, 3, problem.SoftmaxCrossEntropy)
	all := func(f problem.Objective[float64]) (values [][]float64) {
		add := func(n int) []float64 {
			values = append(values, make([]float64, n))
			return values[len(values)-1]
		}
		norms, _ := problem.As[problem.ExampleNorms[float64]](f)
		norms.ExampleNorms(add(50), x)
		j, _ := problem.As[problem.Jacobian[float64]](f)
		jv := add(50 * 3)
		j.JacVec(jv, x, x)
		j.VecJac(add(len(x)), x, jv)
		k, _ := problem.As[problem.Kronecker[float64]](f)
		var a, g [][]float64
		for _, l := range k.KroneckerLayers() {
			a, g = append(a, add(l.In*l.In)), append(g, add(l.Out*l.Out))
		}
		k.KroneckerFactors(a, g, x)
		s, _ := problem.As[problem.Sampler[float64]](f)
		sampled, ok := s.Sampled(x, 3)
		if !ok || !sampled.MulVec(problem.EmpiricalFisher, add(len(x)), x, x) {
			t.Fatal("no product with the empirical Fisher matrix of sampled labels")
		}
		return values
	}
	want := all(p.Sets["train"])
	for i, got := range all(NewPass(q, y, 1, 1).Sets["train"]) {
		near(t, "value", 1+relative(got, want[i]), 1, 5e-6)
	}
}
