package task

import (
	"math"
	"slices"
	"testing"

	"basin/internal/near"
	"basin/problem"
)

// Gradient descent from 0, on all examples or on one at a time, comes to the
// interpolant of least norm.
func TestRegressionMinNorm(t *testing.T) {
	for _, c := range []struct {
		task  string
		lr    float64
		steps int
	}{
		{"linear_regression", 0.2, 4000},
		{"linear_regression(noise=0.5, data_seed=3)", 0.2, 4000},
		{"linear_regression(batch=1)", 0.01, 40_000},
		{"linear_regression(batch=6, noise=1)", 0.05, 20_000},
	} {
		d := load(t, c.task, "")
		p := pose[float64](t, d, 1)
		want, err := d.Tables().Train.MinNorm()
		if err != nil {
			t.Fatal(err)
		}
		x := descend(p, c.lr, c.steps)
		if diff := near.Diff(x, want, 1e-10, 0); diff != "" {
			t.Errorf("%s: %s", c.task, diff)
		}
		if p.Optimum == nil || *p.Optimum != 0 || p.Sets["train"].Loss(x) > 1e-20 {
			t.Errorf("%s: loss %v with optimum %v", c.task, p.Sets["train"].Loss(x), p.Optimum)
		}
	}
}

// With more examples than dimensions the optimum is that of least squares.
func TestRegressionOptimum(t *testing.T) {
	d := load(t, "linear_regression(n=60, d=8, noise=0.3)", "")
	want, err := d.Tables().Train.MinNorm()
	if err != nil {
		t.Fatal(err)
	}
	double := pose[float64](t, d, 1)
	x := descend(double, 0.3, 1000)
	if diff := near.Diff(x, want, 1e-13, 0); diff != "" {
		t.Error(diff)
	}
	if diff := near.Value(double.Sets["train"].Loss(x), *double.Optimum, 0, 1e-13); diff != "" {
		t.Error(diff)
	}
	single := pose[float32](t, d, 1)
	if diff := near.Value(single.Sets["train"].Loss(descend(single, 0.3, 1000)), *single.Optimum, 0, 3e-7); diff != "" {
		t.Error(diff)
	}
	// Test examples are of the same distribution: the loss is that of the noise, of
	// the error in w, and of chance.
	if l := double.Sets["test"].Loss(want); l < 0.045 || l > 0.07 {
		t.Errorf("test loss %v, want about 0.3^2/2 (1 + 8/60)", l)
	}
}

func TestSeparableStart(t *testing.T) {
	for _, c := range []struct {
		loss        string
		value, rate float64
	}{{"logistic", math.Ln2, 0.5}, {"exponential", 1, 1}} {
		d := load(t, "separable(loss="+c.loss+")", "")
		p := pose[float64](t, d, 1)
		g := make([]float64, p.Layout.N)
		if diff := near.Value(p.Phases[0].Batch(1).Grad(g, p.Start), c.value, 0, 1e-15); diff != "" {
			t.Errorf("%s at 0: %s", c.loss, diff)
		}
		// The gradient at 0 is -rate times the mean of z_i = y_i x_i.
		train := d.Tables().Train
		want := make([]float64, train.In)
		for k, z := range train.Signed() {
			want[k%train.In] -= c.rate * z / float64(train.N)
		}
		if diff := near.Diff(g, want, 1e-15, 1e-13); diff != "" {
			t.Errorf("%s gradient at 0: %s", c.loss, diff)
		}
		for i, class := range mustPredict(t, p.Sets["train"]).Labels() {
			if float64(2*class-1) != train.Y[i] {
				t.Fatalf("example %d has class %d and y = %v", i, class, train.Y[i])
			}
		}
	}
}

func mustPredict(t *testing.T, f problem.Objective[float64]) problem.Predictor[float64] {
	t.Helper()
	p, ok := problem.As[problem.Predictor[float64]](f)
	if !ok {
		t.Fatal("the objective predicts nothing")
	}
	return p
}

// Gradient descent separates the classes; its loss falls below any bound while the
// optimum, 0, stays out of reach, and its margin in the 2-norm grows with log t
// (Soudry et al. 2018, theorem 3).
func TestSeparableDescent(t *testing.T) {
	d := load(t, "separable(margin=0.3)", "")
	p := pose[float64](t, d, 1)
	z := d.Tables().Train
	margin := func(steps int) (margin, loss float64) {
		w := descend(p, 1, steps)
		norm, least := 0.0, math.Inf(1)
		for _, v := range w {
			norm += v * v
		}
		for i := range z.N {
			s := 0.0
			for j, x := range z.Row(i) {
				s += z.Y[i] * x * w[j]
			}
			least = min(least, s)
		}
		return least / math.Sqrt(norm), p.Sets["train"].Loss(w)
	}
	early, _ := margin(100)
	late, loss := margin(10_000)
	if early <= 0 || late <= early {
		t.Errorf("margin %v after 100 steps and %v after 10,000", early, late)
	}
	if loss > 1e-3 || loss <= *p.Optimum {
		t.Errorf("loss %v with optimum %v", loss, *p.Optimum)
	}
	if test := accuracyOfSigns(t, p.Sets["test"], descend(p, 1, 1000)); test < 0.85 {
		t.Errorf("%.1f %% of test examples are on their side", 100*test)
	}
}

// accuracyOfSigns is the share of examples whose output has the sign of y.
func accuracyOfSigns(t *testing.T, f problem.Objective[float64], x []float64) float64 {
	q := mustPredict(t, f)
	n, _ := q.Size()
	z := make([]float64, n)
	q.Outputs(z, x)
	right := 0
	for i, class := range q.Labels() {
		if z[i] > 0 == (class == 1) {
			right++
		}
	}
	return float64(right) / float64(n)
}

// Linear tasks of one data seed are one problem for every seed, but for batches.
func TestDataSeeds(t *testing.T) {
	for _, text := range []string{"linear_regression", "separable"} {
		d := load(t, text, "")
		p, q := pose[float64](t, d, 1), pose[float64](t, d, 2)
		if !slices.Equal(descend(p, 0.1, 20), descend(q, 0.1, 20)) {
			t.Errorf("%s: full batches differ between seeds", text)
		}
	}
}

// The same functions under other parameters have other biases: differences of squares
// come to the least l2 norm from a large start, and to a smaller l1 norm from a small
// one (Woodworth et al. 2020).
func TestDiagonalLinearBias(t *testing.T) {
	beta := func(model string, lr float64, steps int) []float64 {
		d := load(t, "linear_regression", model)
		p := pose[float64](t, d, 1)
		x := descend(p, lr, steps)
		if loss := p.Sets["train"].Loss(x); loss > 1e-9 {
			t.Fatalf("%s: loss %v", model, loss)
		}
		n := len(x) / 2
		b := make([]float64, n)
		for i := range b {
			b[i] = x[i]*x[i] - x[n+i]*x[n+i]
		}
		return b
	}
	l1 := func(v []float64) (sum float64) {
		for _, a := range v {
			sum += math.Abs(a)
		}
		return sum
	}
	least, err := load(t, "linear_regression", "").Tables().Train.MinNorm()
	if err != nil {
		t.Fatal(err)
	}
	if diff := near.Diff(beta("diagonal_linear(scale=10)", 2e-4, 20_000), least, 0, 1e-2); diff != "" {
		t.Errorf("from a large start: %s", diff)
	}
	if small, large := l1(beta("diagonal_linear(scale=0.01)", 0.02, 40_000)), l1(least); small > 0.9*large {
		t.Errorf("l1 norm %v from a small start, %v at the least l2 norm", small, large)
	}
}
