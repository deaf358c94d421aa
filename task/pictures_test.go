package task

import (
	"math"
	"slices"
	"sync"
	"testing"

	"basin/data"
	"basin/problem"
)

// moments are mean, standard deviation and extremes.
func moments(x []float32) (mean, deviation, lowest, highest float64) {
	lowest, highest = math.Inf(1), math.Inf(-1)
	for _, v := range x {
		mean += float64(v)
		deviation += float64(v) * float64(v)
		lowest, highest = min(lowest, float64(v)), max(highest, float64(v))
	}
	n := float64(len(x))
	mean /= n
	return mean, math.Sqrt(deviation/n - mean*mean), lowest, highest
}

var glyphSplit = sync.OnceValue(data.Glyphs)

// partsOf gives the parts of a picture task.
func partsOf(t *testing.T, p pictures) *supervised {
	t.Helper()
	net := resolve(t, "glyphs", "linear").net
	s, _, err := p.supervised(glyphSplit(), net)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNormalize(t *testing.T) {
	standard := partsOf(t, pictures{Batch: 128, Normalize: "standard", Train: 1000})
	mean, deviation, _, _ := moments(values[float32](standard.train.x))
	if math.Abs(mean) > 1e-6 || math.Abs(deviation-1) > 1e-6 {
		t.Errorf("standard: training inputs have mean %v and deviation %v", mean, deviation)
	}
	// The others are measured with the training set's rule, so not exactly.
	if mean, deviation, _, _ := moments(values[float32](standard.test.x)); mean == 0 || math.Abs(mean) > 0.05 || math.Abs(deviation-1) > 0.05 {
		t.Errorf("standard: test inputs have mean %v and deviation %v", mean, deviation)
	}
	unit := partsOf(t, pictures{Batch: 128, Normalize: "unit", Train: 1000})
	if _, _, lowest, highest := moments(values[float32](unit.train.x)); lowest != 0 || highest != 1 {
		t.Errorf("unit: inputs from %v to %v", lowest, highest)
	}
}

// The first of a longer training set are those of a shorter one, and all are taken
// from the training set.
func TestTrainSubsets(t *testing.T) {
	few := partsOf(t, pictures{Normalize: "unit", Train: 100})
	many := partsOf(t, pictures{Normalize: "unit", Train: 3000})
	all := partsOf(t, pictures{Normalize: "unit"})
	if few.train.n != 100 || many.train.n != 3000 || all.train.n != 12_000 {
		t.Fatalf("%d, %d and %d training examples", few.train.n, many.train.n, all.train.n)
	}
	if !slices.Equal(values[float32](few.train.x), values[float32](many.train.x)[:100*784]) {
		t.Error("100 examples are not the first of 3,000")
	}
	known := map[string]bool{}
	for i := range all.train.n {
		known[row(all.train, i)] = true
	}
	for i := range many.train.n {
		if !known[row(many.train, i)] {
			t.Fatalf("training example %d of 3,000 is none of the 12,000", i)
		}
	}
	for _, s := range []*supervised{few, many, all} {
		mine := map[string]bool{}
		for i := range s.train.n {
			mine[row(s.train, i)] = true
		}
		matched := map[string]bool{}
		for i := range s.match.n {
			if !mine[row(s.match, i)] {
				t.Fatalf("matched example %d is no training example", i)
			}
			matched[row(s.match, i)] = true
		}
		if want := min(2048, s.train.n); s.match.n != want || len(matched) != want {
			t.Errorf("of %d training examples %d are matched, %d of them distinct", s.train.n, s.match.n, len(matched))
		}
	}
}

// row is the bits of an example.
func row(e *examples, i int) string {
	b := make([]byte, e.in)
	for j, v := range values[float32](e.x)[i*e.in : (i+1)*e.in] {
		b[j] = byte(math.Round(255 * float64(v)))
	}
	return string(b)
}

// Arguments are no part of the hash, which is of the contents alone.
func TestHashIsOfContents(t *testing.T) {
	if load(t, "glyphs(train=600)", "").Hash() != glyphSplit().Hash() {
		t.Error("the hash of the task's data is not that of the data set")
	}
}

// Problems in both precisions may be made from one Data at once.
func TestSharedData(t *testing.T) {
	s := partsOf(t, pictures{Batch: 50, Normalize: "unit", Train: 200})
	d, err := s.data("hash")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	losses := make([]float64, 8)
	for i := range losses {
		wg.Go(func() {
			p, err := New[float64](d, 1)
			if err != nil {
				t.Error(err)
				return
			}
			losses[i] = p.Sets["train"].Loss(p.Start)
		})
	}
	wg.Wait()
	for _, l := range losses {
		if math.Abs(l-math.Log(10)) > 1e-12 {
			t.Errorf("losses %v, want log 10", losses)
		}
	}
}

// A batch of all examples is the training set, whichever way it is asked for.
func TestFullBatch(t *testing.T) {
	for _, batch := range []int{0, 300} {
		d, err := partsOf(t, pictures{Batch: batch, Normalize: "unit", Train: 300}).data("")
		if err != nil {
			t.Fatal(err)
		}
		p := pose[float32](t, d, 1)
		if p.Phases[0].EpochSteps != 1 || p.Phases[0].Batch(3).Loss(p.Start) != p.Sets["train"].Loss(p.Start) {
			t.Errorf("batch=%d is not the training set", batch)
		}
	}
}

// The data set keeps its hardness: a linear model, trained shortly, ends
// where it did when the data set was made.
func TestGlyphsHardness(t *testing.T) {
	p := pose[float32](t, load(t, "glyphs", "linear"), 1)
	if p.Phases[0].EpochSteps != 93 {
		t.Fatalf("%d steps per epoch, want 93", p.Phases[0].EpochSteps)
	}
	x := descend(p, 0.02, 5*93)
	if a := accuracy(p.Sets["test"], x); a < 0.81 || a > 0.86 {
		t.Errorf("a linear model has %.1f %% of the test examples right, want 81 to 86", 100*a)
	}
}

func TestMNIST(t *testing.T) {
	needShared(t)
	for _, c := range []struct {
		task       string
		lowest     float64
		sizes      map[string]int
		epochSteps int
	}{
		{"mnist(train=2000, batch=100)", 0.85, map[string]int{"train": 2000, "val": 5000, "test": 10_000}, 20},
		{"fashion_mnist(train=2000, batch=100)", 0.76, map[string]int{"train": 2000, "val": 5000, "test": 10_000}, 20},
	} {
		p := pose[float32](t, load(t, c.task, "linear"), 1)
		for name, f := range p.Sets {
			q, ok := problem.As[problem.Predictor[float32]](f)
			if !ok {
				t.Fatalf("%s: %s predicts nothing", c.task, name)
			}
			if n, classes := q.Size(); n != c.sizes[name] || classes != 10 {
				t.Errorf("%s: %s has %d examples of %d classes, want %d of 10", c.task, name, n, classes, c.sizes[name])
			}
		}
		if p.Phases[0].EpochSteps != c.epochSteps {
			t.Errorf("%s: %d steps per epoch, want %d", c.task, p.Phases[0].EpochSteps, c.epochSteps)
		}
		x := descend(p, 0.02, 100)
		for _, set := range []string{"val", "test"} {
			if a := accuracy(p.Sets[set], x); a < c.lowest || a > c.lowest+0.04 {
				t.Errorf("%s: a linear model has %.1f %% of %s right", c.task, 100*a, set)
			}
		}
	}
}
