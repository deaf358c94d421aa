package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"basin/problem"
)

func findBlock(t *testing.T, n *Net, name string) problem.Block {
	t.Helper()
	i := slices.IndexFunc(n.layout.Blocks, func(b problem.Block) bool { return b.Name == name })
	if i < 0 {
		t.Fatalf("no block %s among %v", name, n.layout.Blocks)
	}
	return n.layout.Blocks[i]
}

// The standard deviation of a block's start, within five standard errors of normals.
func TestStartOfModels(t *testing.T) {
	pictures, sequence := Input{Shape: []int{8, 8, 3}}, Input{Shape: []int{32}, Tokens: 50}
	for _, c := range []struct {
		model   string
		in      Input
		outputs int
		block   string
		role    problem.Role
		sd      float64
	}{
		{"cnn(32, 64)", pictures, 10, "conv2.weight", problem.Weight, math.Sqrt(2.0 / (32 * 9))},
		{"cnn(32, kernel=5, init=glorot_normal, scale=3)", pictures, 10, "conv1.weight", problem.Weight, 3 * math.Sqrt(2.0/(3*25+32*25))},
		{"cnn(32, norm=group)", pictures, 10, "conv1.norm.bias", problem.Bias, 0},
		{"resnet(width=32)", pictures, 10, "stage2.block1.shortcut.weight", problem.Weight, math.Sqrt(2.0 / 32)},
		{"resnet(zero_init=true)", pictures, 10, "stage2.block1.conv2.norm.weight", problem.Gain, 0},
		{"resnet(zero_init=true, norm=none)", pictures, 10, "stage2.block1.conv2.weight", problem.Weight, 0},
		{"gpt(layers=8)", sequence, 50, "tokens.weight", problem.Embedding, 0.02},
		{"gpt(layers=8)", sequence, 50, "positions.weight", problem.Embedding, 0.02},
		{"gpt(layers=8)", sequence, 50, "block3.qkv.weight", problem.Weight, 0.02},
		{"gpt(layers=8)", sequence, 50, "block3.out.weight", problem.Weight, 0.02 / 4},
		{"gpt(layers=8, init_std=0.1)", sequence, 50, "block8.down.weight", problem.Weight, 0.1 / 4},
		{"gpt", sequence, 50, "block1.qkv.bias", problem.Bias, 0},
		{"deep_linear(100, scale=2)", numbers(80), 3, "layer1.weight", problem.Weight, 2 / math.Sqrt(80)},
		{"matrix_product(depth=3, scale=0.001)", Input{Shape: []int{2}, Tokens: 70}, 1, "factor2.weight", problem.Weight, 0.1 / math.Sqrt(70)},
	} {
		n := mustNet(t, c.model, c.in, c.outputs)
		x := make([]float64, n.layout.N)
		Init(n, x, 1)
		b := findBlock(t, n, c.block)
		if b.Role != c.role {
			t.Errorf("%s: %s is a %v, want a %v", c.model, c.block, b.Role, c.role)
		}
		v := problem.View(x, b)
		sd := math.Sqrt(dot(v, v) / float64(len(v)))
		if math.Abs(sd-c.sd) > 5*c.sd/math.Sqrt(2*float64(len(v))) {
			t.Errorf("%s: %s starts with standard deviation %v, want %v", c.model, c.block, sd, c.sd)
		}
	}
	for model, want := range map[string]float64{"mlp(4, norm=layer)": 1, "mlp(4, norm=rms)": 1} {
		n := mustNet(t, model, numbers(3), 2)
		x := make([]float64, n.layout.N)
		Init(n, x, 1)
		b := findBlock(t, n, "layer1.norm.weight")
		for _, v := range problem.View(x, b) {
			if v != want || b.Role != problem.Gain {
				t.Errorf("%s: %v %s starts at %v", model, b.Role, b.Name, v)
			}
		}
	}
}

func TestDiagonalLinear(t *testing.T) {
	s := modelled[float64](t, small{"diagonal_linear(depth=5, scale=0.3)", numbers(4), 1, problem.Squared}, 6)
	start := make([]float64, s.net.layout.N)
	Init(s.net, start, 1)
	if slices.Max(start) != 0.3 || slices.Min(start) != 0.3 {
		t.Errorf("starts at %v", start)
	}
	e := NewEngine[float64](s.net, s.loss, 6).Objective(s.examples)
	compare(t, "outputs at the start", outputsAt(e, start), make([]float64, 6), 0)
	var want []float64
	for i := range 6 {
		z := 0.0
		for k, u := range s.x[:4] {
			z += (math.Pow(u, 5) - math.Pow(s.x[4+k], 5)) * s.examples.X[4*i+k]
		}
		want = append(want, z)
	}
	compare(t, "outputs", outputsAt(e, s.x), want, 1e-14)
}

// A product's entries, and its inner products with matrices, by the definition.
func TestMatrixProduct(t *testing.T) {
	const n, width = 4, 3
	entries := modelled[float64](t, small{"matrix_product(depth=3, width=3)", Input{Shape: []int{2}, Tokens: n}, 1, problem.Squared}, 9)
	sensing := modelled[float64](t, small{"matrix_product(depth=3, width=3)", Input{Shape: []int{n, n}}, 1, problem.Squared}, 9)
	x := entries.x
	first, second, third := x[:width*n], x[width*n:][:width*width], x[width*n+width*width:]
	w := multiplied(third, multiplied(second, first, width, width, n), n, width, n)
	var got, want []float64
	for i := range 9 {
		got = append(got, w[entries.examples.Tokens[2*i]*n+entries.examples.Tokens[2*i+1]])
		want = append(want, dot(sensing.examples.X[i*n*n:(i+1)*n*n], w))
	}
	compare(t, "entries", outputsAt(entries.objective(4), x), got, 1e-14)
	compare(t, "inner products", outputsAt(sensing.objective(4), x), want, 1e-14)
}

// multiplied is the product of an m x k and a k x n matrix.
func multiplied(a, b []float64, m, k, n int) []float64 {
	c := make([]float64, m*n)
	for i := range m {
		for j := range n {
			for l := range k {
				c[i*n+j] += a[i*k+l] * b[l*n+j]
			}
		}
	}
	return c
}

// The degree that the help of the model states.
func TestHomogeneousDegree(t *testing.T) {
	for model, degree := range map[string]float64{
		"homogeneous(4)": 2, "homogeneous(4, 3)": 3, "homogeneous(4, power=3)": 4, "homogeneous(4, 3, power=2)": 7, "deep_linear(4, 3)": 3,
	} {
		s := modelled[float64](t, small{model, numbers(3), 2, problem.Squared}, 5)
		o, twice := s.objective(5), slices.Clone(s.x)
		for i := range twice {
			twice[i] *= 2
		}
		want := outputsAt(o, s.x)
		for i := range want {
			want[i] *= math.Exp2(degree)
		}
		compare(t, model, outputsAt(o, twice), want, 1e-14)
		if slices.Max(want) == slices.Min(want) {
			t.Errorf("%s: all outputs are %v", model, want[0])
		}
	}
}

// A position sees those before it alone, and predict=last is the last of all.
func TestCausal(t *testing.T) {
	const context, kinds = 6, 5
	in := Input{Shape: []int{context}, Tokens: kinds}
	s := modelled[float64](t, small{"gpt(layers=2, width=8, heads=2)", in, kinds, problem.SoftmaxCrossEntropy}, 2)
	o := s.objective(2)
	if n, k := o.Size(); n != 2*context || k != kinds || o.Examples() != 2 || len(o.Labels()) != n || o.InputSize() != 0 {
		t.Fatalf("%d predictions of %d outputs for %d examples with %d labels and %d inputs", n, k, o.Examples(), len(o.Labels()), o.InputSize())
	}
	o.InputGrads(nil, s.x)
	before := outputsAt(o, s.x)
	s.examples.Tokens[context-2] = (s.examples.Tokens[context-2] + 1) % kinds
	after := outputsAt(o, s.x)
	if cut := (context - 2) * kinds; !slices.Equal(before[:cut], after[:cut]) || slices.Equal(before[cut:context*kinds], after[cut:context*kinds]) {
		t.Error("a token changes predictions before it, or none after it")
	}
	if !slices.Equal(before[context*kinds:], after[context*kinds:]) {
		t.Error("a token changes predictions of another example")
	}
	last := mustNet(t, "gpt(layers=2, width=8, heads=2, predict=last)", in, kinds)
	ex := &Examples[float64]{N: 2, In: context, Tokens: s.examples.Tokens, Labels: []int{0, 1}}
	p := NewEngine[float64](last, s.loss, 2).Objective(ex)
	var want []float64
	for i := range 2 {
		want = append(want, after[((i+1)*context-1)*kinds:][:kinds]...)
	}
	compare(t, "the last predictions", outputsAt(p, s.x), want, 1e-14)
	if n, _ := p.Size(); n != 2 || last.Positions() != 1 {
		t.Errorf("%d predictions at %d positions", n, last.Positions())
	}
}

// The last hidden layer is what the head takes.
func TestHiddenLayers(t *testing.T) {
	pictures := Input{Shape: []int{6, 6, 2}}
	for _, c := range []struct {
		small
		layers []problem.Activation
	}{
		{small{"cnn(4, hidden=5)", pictures, 3, problem.Squared}, []problem.Activation{{Name: "hidden", Width: 5}}},
		{small{"cnn(4, hidden=0)", pictures, 3, problem.Squared}, nil},
		{small{"resnet(depth=8, width=2)", pictures, 3, problem.Squared}, []problem.Activation{{Name: "features", Width: 8}}},
		{small{"gpt(layers=2, width=4, heads=2)", text, 5, problem.SoftmaxCrossEntropy},
			[]problem.Activation{{Name: "block1", Width: 4}, {Name: "block2", Width: 4}, {Name: "norm", Width: 4}}},
		{small{"deep_linear(4, 3)", numbers(5), 2, problem.Squared}, []problem.Activation{{Name: "layer1", Width: 4}, {Name: "layer2", Width: 3}}},
	} {
		s := modelled[float64](t, c.small, 4)
		e := NewEngine[float64](s.net, s.loss, 3)
		e.Calibrate(s.x, s.examples)
		o := e.Objective(s.examples)
		if !slices.Equal(o.Hidden(), c.layers) {
			t.Errorf("%v: hidden layers %v, want %v", c.small, o.Hidden(), c.layers)
		}
		if c.layers == nil {
			continue
		}
		rows, outputs := o.Size()
		values := make([][]float64, len(c.layers))
		for i, l := range c.layers {
			values[i] = make([]float64, rows*l.Width)
		}
		o.Activations(values, s.x)
		h, width := values[len(values)-1], c.layers[len(values)-1].Width
		head := problem.View(s.x, findBlock(t, s.net, "head.weight"))
		var want []float64
		for i := range rows {
			for k := range outputs {
				want = append(want, dot(head[k*width:(k+1)*width], h[i*width:(i+1)*width]))
				if s.net.layout.Blocks[len(s.net.layout.Blocks)-1].Role == problem.Bias {
					want[len(want)-1] += s.x[len(s.x)-outputs+k]
				}
			}
		}
		compare(t, c.small.String(), outputsAt(o, s.x), want, 1e-13)
	}
}

func TestModelErrors(t *testing.T) {
	pictures := Input{Shape: []int{6, 6, 2}}
	for _, c := range []struct {
		small
		want string
	}{
		{small{"cnn(4, 6, norm=group)", pictures, 3, 0}, ": conv1.norm: 4 channels do not part into 8 groups"},
		{small{"cnn(4, 4, 4, 4, pool_every=1)", pictures, 3, 0}, "conv3.pool: "},
		{small{"cnn(4)", text, 5, 0}, " wants pictures (height, width, channels), the task gives 4 tokens of 5 kinds"},
		{small{"resnet(depth=10)", pictures, 3, 0}, ": depth: 10 is not of the form 6n+2, such as 8, 14, 20, 32, 44, 56"},
		{small{"resnet", numbers(72), 3, 0}, " wants pictures (height, width, channels), the task gives 72 numbers"},
		{small{"gpt(width=10)", text, 5, 0}, ": heads: a width of 10 does not part into 4 heads"},
		{small{"gpt(context=3)", text, 5, 0}, ": context: it is 3, the task gives 4 tokens"},
		{small{"gpt(tie=true)", text, 4, 0}, ": head: tie=true needs as many outputs as kinds of tokens, there are 4 and 5"},
		{small{"gpt", pictures, 5, 0}, " wants tokens, the task gives pictures of 6 x 6 x 2"},
		{small{"diagonal_linear", numbers(3), 2, 0}, ": output: there is one, the task takes 2"},
		{small{"matrix_product", numbers(9), 1, 0}, " wants pairs of tokens (row, column) or square matrices, the task gives 9 numbers"},
		{small{"matrix_product", text, 1, 0}, " wants pairs of tokens (row, column) or square matrices, the task gives 4 tokens of 5 kinds"},
	} {
		_, err := NewNet(mustModel(t, c.recipe), c.in, c.outputs)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s on %v: %v, want %s", c.recipe, c.in, err, c.want)
		}
	}
}

// No model allocates in a step of training or in a product.
func TestModelsDoNotAllocate(t *testing.T) {
	for _, m := range append(smallModels, kinked...) {
		s := modelled[float32](t, m, 4)
		b := NewEngine[float32](s.net, s.loss, 4).Training(s.examples, 0)
		g, key := make([]float32, len(s.x)), uint64(0)
		step := func() {
			key++
			b.SetNoise(key)
			s.x[0] = -s.x[0]
			b.Grad(g, s.x)
			b.MulVec(problem.Hessian, g, s.x, s.x)
		}
		step()
		if n := testing.AllocsPerRun(3, step); n != 0 {
			t.Errorf("%v: %v allocations in a step", m, n)
		}
	}
}

// In single precision gradients are those of double precision, to a few roundings.
func TestModelPrecisions(t *testing.T) {
	for _, m := range smallModels {
		s := modelled[float32](t, m, 6)
		d := &subject[float64]{m.recipe, m.loss, s.net, &Examples[float64]{
			N: 6, In: s.examples.In, X: wide(s.examples.X), Tokens: s.examples.Tokens, Labels: s.examples.Labels, Targets: wide(s.examples.Targets)}, wide(s.x)}
		g, h := make([]float32, len(s.x)), make([]float64, len(s.x))
		f, o := NewEngine[float32](s.net, s.loss, 6).Training(s.examples, 5), NewEngine[float64](s.net, s.loss, 6).Training(d.examples, 5)
		compare(t, m.String()+": loss", []float64{f.Grad(g, s.x)}, []float64{o.Grad(h, d.x)}, 1e-5)
		compare(t, m.String()+": gradient", g, h, 1e-4)
	}
}

// Tokens are checked as labels are.
func TestTokensAreChecked(t *testing.T) {
	s := modelled[float64](t, small{"gpt(layers=1, width=4, heads=1)", text, 5, problem.SoftmaxCrossEntropy}, 3)
	e := NewEngine[float64](s.net, s.loss, 3)
	for want, damage := range map[string]func(ex *Examples[float64]){
		"examples: token 5 of example 1 is not one of 0 to 4":                            func(ex *Examples[float64]) { ex.Tokens[6] = 5 },
		"examples: 11 tokens for 3 examples of 4; the network takes 4 tokens of 5 kinds": func(ex *Examples[float64]) { ex.Tokens = ex.Tokens[1:] },
		"examples: 3 labels for 12 predictions":                                          func(ex *Examples[float64]) { ex.Labels = ex.Labels[:3] },
		"examples: label 7 of example 2 is not one of 5 classes, 0 to 4":                 func(ex *Examples[float64]) { ex.Labels[9] = 7 },
	} {
		ex := s.examples.Room(3)
		ex.Gather(s.examples, []int{0, 1, 2})
		damage(ex)
		if err := e.Check(ex); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// Losses start near those of uniform predictions, for every model of classes.
func TestLossAtStart(t *testing.T) {
	for _, m := range []small{
		{"cnn(8, 8, pool_every=1, norm=batch)", Input{Shape: []int{8, 8, 1}}, 10, problem.SoftmaxCrossEntropy},
		{"resnet(depth=8, width=8)", Input{Shape: []int{8, 8, 1}}, 10, problem.SoftmaxCrossEntropy},
		{"gpt", Input{Shape: []int{16}, Tokens: 10}, 10, problem.SoftmaxCrossEntropy},
		{"homogeneous(64)", numbers(20), 10, problem.SoftmaxCrossEntropy},
	} {
		s := modelled[float64](t, m, 64)
		Init(s.net, s.x, 1)
		if loss := NewEngine[float64](s.net, s.loss, 64).Training(s.examples, 0).Loss(s.x); loss < 2 || loss > 4 {
			t.Errorf("%v: loss %v at the start, uniform predictions have %v", m, loss, math.Log(10))
		}
	}
}
