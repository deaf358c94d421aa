package probe

import (
	"math"
	"slices"
	"testing"

	"basin/kernel"
	"basin/nn"
	"basin/problem"
	"basin/recipe"
	"basin/rng"
)

// linear poses a network without hidden layers on random inputs of a shape, made by
// draw, and a random solution.
func linear(t *testing.T, shape []int, outputs int, kind problem.LossKind, draw func(*rng.Stream) float64) (*Pass, *InputSet) {
	t.Helper()
	r, err := recipe.Parse("linear(bias=false)")
	if err != nil {
		t.Fatal(err)
	}
	m, err := nn.ParseModel("linear(bias=false)", r[0])
	if err != nil {
		t.Fatal(err)
	}
	net, err := nn.NewNet(m, nn.Input{Shape: shape}, outputs)
	if err != nil {
		t.Fatal(err)
	}
	engine := nn.NewEngine[float64](net, kind, 64)
	p := &problem.Problem[float64]{Layout: net.Layout(), Start: make([]float64, net.Layout().N), Sets: map[string]problem.Objective[float64]{}}
	in := nn.Input{Shape: shape}.Len()
	for i, set := range []string{"train", "test"} {
		s := rng.At(11, "linear", i)
		ex := &nn.Examples[float64]{N: 200, In: in}
		for range ex.N {
			for range in {
				ex.X = append(ex.X, draw(&s))
			}
			if kind == problem.Squared {
				for range outputs {
					ex.Targets = append(ex.Targets, s.Norm())
				}
			} else {
				ex.Labels = append(ex.Labels, s.IntN(max(2, outputs)))
			}
		}
		p.Sets[set] = engine.Objective(ex)
	}
	s := rng.At(12, "solution", 0)
	x := make([]float64, len(p.Start))
	for i := range x {
		x[i] = s.Norm() / math.Sqrt(float64(in))
	}
	pass := NewPass(p, x, math.NaN(), 1)
	inputs, err := Need(pass, Inputs{"test", 0})
	if err != nil {
		t.Fatal(err)
	}
	return pass, inputs
}

func normal(s *rng.Stream) float64 { return 2 * s.Norm() }

func testOutputs(t *testing.T, p *Pass) *Predictions {
	t.Helper()
	o, err := Need(p, Outputs{"test", 0})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// Of a linear function of the inputs each attack takes eps |w| off the margin, |w|
// the dual norm.
func TestAttacksOnLinear(t *testing.T) {
	p, _ := linear(t, []int{10}, 1, problem.Logistic, normal)
	r := ask(t, p, "adversarial(linf=[0.01, 0.05, 0.1], l2=[0.03, 0.2], examples=0)")
	o := testOutputs(t, p)
	unit, err := Need(p, inputScale{})
	if err != nil {
		t.Fatal(err)
	}
	mean := 0.
	for name, cost := range map[string]float64{
		"linf_0.01": .01 * l1(p.X), "linf_0.05": .05 * l1(p.X), "linf_0.1": .1 * l1(p.X), "l2_0.03": .03 * kernel.Norm2(p.X), "l2_0.2": .2 * kernel.Norm2(p.X),
	} {
		left := 0.
		for i := range o.N {
			if o.margin(i) > cost*unit.sd {
				left += 1 / float64(o.N)
			}
		}
		near(t, "fgsm "+name, r["fgsm_accuracy/"+name].Value, left, 1e-13)
		near(t, "pgd "+name, r["pgd_accuracy/"+name].Value, left, 1e-13)
		mean += left / 5
	}
	near(t, "mean", r["adversarial_accuracy"].Value, mean, 1e-13)
}

// A step never leaves the ball, and along a vanishing gradient it goes as far as
// along any.
func TestBalls(t *testing.T) {
	d := make([]float64, 3)
	l2Ball{}.steepest(d, []float64{3e-300, 0, -4e-300})
	near(t, "direction", d[0], .6, 1e-15)
	near(t, "direction", -d[2], .8, 1e-15)
	l2Ball{}.project(d, .5)
	near(t, "length", kernel.Norm2(d), .5, 1e-15)
	linfBall{}.steepest(d, []float64{-2, 0, 1e-300})
	if !slices.Equal(d, []float64{-1, 0, 1}) {
		t.Errorf("direction %v", d)
	}
	linfBall{}.project(d, .25)
	if !slices.Equal(d, []float64{-.25, 0, .25}) {
		t.Errorf("projected to %v", d)
	}
	l2Ball{}.steepest(d, make([]float64, 3))
	if kernel.AbsMax(d) != 0 {
		t.Errorf("a zero gradient gives the direction %v", d)
	}
}

// Where all gradients are zero an attack says so.
func TestAttackWarnsOfMaskedGradients(t *testing.T) {
	p, _ := linear(t, []int{4}, 3, problem.SoftmaxCrossEntropy, normal)
	clear(p.X)
	r := ask(t, p, "adversarial")
	if w := r["pgd_accuracy/l2_1"].Warnings; len(w) != 1 {
		t.Errorf("warnings %q", w)
	}
}

// Of softmax regression g = W'(p - e_y), and the Jacobian is W.
func TestInputGradientOfLinear(t *testing.T) {
	p, in := linear(t, []int{10}, 4, problem.SoftmaxCrossEntropy, normal)
	r := ask(t, p, "input_gradient(examples=0, draws=200)")
	o := testOutputs(t, p)
	unit, err := Need(p, inputScale{})
	if err != nil {
		t.Fatal(err)
	}
	var two, one float64
	prob := make([]float64, 4)
	for i, y := range o.Labels {
		softmax(prob, o.Row(i))
		prob[y]--
		g := make([]float64, in.Size)
		for k, v := range prob {
			kernel.Axpy(g, v, p.X[k*in.Size:(k+1)*in.Size])
		}
		two += unit.sd * kernel.Norm2(g) / float64(o.N)
		one += unit.sd * l1(g) / float64(o.N)
	}
	near(t, "l2", r["input_gradient"].Value, two, 1e-12)
	near(t, "l1", r["input_gradient_l1"].Value, one, 1e-12)
	j, want := r["input_jacobian"], unit.sd*kernel.Norm2(p.X)
	if math.Abs(j.Value-want) > 4*j.Err || j.Err > .01*want {
		t.Errorf("Jacobian %v +- %v, want %v", j.Value, j.Err, want)
	}
}

// Of exponential loss and a linear function the mean over noise has a closed form:
// exp(-m) times exp(s^2 sum w^2 x^2 / 2), or exp(s^2 rms^2 |x|^2 / 2).
func TestWeightNoiseOnLinear(t *testing.T) {
	p, in := linear(t, []int{10}, 1, problem.Exponential, normal)
	r := ask(t, p, "weight_noise(sizes=[0.2], draws=3000, examples=0)")
	o := testOutputs(t, p)
	var relative, additive float64
	rms := kernel.Norm2(p.X) / math.Sqrt(10)
	for i := range o.N {
		x := in.Row(i)
		var own float64
		for j, w := range p.X {
			own += w * w * x[j] * x[j]
		}
		clean := math.Exp(-o.margin(i)) / float64(o.N)
		relative += clean * math.Exp(.04*own/2)
		additive += clean * math.Exp(.04*rms*rms*kernel.Dot(x, x)/2)
	}
	for name, want := range map[string]float64{"relative_0.2": relative, "additive_0.2": additive} {
		got := r["weight_noise_loss/"+name]
		if math.Abs(got.Value-want) > 4*got.Err || got.Err > .05*want {
			t.Errorf("%s: %v +- %v, want %v", name, got.Value, got.Err, want)
		}
	}
	// The mean of one size is that size.
	near(t, "mean", r["weight_noise_mean"].Value, r["weight_noise_accuracy/relative_0.2"].Value, 1e-14)
	again := ask(t, p, "weight_noise(sizes=[1e-12], draws=2, examples=0), accuracy")
	near(t, "tiny noise", again["weight_noise_mean"].Value, again["test_accuracy"].Value, 0)
}

func TestAlterations(t *testing.T) {
	in := &InputSet{N: 1, Size: 3 * 4 * 2, Shape: []int{3, 4, 2}}
	src, dst := make([]float64, in.Size), make([]float64, in.Size)
	for i := range src {
		src[i] = float64(i)
	}
	contrast(dst, src, .25, nil)
	near(t, "mean kept", kernel.Sum(dst), kernel.Sum(src), 1e-14)
	near(t, "range", dst[23]-dst[0], 23./4, 1e-14)

	seen := map[int]bool{}
	for r := range 60 {
		s := rng.At(1, "occlusion", r)
		occlusion(in, -1)(dst, src, .5, &s)
		covered, first := 0, -1
		for i, v := range dst {
			switch {
			case v == -1:
				covered++
				if first < 0 {
					first = i
				}
			case v != src[i]:
				t.Fatalf("pixel %d is %v", i, v)
			}
		}
		if covered != 2*2*2 { // half of 3 rows, rounded up, and of 4 columns
			t.Fatalf("%d numbers are covered", covered)
		}
		seen[first] = true
	}
	if len(seen) != 2*3 {
		t.Errorf("%d places", len(seen))
	}

	ways := map[float64]bool{}
	for r := range 40 {
		s := rng.At(1, "shift", r)
		shift(in)(dst, src, 1, &s)
		at := func(v []float64, r, c, k int) float64 { return v[(r*4+c)*2+k] }
		// Pixel (1, 1) comes from one of its four neighbours, pixel (1, 0) with it or from
		// itself.
		var way float64 = -1
		for _, from := range [][2]int{{0, 1}, {2, 1}, {1, 0}, {1, 2}} {
			if at(dst, 1, 1, 1) == at(src, from[0], from[1], 1) {
				way = at(src, from[0], from[1], 1)
				if want := at(src, from[0], max(from[1]-1, 0), 0); at(dst, 1, 0, 0) != want {
					t.Errorf("at the edge %v, want %v", at(dst, 1, 0, 0), want)
				}
			}
		}
		ways[way] = true
	}
	if len(ways) != 4 || ways[-1] {
		t.Errorf("shifts %v", ways)
	}

	wide, noisy := make([]float64, 100_000), make([]float64, 100_000)
	s := rng.At(1, "noise", 0)
	moments{sd: 3}.noise(noisy, wide, .5, &s)
	near(t, "noise", kernel.Norm2(noisy)/math.Sqrt(100_000), 1.5, .02)
}

// A linear function's outputs at less contrast are known, and so is their loss.
func TestCorruptionOfLinear(t *testing.T) {
	p, in := linear(t, []int{4, 3, 1}, 3, problem.SoftmaxCrossEntropy, func(s *rng.Stream) float64 { return 1 + s.Norm() })
	r := ask(t, p, "corruption(noise=[1e-9], contrast=[0.3], occlusion=[1], shift=[1, 2, 2], examples=0), accuracy")
	o := testOutputs(t, p)
	faded := *o
	faded.Z = slices.Clone(o.Z)
	for i := range o.N {
		mean := kernel.Sum(in.Row(i)) / float64(in.Size)
		for k := range o.K {
			faded.Z[i*o.K+k] = .3*o.Row(i)[k] + .7*mean*kernel.Sum(p.X[k*in.Size:(k+1)*in.Size])
		}
	}
	loss, stderr := meanErr(faded.losses())
	near(t, "loss", r["corrupted_loss/contrast_0.3"].Value, loss, 1e-12)
	near(t, "its error", r["corrupted_loss/contrast_0.3"].Err, stderr, 1e-12)
	right, _ := faded.right()
	near(t, "accuracy", r["corrupted_accuracy/contrast_0.3"].Value, kernel.Sum(right)/200, 1e-13)
	near(t, "hardly any noise", r["corruption_accuracy/noise"].Value, r["test_accuracy"].Value, 1e-13)
	// Pictures all covered are all one: they are put in one class.
	count := frequencies(o)
	if got := r["corrupted_accuracy/occlusion_1"].Value * 200; !slices.ContainsFunc(count, func(n int) bool { return math.Abs(got-float64(n)) < 1e-9 }) {
		t.Errorf("%v right of %v", got, count)
	}
	shifted := (r["corrupted_accuracy/shift_1"].Value + r["corrupted_accuracy/shift_2"].Value) / 2
	near(t, "shift", r["corruption_accuracy/shift"].Value, shifted, 1e-13)
	mean := 0.
	for _, kind := range []string{"noise", "contrast", "occlusion", "shift"} {
		mean += r["corruption_accuracy/"+kind].Value / 4
	}
	near(t, "mean", r["corruption_accuracy"].Value, mean, 1e-13)
	near(t, "drop", r["corruption_drop"].Value, r["test_accuracy"].Value-mean, 1e-12)

	flat, _ := linear(t, []int{12}, 3, problem.SoftmaxCrossEntropy, normal)
	r = ask(t, flat, "corruption")
	if _, shifted := r["corruption_accuracy/shift"]; shifted || r["corruption_accuracy"].Value != r["corruption_accuracy/noise"].Value {
		t.Error("numbers that are no picture were shifted")
	}
	if r = ask(t, flat, "corruption(noise=[])"); r["corruption_accuracy"].None == "" {
		t.Errorf("with nothing altered the accuracy is %v", r["corruption_accuracy"].Value)
	}
	numbers, _ := linear(t, []int{12}, 2, problem.Squared, normal)
	r = ask(t, numbers, "corruption")
	if r["corruption_accuracy"].None != "the targets are not classes" || !r["corrupted_loss/noise_1"].Defined() {
		t.Errorf("%+v, %+v", r["corruption_accuracy"], r["corrupted_loss/noise_1"])
	}
}

// A linear network is its own linear fit.
func TestSimplicity(t *testing.T) {
	p, in := linear(t, []int{10}, 4, problem.SoftmaxCrossEntropy, normal)
	r := ask(t, p, "simplicity(ridge=1e-12, fit=200, examples=0)")
	near(t, "r2", r["linear_r2"].Value, 1, 1e-12)

	// The fit to the labels, by its normal equations with a column of ones.
	train, err := Need(p, Inputs{"train", 0})
	if err != nil {
		t.Fatal(err)
	}
	labels, err := Need(p, Outputs{"train", 0})
	if err != nil {
		t.Fatal(err)
	}
	f, err := newLinearFitter(train, 1e-12)
	if err != nil {
		t.Fatal(err)
	}
	y := labels.targets()
	residual := f.fit(y, 4).outputs(train)
	kernel.Axpy(residual, -1, y)
	for k := range 4 {
		for j := range in.Size + 1 {
			sum := 0.
			for i := range train.N {
				v := 1.
				if j < in.Size {
					v = train.Row(i)[j]
				}
				sum += residual[i*4+k] * v
			}
			if math.Abs(sum) > 1e-8 {
				t.Fatalf("the residual of class %d has the product %g with input %d", k, sum, j)
			}
		}
	}

	// A solution with the weights of the fit differs from it in the constants alone, for
	// which the model has no place.
	fit := f.fit(y, 4)
	for i := range p.X {
		p.X[i] = fit.w[i%10*4+i/10]
	}
	p.known = nil
	r = ask(t, p, "simplicity(ridge=1e-12, fit=200, examples=0)")
	if r["linear_agreement"].Value < .85 || r["linear_kappa"].Value < .8 {
		t.Errorf("agreement %v, kappa %v", r["linear_agreement"].Value, r["linear_kappa"].Value)
	}
	clear(p.X)
	p.known = nil
	if r = ask(t, p, "simplicity"); r["linear_r2"].None != "the outputs are the same for all inputs" {
		t.Errorf("%+v", r["linear_r2"])
	}
}
