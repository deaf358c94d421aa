package optim

import (
	"testing"

	"basin/problem"
)

// Which part takes which block: the size of the step tells.
func TestSplit(t *testing.T) {
	l := problem.NewLayout(
		problem.Block{Name: "embed.weight", Role: problem.Embedding, Shape: []int{1, 1}},
		problem.Block{Name: "block.0.weight", Role: problem.Weight, Shape: []int{1, 1}},
		problem.Block{Name: "block.0.bias", Role: problem.Bias, Shape: []int{1}},
		problem.Block{Name: "block.1.scale", Role: problem.Weight, Shape: []int{1}},
		problem.Block{Name: "norm", Role: problem.Gain, Shape: []int{1}},
		problem.Block{Name: "head.weight", Role: problem.Weight, Shape: []int{1, 1}},
		problem.Block{Name: "head.bias", Role: problem.Bias, Shape: []int{1}},
	)
	x := make([]float64, l.N)
	for text, want := range map[string][]float64{
		"split(rest=sign(lr=1))":                                                         {1, 1, 1, 1, 1, 1, 1},
		"split(rest=sign(lr=1), matrix=sign(lr=2))":                                      {1, 2, 1, 1, 1, 2, 1},
		"split(weight=sign(lr=2), rest=sign(lr=1))":                                      {1, 2, 1, 2, 1, 2, 1},
		"split(bias=sign(lr=2), gain=sign(lr=3), embedding=sign(lr=4), rest=sign(lr=1))": {4, 1, 2, 1, 3, 1, 2},
		"split(first=sign(lr=2), last=sign(lr=3), rest=sign(lr=1))":                      {2, 1, 1, 1, 1, 3, 3},
		"split(bias=sign(lr=2), last=sign(lr=3), rest=sign(lr=1))":                       {1, 1, 2, 1, 1, 3, 2},
		`split(when("0|1", sign(lr=2)), rest=sign(lr=1))`:                                {1, 2, 2, 2, 1, 1, 1},
		`split(when("^n", sign(lr=2)), when("n", sign(lr=3)), rest=sign(lr=1))`:          {1, 1, 1, 1, 2, 1, 1},
		`split(when(".", split(weight=sign(lr=2), rest=sign(lr=3))), bias=sign)`:         {3, 2, 3, 2, 3, 2, 3},
		"split(matrix=muon(lr=2, orthogonalize=polar), rest=sign(lr=5))":                 {5, 2, 5, 5, 5, 2, 5},
	} {
		st := stepper[float64](t, text, l)
		d := make([]float64, l.N)
		for i := range d {
			d[i] = -1
		}
		st.Step(&Step[float64]{T: 1, X: x, D: d})
		if largest(d, want) > 1e-15 {
			t.Errorf("%s steps by %v, want %v", text, d, want)
		}
	}
}

// The parts of a split and the rest of muon have noise of their own.
func TestSeedsOfParts(t *testing.T) {
	c := &Context[float64]{Seed: 1}
	if a, b := c.on(nil, "split/0"), c.on(nil, "split/1"); a.Seed == b.Seed || a.Seed == c.Seed || c.on(nil, "split/0").Seed != a.Seed {
		t.Errorf("seeds %d, %d of the parts of %d", a.Seed, b.Seed, c.Seed)
	}
}
