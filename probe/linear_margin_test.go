package probe

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"basin/kernel"
	"basin/problem"
	"basin/rng"
)

func TestLargestMargins(t *testing.T) {
	all := func(rows int, a ...float64) []float64 {
		m := mat.NewDense(rows, len(a)/rows, a)
		var values []float64
		for _, f := range []func(*mat.Dense) (float64, error){largestL1, largestL2, largestLinf} {
			v, err := f(m)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, v)
		}
		return values
	}
	for _, c := range []struct {
		got  []float64
		want [3]float64
	}{
		{all(2, 1, 0, 0, 1), [3]float64{.5, math.Sqrt(.5), 1}},
		{all(1, 3, -4), [3]float64{4, 5, 7}},
		{all(3, 1, 0, 0, 0, 1, 0, 0, 0, 1), [3]float64{1. / 3, 1 / math.Sqrt(3), 1}},
		{all(3, 2, 0, 0, 2, 5, 5), [3]float64{1, math.Sqrt2, 2}}, // the third example holds nothing
	} {
		for k, v := range c.got {
			near(t, "largest margin", v, c.want[k], 1e-12)
		}
	}
	// Two examples that are opposite have none.
	for _, v := range all(2, 1, 2, -1, -2) {
		if v > 1e-12 {
			t.Errorf("the margin of what cannot be separated is %v", v)
		}
	}
}

// The largest margin of random separable examples: no direction, and no change of the
// direction found by ascent, has a larger one, and some come near.
func TestLargestMarginsOfRandomExamples(t *testing.T) {
	for seed := range 5 {
		s := rng.At(uint64(seed), "margins", 0)
		const n, d = 30, 20
		truth := make([]float64, d)
		for j := range truth {
			truth[j] = s.Norm()
		}
		a := mat.NewDense(n, d, nil)
		for i := range n {
			row := a.RawRowView(i)
			for j := range row {
				row[j] = s.Norm()
			}
			kernel.Scale(row, math.Copysign(1, kernel.Dot(row, truth)))
		}
		least := func(w []float64) float64 {
			v := math.Inf(1)
			for i := range n {
				v = min(v, kernel.Dot(a.RawRowView(i), w))
			}
			return v
		}
		for name, c := range map[string]struct {
			largest func(*mat.Dense) (float64, error)
			norm    func([]float64) float64
		}{"l1": {largestL1, l1}, "l2": {largestL2, kernel.Norm2[float64]}, "linf": {largestLinf, kernel.AbsMax[float64]}} {
			v, err := c.largest(a)
			if err != nil {
				t.Fatal(err)
			}
			// Multiplicative weights on the examples bound the value from both sides:
			// a mean u of them gives at most |A'u| in the dual norm, and its best answers'
			// mean at least its own margin.
			u, mean := make([]float64, n), make([]float64, d)
			upper, lower := math.Inf(1), math.Inf(-1)
			const steps = 40_000
			score := make([]float64, n)
			for r := range steps {
				softmax(u, score)
				g, best := make([]float64, d), make([]float64, d)
				for i := range n {
					kernel.Axpy(g, u[i], a.RawRowView(i))
				}
				switch name {
				case "l1":
					top := slices.IndexFunc(g, func(v float64) bool { return math.Abs(v) == kernel.AbsMax(g) })
					best[top] = math.Copysign(1, g[top])
				case "l2":
					l2Ball{}.steepest(best, g)
				case "linf":
					linfBall{}.steepest(best, g)
				}
				upper = min(upper, kernel.Dot(best, g))
				kernel.Axpy(mean, 1, best)
				rate := .5 / math.Sqrt(float64(r+1))
				for i := range n {
					score[i] -= rate * kernel.Dot(a.RawRowView(i), best)
				}
				if r%1000 == 999 {
					lower = max(lower, least(mean)/c.norm(mean))
				}
			}
			if !(lower <= v*(1+1e-9) && v <= upper*(1+1e-9)) || upper-lower > .1*upper {
				t.Errorf("%s: largest margin %v, bounds %v and %v", name, v, lower, upper)
			}
		}
	}
}

func TestLinearMargin(t *testing.T) {
	p, _ := linear(t, []int{3}, 1, problem.Logistic, normal)
	if r := ask(t, p, "linear_margin"); r["linear_margin_ratio/l1"].None != "no plane through zero separates the classes" {
		t.Errorf("%+v", r["linear_margin_ratio/l1"])
	}
	// Labels of a plane: each ratio is below 1, and the margin is that of the outputs.
	o, err := Need(p, Outputs{"train", 0})
	if err != nil {
		t.Fatal(err)
	}
	least := math.Inf(1)
	for i := range o.N {
		o.Labels[i] = o.class(i)
		least = min(least, o.margin(i))
	}
	r := ask(t, p, "linear_margin")
	for name, norm := range map[string]float64{"l1": l1(p.X), "l2": kernel.Norm2(p.X), "linf": kernel.AbsMax(p.X)} {
		near(t, "margin "+name, r["linear_margin/"+name].Value, least/norm, 1e-12)
		if ratio := r["linear_margin_ratio/"+name].Value; !(ratio > 0 && ratio <= 1+1e-9) {
			t.Errorf("ratio of %s %v", name, ratio)
		}
	}
	many, _ := linear(t, []int{3}, 4, problem.SoftmaxCrossEntropy, normal)
	if r := ask(t, many, "linear_margin"); r["linear_margin"].None != "there is more than one output" {
		t.Errorf("%+v", r["linear_margin"])
	}
	q, x := network[float64](t, "mlp(5, act=tanh)", 1, problem.Logistic)
	if r := ask(t, NewPass(q, x, 1, 1), "linear_margin"); r["linear_margin"].None != "the output is no linear function of the inputs without a constant" {
		t.Errorf("%+v", r["linear_margin"])
	}
}
