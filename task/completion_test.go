package task

import (
	"math"
	"testing"

	"basin/data"
)

// From a small start the product of two factors completes the matrix; one factor
// leaves at 0 what it has not seen, whose loss is then half the mean square.
func TestCompletion(t *testing.T) {
	const recipe = "matrix_completion(size=20, rank=1, observed=0.5)"
	c := data.NewCompletion(20, 1, 200, 0, 0)
	unseen := 0.0
	for _, k := range c.Hidden {
		unseen += c.Truth[k] * c.Truth[k] / 2 / float64(len(c.Hidden))
	}
	one := pose[float64](t, load(t, recipe, "matrix_product(depth=1, scale=0)"), 1)
	x := descend(one, 100, 500)
	if train, test := one.Sets["train"].Loss(x), one.Sets["test"].Loss(x); train > 1e-20 || math.Abs(test-unseen) > 1e-12 {
		t.Errorf("one factor: losses %v and %v, want 0 and %v", train, test, unseen)
	}
	two := pose[float64](t, load(t, recipe, "matrix_product(depth=2, scale=1e-5)"), 1)
	x = descend(two, 10, 3000)
	if train, test := two.Sets["train"].Loss(x), two.Sets["test"].Loss(x); train > 1e-6 || test > unseen/1000 {
		t.Errorf("two factors: losses %v and %v, where 0 for all that is hidden has %v", train, test, unseen)
	}
	if _, ok := two.Sets["val"]; ok {
		t.Error("there is a validation set")
	}
}

// The factors of the matrix itself have no loss, on what is seen and on what is not;
// the convention is half the square.
func TestCompletionLoss(t *testing.T) {
	p := pose[float64](t, load(t, "matrix_completion(size=6, rank=6, observed=20)", "matrix_product(depth=1)"), 1)
	c := data.NewCompletion(6, 6, 20, 0, 0)
	x := append([]float64(nil), c.Truth...)
	for name, f := range p.Sets {
		if l := f.Loss(x); l > 1e-30 {
			t.Errorf("the matrix has the loss %v on %s", l, name)
		}
	}
	x[c.Observed[3]] += 0.5
	if l := p.Sets["train"].Loss(x); math.Abs(l-0.125/20) > 1e-16 {
		t.Errorf("one of 20 entries off by 1/2 has the loss %v, want 1/160", l)
	}
}

// The optimum is known where the factors can be any matrix that is seen.
func TestCompletionOptimum(t *testing.T) {
	for _, c := range []struct {
		task, model string
		known       bool
	}{
		{"matrix_completion(size=8, rank=3)", "", true},
		{"matrix_completion(size=8, rank=3)", "matrix_product(width=3)", true},
		{"matrix_completion(size=8, rank=3)", "matrix_product(width=2)", false},
		{"matrix_completion(size=8, rank=3, noise=0.1)", "matrix_product(width=3)", false},
		{"matrix_completion(size=8, rank=3, noise=0.1)", "matrix_product(depth=3)", true},
		{"matrix_completion(size=8, rank=3)", "gpt(layers=1, width=8, heads=2, predict=last)", false},
	} {
		p := pose[float32](t, load(t, c.task, c.model), 1)
		if known := p.Optimum != nil; known != c.known || known && *p.Optimum != 0 {
			t.Errorf("%s of %s: optimum %v", c.task, c.model, p.Optimum)
		}
	}
}
