package task

import (
	"math"
	"slices"
	"strings"
	"testing"

	"basin/data"
	"basin/internal/near"
	"basin/problem"
)

// Features come to mean 0 and variance 1 over training, whatever their scale, and the
// other parts are measured by the same rule.
func TestStandardize(t *testing.T) {
	s := &data.Samples[float64]{
		Shape: []int{3}, Outputs: 1,
		Train: &data.Sample[float64]{N: 4, X: []float64{1e9, 5, 7, 1e9 + 1, 5, 8, 1e9 + 2, 5, 9, 1e9 + 3, 5, 10}, Y: []float64{0, 0, 4, 4}},
		Val:   &data.Sample[float64]{N: 1, X: []float64{1e9 + 1.5, 6, 8.5}, Y: []float64{6}},
		Test:  &data.Sample[float64]{N: 1, X: []float64{1e9, 5, 0}, Y: []float64{2}},
	}
	standardize(s)
	r := 1 / math.Sqrt(1.25)
	want := []float64{-1.5 * r, 0, -1.5 * r, -0.5 * r, 0, -0.5 * r, 0.5 * r, 0, 0.5 * r, 1.5 * r, 0, 1.5 * r}
	if diff := near.Diff(s.Train.X, want, 1e-6, 0); diff != "" { // 1e9 is exact to 1e-7
		t.Error(diff)
	}
	if diff := near.Diff(s.Val.X, []float64{0, 1, 0}, 1e-6, 0); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(s.Train.Y, []float64{-1, -1, 1, 1}) || s.Val.Y[0] != 2 || s.Test.Y[0] != 0 {
		t.Errorf("targets %v, %v, %v", s.Train.Y, s.Val.Y, s.Test.Y)
	}
	// Of pictures each channel.
	p := &data.Samples[float32]{Shape: []int{1, 2, 2}, Classes: 2}
	p.Train = &data.Sample[float32]{N: 2, X: []float32{0, 10, 2, 30, 4, 50, 6, 70}, Labels: []int{0, 1}}
	p.Val, p.Test = &data.Sample[float32]{N: 1, X: []float32{3, 40, 3, 40}}, &data.Sample[float32]{N: 1, X: []float32{3, 40, 3, 40}}
	standardize(p)
	for i := range 4 {
		want := (2*float64(i) - 3) / math.Sqrt(5)
		if math.Abs(float64(p.Train.X[2*i])-want) > 1e-7 || math.Abs(float64(p.Train.X[2*i+1])-want) > 1e-7 {
			t.Errorf("pixel %d is %v, want %v twice", i, p.Train.X[2*i:2*i+2], want)
		}
	}
	if slices.Max(p.Test.X) != 0 {
		t.Errorf("the means of the channels are at %v", p.Test.X)
	}
}

func TestLossFor(t *testing.T) {
	for _, c := range []struct {
		classes, numbers int
		name             string
		loss             problem.LossKind
		outputs          int
		err              string
	}{
		{3, 0, "softmax", problem.SoftmaxCrossEntropy, 3, ""},
		{2, 0, "softmax", problem.SoftmaxCrossEntropy, 2, ""},
		{2, 0, "logistic", problem.Logistic, 1, ""},
		{0, 4, "softmax", problem.Squared, 4, ""},
		{3, 0, "logistic", 0, 0, "loss=logistic is for two classes, and there are 3"},
		{0, 1, "logistic", 0, 0, "loss=logistic is for two classes, and the targets are numbers"},
	} {
		loss, outputs, err := lossFor(c.classes, c.numbers, c.name)
		if c.err != "" {
			if err == nil || !strings.HasPrefix(err.Error(), c.err) {
				t.Errorf("%+v: error %v", c, err)
			}
			continue
		}
		if loss != c.loss || outputs != c.outputs || err != nil {
			t.Errorf("%+v: %v with %d outputs, %v", c, loss, outputs, err)
		}
	}
}

// kindOf gives the loss of a task and its outputs per example.
func kindOf(t *testing.T, task string) (problem.LossKind, int) {
	t.Helper()
	p := mustPredict(t, pose[float64](t, load(t, task, ""), 1).Sets["train"])
	_, outputs := p.Size()
	return p.LossKind(), outputs
}

func TestLossesOfTasks(t *testing.T) {
	needShared(t)
	for _, c := range []struct {
		task    string
		loss    problem.LossKind
		outputs int
	}{
		{"parity", problem.SoftmaxCrossEntropy, 2},
		{"parity(loss=logistic)", problem.Logistic, 1},
		{"two_moons", problem.SoftmaxCrossEntropy, 2},
		{"two_moons(loss=logistic)", problem.Logistic, 1},
		{"teacher", problem.Squared, 1},
		{"teacher(classes=3)", problem.SoftmaxCrossEntropy, 3},
		{"modular_addition(p=7)", problem.SoftmaxCrossEntropy, 7},
		{`csv(file="sklearn/iris.csv")`, problem.SoftmaxCrossEntropy, 3},
		{`csv(file="sklearn/iris.csv", kind=numbers)`, problem.Squared, 1},
		{`csv(file="sklearn/breast_cancer.csv", loss=logistic)`, problem.Logistic, 1},
		{`npz(file="../data/testdata/numpy.npz", x="bytes", y="reg", batch=4)`, problem.Squared, 2},
	} {
		if loss, outputs := kindOf(t, c.task); loss != c.loss || outputs != c.outputs {
			t.Errorf("%s has %v loss and %d outputs", c.task, loss, outputs)
		}
	}
}

// The student of the teacher's own shape can have its weights, and then has no loss.
func TestTeacherIsLearnable(t *testing.T) {
	p := pose[float64](t, load(t, "teacher(inputs=6, width=4, act=tanh)", "mlp(4, act=tanh, bias=false)"), 1)
	own := data.NewTeacher(6, 4, 1, math.Tanh, 0)
	x := slices.Concat(own.W, own.A)
	for name, f := range p.Sets {
		if l := f.Loss(x); l > 1e-30 {
			t.Errorf("the teacher's own weights have the loss %v on %s", l, name)
		}
	}
}

// Small networks learn the generated tasks, and a linear model the real tables.
func TestTasksAreLearnable(t *testing.T) {
	needShared(t)
	for _, c := range []struct {
		task, model string
		lr          float64
		steps       int
		lowest      float64 // of the test accuracy
	}{
		{"two_moons(noise=0.1)", "", 0.3, 1000, 0.98},
		{"parity(bits=10, k=2)", "", 0.2, 3000, 0.98},
		{`csv(file="sklearn/iris.csv")`, "linear", 0.3, 300, 0.9},
		{`csv(file="sklearn/breast_cancer.csv")`, "linear", 0.1, 300, 0.93},
		{`csv(file="sklearn/digits.csv.gz")`, "linear", 0.1, 500, 0.93},
		{`csv(file="optdigits/optdigits.tra", test_file="optdigits/optdigits.tes")`, "linear", 0.1, 500, 0.92},
	} {
		p := pose[float32](t, load(t, c.task, c.model), 1)
		if a := accuracy(p.Sets["test"], descend(p, c.lr, c.steps)); a < c.lowest {
			t.Errorf("%s: %.1f %% of the test examples are right", c.task, 100*a)
		}
	}
}

// What is read or generated is shared by all problems, and none writes to it.
func TestSharedIsReadOnly(t *testing.T) {
	forEvery(t, func(t *testing.T, d *Data, _ bool) {
		p, q := pose[float32](t, d, 1), pose[float32](t, d, 2)
		x := elsewhere(p)
		before := map[string]float64{}
		for name, f := range p.Sets {
			before[name] = f.Loss(x)
		}
		g := make([]float32, len(x))
		for at := 1; at <= 25; at++ {
			q.Phases[0].Batch(at).Grad(g, x)
		}
		for name, f := range p.Sets {
			if f.Loss(x) != before[name] {
				t.Errorf("steps of one problem change %s of another", name)
			}
		}
	})
}

// The examples whose label was flipped are those that a solution of the noiseless
// parity gets wrong, and only those.
func TestParityKnowsItsMislabelled(t *testing.T) {
	problemOf := func(text string) *problem.Problem[float64] { return pose[float64](t, load(t, text, ""), 1) }
	labels := func(f problem.Objective[float64]) []int {
		a, _ := problem.As[problem.Predictor[float64]](f)
		return a.Labels()
	}
	const clean, noisy = "parity(bits=8, k=2, n=500)", "parity(bits=8, k=2, n=500, noise=0.2)"
	want, p := labels(problemOf(clean).Sets["train"]), problemOf(noisy)
	var flipped []int
	for i, y := range labels(p.Sets["train"]) {
		if y != want[i] {
			flipped = append(flipped, y)
		}
	}
	if got := labels(p.Sets["train/mislabelled"]); len(got) == 0 || !slices.Equal(got, flipped) {
		t.Errorf("%d are mislabelled, want %d", len(got), len(flipped))
	}
	if _, some := problemOf(clean).Sets["train/mislabelled"]; some {
		t.Error("without noise some are mislabelled")
	}
}
