package task

import (
	"math"
	"slices"
	"strings"
	"testing"

	"basin/problem"
	"basin/recipe"
)

func TestCatalog(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range Docs() {
		if d.Name == "" || d.Group == "" || !strings.HasSuffix(d.Summary, ".") || len(d.Notes) == 0 || len(d.Params) == 0 || seen[d.Name] {
			t.Errorf("entry %+v is incomplete or there twice", d)
		}
		seen[d.Name] = true
	}
	for _, e := range catalog {
		if err := recipe.Check(e.settings()); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
	}
}

// every is one recipe of each task, small where it can be.
var every = []struct {
	task   string
	files  bool // it reads files
	random bool // its start depends on the seed
}{
	{"glyphs(train=600)", false, true},
	{"mnist(train=600)", true, true},
	{"fashion_mnist(train=600)", true, true},
	{"cifar10(subset=true, train=300, batch=16, augment=true)", true, true},
	{`text(file="tinyshakespeare/input.txt", batch=2, eval=4)`, true, true},
	{`csv(file="sklearn/iris.csv")`, true, true},
	{`npz(file="../data/testdata/numpy.npz", batch=5)`, false, true},
	{"modular_addition(p=11, batch=16)", false, true},
	{"parity", false, true},
	{"teacher", false, true},
	{"two_moons", false, true},
	{"matrix_completion(size=8, batch=5)", false, true},
	{"quadratic(noise=0.1)", false, true},
	{"linear_regression(batch=4)", false, false},
	{"separable(batch=7)", false, false},
	{"class_incremental(glyphs(train=600), groups=3)", false, true},
	{"permuted(glyphs(train=600), tasks=2)", false, true},
	{"rotated(glyphs(train=600), tasks=2, head=multi)", false, true},
	{"random_labels(two_moons(batch=20), tasks=2)", false, true},
}

func TestEveryIsEvery(t *testing.T) {
	var have []string
	for _, e := range every {
		have = append(have, parsed(t, e.task)[0].Name)
	}
	if !slices.Equal(have, names()) {
		t.Errorf("tasks under test are %v, those of the catalogue %v", have, names())
	}
}

// forEvery runs a test on every task with the bits of a few batches.
func forEvery(t *testing.T, test func(t *testing.T, d *Data, random bool)) {
	for _, e := range every {
		t.Run(parsed(t, e.task)[0].Name, func(t *testing.T) {
			if e.files {
				needShared(t)
			}
			test(t, load(t, e.task, ""), e.random)
		})
	}
}

// gradient gives loss and gradient of step t at x.
func gradient[T problem.Float](p *problem.Problem[T], x []T, t int) []T {
	g := make([]T, p.Layout.N+1)
	g[p.Layout.N] = T(p.Phases[0].Batch(t).Grad(g[:p.Layout.N], x))
	return g
}

// elsewhere is a point that is not the start.
func elsewhere[T problem.Float](p *problem.Problem[T]) []T {
	x := slices.Clone(p.Start)
	for i := range x {
		x[i] += T(0.01 * math.Sin(float64(i)))
	}
	return x
}

func TestBatchesArePure(t *testing.T) {
	forEvery(t, func(t *testing.T, d *Data, _ bool) {
		p, q := pose[float32](t, d, 7), pose[float32](t, d, 7)
		x := elsewhere(p)
		first := gradient(p, x, 5)
		for _, at := range []int{900, 1, 6, 4, 13} {
			if slices.Equal(gradient(p, x, at), first) {
				t.Errorf("steps 5 and %d have the same batch", at)
			}
		}
		if !slices.Equal(gradient(p, x, 5), first) {
			t.Error("the batch of step 5 changed after others were asked for")
		}
		if !slices.Equal(gradient(q, x, 5), first) {
			t.Error("another problem of the same seed has another batch 5")
		}
		if slices.Equal(gradient(pose[float32](t, d, 8), x, 5), first) {
			t.Error("two seeds have the same batch 5")
		}
	})
}

func TestStarts(t *testing.T) {
	forEvery(t, func(t *testing.T, d *Data, random bool) {
		p, same, other := pose[float32](t, d, 1), pose[float32](t, d, 1), pose[float32](t, d, 2)
		if len(p.Start) != p.Layout.N {
			t.Fatalf("start of %d numbers for a layout of %d", len(p.Start), p.Layout.N)
		}
		if !slices.Equal(p.Start, same.Start) {
			t.Error("two problems of one seed start apart")
		}
		if slices.Equal(p.Start, other.Start) == random {
			t.Errorf("two seeds start at the same point: %v", random)
		}
		double := pose[float64](t, d, 1)
		for i, x := range double.Start {
			if float32(x) != p.Start[i] {
				t.Fatalf("entry %d of the start is %v in single and %v in double precision", i, p.Start[i], x)
			}
		}
	})
}

// Both precisions pose the same problem.
func TestPrecisionsAgree(t *testing.T) {
	forEvery(t, func(t *testing.T, d *Data, _ bool) {
		p, q := pose[float32](t, d, 3), pose[float64](t, d, 3)
		if len(p.Sets) != len(q.Sets) {
			t.Fatal("different sets")
		}
		x, y := p.Start, q.Start
		for name, f := range p.Sets {
			if a, b := f.Loss(x), q.Sets[name].Loss(y); math.Abs(a-b) > 1e-5*b {
				t.Errorf("loss on %s is %v and %v", name, a, b)
			}
		}
		if a, b := p.Match.Loss(x), q.Match.Loss(y); math.Abs(a-b) > 1e-5*b {
			t.Errorf("matching loss is %v and %v", a, b)
		}
		if a, b := p.Phases[0].Batch(11).Loss(x), q.Phases[0].Batch(11).Loss(y); math.Abs(a-b) > 1e-5*b {
			t.Errorf("loss of batch 11 is %v and %v", a, b)
		}
	})
}

// The seed changes neither the sets nor what is matched.
func TestSetsIgnoreSeed(t *testing.T) {
	forEvery(t, func(t *testing.T, d *Data, _ bool) {
		p, q := pose[float32](t, d, 1), pose[float32](t, d, 99)
		x := elsewhere(p)
		p.Calibrate(x)
		q.Calibrate(x)
		for name, f := range p.Sets {
			if f.Loss(x) != q.Sets[name].Loss(x) {
				t.Errorf("set %s depends on the seed", name)
			}
		}
		if p.Match.Loss(x) != q.Match.Loss(x) {
			t.Error("the matching loss depends on the seed")
		}
	})
}

func TestStepsDoNotAllocate(t *testing.T) {
	forEvery(t, func(t *testing.T, d *Data, _ bool) {
		p := pose[float32](t, d, 1)
		g, at := make([]float32, p.Layout.N), 0
		if n := testing.AllocsPerRun(20, func() {
			at++
			p.Phases[0].Batch(at).Grad(g, p.Start)
		}); n != 0 {
			t.Errorf("%v allocations per step", n)
		}
	})
}

func TestHashRepeats(t *testing.T) {
	forEvery(t, func(t *testing.T, d *Data, _ bool) {
		if len(d.Hash()) != 64 {
			t.Errorf("hash %q is not of SHA-256", d.Hash())
		}
	})
	for _, text := range []string{"modular_addition", "parity", "teacher", "two_moons", "matrix_completion", "quadratic", "linear_regression", "separable"} {
		again, err := resolve(t, text, "").Load("")
		if err != nil {
			t.Fatal(err)
		}
		if d := load(t, text, ""); d.Hash() != again.Hash() {
			t.Errorf("%s: two loads differ", text)
		}
		if d := load(t, text+"(data_seed=1)", ""); d.Hash() == again.Hash() {
			t.Errorf("%s: two data seeds have the same hash", text)
		}
	}
}
