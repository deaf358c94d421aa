package task

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"basin/problem"
	"basin/recipe"
)

// labelsOf are the classes of a set.
func labelsOf(t *testing.T, f problem.Objective[float32]) []int {
	t.Helper()
	p, ok := problem.As[problem.Predictor[float32]](f)
	if !ok {
		t.Fatal("a set without classes")
	}
	return p.Labels()
}

// A group has its classes alone, in training as in testing, and all examples are in one.
func TestClassIncremental(t *testing.T) {
	whole := pose[float32](t, load(t, "glyphs(train=600)", "mlp(8)"), 1)
	for _, head := range []string{"single", "multi"} {
		p := pose[float32](t, load(t, "class_incremental(glyphs(train=600, batch=16), groups=5, head="+head+")", "mlp(8)"), 1)
		if len(p.Phases) != 5 || len(p.Stream) != 5 || p.Layout.N != whole.Layout.N || !slices.Equal(p.Start, whole.Start) {
			t.Fatalf("%s: %d phases, %d tasks, %d parameters", head, len(p.Phases), len(p.Stream), p.Layout.N)
		}
		count := make([]int, 10)
		for k := range 5 {
			first, mask := 2*k, [2]int{2 * k, 2*k + 2}
			if head == "multi" {
				first, mask = 0, [2]int{}
			}
			sets := []problem.Objective[float32]{p.Stream[k].Judge, p.Phases[k].Batch(1), p.Phases[k].Batch(1000)}
			for i, f := range sets {
				for _, y := range labelsOf(t, f) {
					if y != first && y != first+1 {
						t.Fatalf("%s: class %d in task %d", head, y, k+1)
					}
					if i == 0 {
						count[2*k+y-first]++
					}
				}
			}
			if p.Stream[k].Mask != mask {
				t.Errorf("%s: mask %v of task %d", head, p.Stream[k].Mask, k+1)
			}
		}
		want := make([]int, 10)
		for _, y := range labelsOf(t, whole.Sets["test"]) {
			want[y]++
		}
		if !slices.Equal(count, want) {
			t.Errorf("%s: %v examples by class, in all there are %v", head, count, want)
		}
	}
}

// The gradient of a phase with heads is zero at the outputs of the other heads.
func TestHeadsAreApart(t *testing.T) {
	p := pose[float32](t, load(t, "permuted(two_moons(batch=20), tasks=3, head=multi)", "mlp(4)"), 1)
	bias := p.Layout.Blocks[len(p.Layout.Blocks)-1]
	if !slices.Equal(bias.Shape, []int{6}) {
		t.Fatalf("the last block is %v", bias)
	}
	g := make([]float32, p.Layout.N)
	for k := range 3 {
		p.Phases[k].Batch(1).Grad(g, p.Start)
		for i, v := range problem.View(g, bias) {
			if (v != 0) != (i/2 == k) {
				t.Errorf("phase %d: gradient %v at output %d", k+1, v, i)
			}
		}
	}
}

// A network whose first layer is permuted alike sees a permuted task as the one it is
// made of; the orders do not depend on the seed, and differ from task to task.
func TestPermuted(t *testing.T) {
	d := load(t, "permuted(glyphs(train=300), tasks=3, identity=true)", "mlp(5)")
	plain := pose[float32](t, load(t, "glyphs(train=300)", "mlp(5)"), 1)
	p, other := pose[float32](t, d, 1), pose[float32](t, d, 2)
	x := plain.Start
	if got, want := p.Sets["test/1"].Loss(x), plain.Sets["test"].Loss(x); got != want {
		t.Errorf("the first task has loss %v, without order it is %v", got, want)
	}
	w := permutation(784, 0, 1)
	y := slices.Clone(x)
	first := p.Layout.Blocks[0]
	for out := range first.Shape[0] {
		row := problem.View(y, first)[out*784 : (out+1)*784]
		for i, j := range w.from {
			row[i] = problem.View(x, first)[out*784+int(j)]
		}
	}
	if got, want := p.Sets["test/2"].Loss(y), plain.Sets["test"].Loss(x); math.Abs(got-want) > 1e-5*want {
		t.Errorf("permuted task has loss %v of the permuted network, want %v", got, want)
	}
	sorted := slices.Sorted(slices.Values(w.from))
	for i, j := range sorted {
		if i != int(j) {
			t.Fatal("the order is no permutation")
		}
	}
	for set, f := range p.Sets {
		if f.Loss(x) != other.Sets[set].Loss(x) {
			t.Errorf("set %s depends on the seed", set)
		}
	}
	if slices.Equal(w.from, permutation(784, 0, 2).from) || slices.Equal(w.from, permutation(784, 1, 1).from) {
		t.Error("two tasks, or two seeds of the data, have the same order")
	}
	if a, b := p.Phases[1].Batch(1).Loss(x), other.Phases[1].Batch(1).Loss(x); a == b {
		t.Error("two seeds have the same batch")
	}
	// What is trained on is permuted as what is judged.
	all := pose[float32](t, load(t, "permuted(glyphs(train=300, batch=0), tasks=3)", "mlp(5)"), 1)
	if got, want := all.Phases[2].Batch(1).Loss(x), all.Sets["train"].Loss(x); math.Abs(got-want) > 1e-5*want {
		t.Errorf("loss %v on the last phase's examples in one batch, want %v", got, want)
	}
}

// Two inputs have one order that is not theirs.
func TestPermutationMoves(t *testing.T) {
	for k := range 20 {
		if w := permutation(2, 0, k); !slices.Equal(w.from, []int32{1, 0}) {
			t.Fatalf("order %v", w.from)
		}
	}
}

func TestRotation(t *testing.T) {
	picture := []float64{
		1, 2, 3,
		4, 5, 6,
		7, 8, 9,
	}
	turned := func(degrees float64) []float64 {
		to := make([]float64, 9)
		warpOne(rotation(3, 3, 1, degrees), to, picture)
		return to
	}
	for degrees, want := range map[float64][]float64{
		0:    picture,
		90:   {3, 6, 9, 2, 5, 8, 1, 4, 7},
		180:  {9, 8, 7, 6, 5, 4, 3, 2, 1},
		-90:  {7, 4, 1, 8, 5, 2, 9, 6, 3},
		-360: picture,
		// The picture is 1 + 3y + x, which bilinear interpolation gives exactly, at
		// y = 1 + (i-1)/sqrt 2 + (j-1)/sqrt 2 and x = 1 - (i-1)/sqrt 2 + (j-1)/sqrt 2, both held to [0, 2].
		45: {2, 5 - math.Sqrt2, 6, 5 - 2*math.Sqrt2, 5, 5 + 2*math.Sqrt2, 4, 5 + math.Sqrt2, 8},
	} {
		got := turned(degrees)
		for i := range want {
			if math.Abs(got[i]-want[i]) > 1e-6 {
				t.Errorf("by %v degrees: %v, want %v", degrees, got, want)
				break
			}
		}
	}
}

// Random classes are drawn anew for each task, about alike often, on the same pictures.
func TestRandomLabels(t *testing.T) {
	p := pose[float32](t, load(t, "random_labels(glyphs(train=2000, batch=0), tasks=3)", "mlp(5)"), 1)
	if len(p.Sets) != 1 {
		t.Errorf("sets %v", p.Sets)
	}
	first, second := labelsOf(t, p.Stream[0].Judge), labelsOf(t, p.Stream[1].Judge)
	alike, count := 0, make([]int, 10)
	for i, y := range first {
		count[y]++
		if y == second[i] {
			alike++
		}
	}
	// 200 expected, with a standard deviation of 13.4.
	if alike < 150 || alike > 250 || slices.Min(count) < 150 || slices.Max(count) > 250 {
		t.Errorf("%d of 2000 classes are the same, %v by class", alike, count)
	}
}

func TestStreamRecipes(t *testing.T) {
	k := resolve(t, "class_incremental(mnist(train=100), groups=2, steps=7)", "")
	const want = "class_incremental(base=mnist(batch=128, normalize=standard, train=100), groups=2, epochs=2, steps=7, until_accuracy=0, reset=false, head=single)"
	if k.Recipe() != want || k.Phases() != 2 || resolve(t, want, k.Model()).Recipe() != want {
		t.Errorf("%s with %d phases", k.Recipe(), k.Phases())
	}
	if resolve(t, "glyphs", "").Phases() != 0 {
		t.Error("a single task has phases")
	}
	for text, want := range map[string]string{
		"permuted(gliphs)":                     `unknown task "gliphs"; did you mean "glyphs"?`,
		"permuted(glyphs(bach=1))":             `unknown argument "bach" of glyphs; did you mean "batch"?`,
		"permuted(permuted)":                   "permuted is a stream already",
		"permuted(1)":                          "must be a task such as glyphs, found 1",
		"permuted(glyphs, tasks=0)":            "tasks of permuted must be in [1,1000]",
		"rotated(glyphs, until_accuracy=1.5)":  "until_accuracy of rotated must be in [0,1]",
		"class_incremental(glyphs, head=some)": "head of class_incremental must be one of single, multi",
	} {
		_, err := Resolve(parsed(t, text), nil)
		var at *recipe.Error
		if !errors.As(err, &at) || !strings.Contains(at.Msg, want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	for text, want := range map[string]string{
		"permuted(quadratic)":                             "task permuted: a stream is made of examples with one class each, and quadratic has none",
		"permuted(linear_regression)":                     "a stream is made of examples with one class each, and linear_regression has none",
		"class_incremental(separable)":                    "groups of classes are for softmax, and the loss is logistic",
		"permuted(separable, head=multi)":                 "head=multi is for softmax",
		"class_incremental(glyphs(train=300), groups=11)": "groups=11 is more than the 10 classes there are",
		"class_incremental(glyphs, groups=3, head=multi)": "10 classes do not part into 3",
		"class_incremental(glyphs(train=300, batch=128))": "training examples of task 1; batch=0 takes them all",
		"rotated(two_moons)":                              "only pictures can be turned, and the inputs are 2 numbers",
		"permuted(modular_addition(input=tokens))":        "there is nothing to permute: the inputs are 3 tokens",
		`permuted(csv(file="none.csv"))`:                  "task permuted: csv: ",
	} {
		model := ""
		if strings.Contains(text, "tokens") {
			model = "gpt(layers=1, width=8, heads=1, predict=last)"
		}
		_, err := resolve(t, text, model).Load("")
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// Networks of all kinds take streams, those with a state and a task that tells its shape
// late among them.
func TestStreamModels(t *testing.T) {
	for text, model := range map[string]string{
		"permuted(glyphs(train=200, batch=50), tasks=2, head=multi)":                     "mlp(8, norm=batch)",
		"rotated(glyphs(train=200, batch=50), tasks=2, until_accuracy=0.5)":              "cnn",
		`permuted(npz(file="../data/testdata/numpy.npz", batch=5), tasks=2, head=multi)`: "",
		"class_incremental(modular_addition(p=6, batch=2, input=tokens), groups=3)":      "gpt(layers=1, width=8, heads=1, predict=last)",
	} {
		p := pose[float32](t, load(t, text, model), 1)
		x := elsewhere(p)
		p.Calibrate(x)
		for name, f := range p.Sets {
			if loss := f.Loss(x); !(loss > 0) || math.IsInf(loss, 0) {
				t.Errorf("%s: loss %v on %s", text, loss, name)
			}
		}
		for i := range p.Phases {
			if loss := p.Phases[i].Batch(1).Loss(x); !(loss > 0) || math.IsInf(loss, 0) {
				t.Errorf("%s: loss %v in phase %d", text, loss, i+1)
			}
		}
	}
}
