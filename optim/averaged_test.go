package optim

import (
	"math"
	"slices"
	"strings"
	"testing"

	"basin/problem"
	"basin/recipe"
)

var line = problem.NewLayout(
	problem.Block{Name: "a", Role: problem.Weight, Shape: []int{1, 1}},
	problem.Block{Name: "b", Role: problem.Bias, Shape: []int{2}},
)

// answersOn drives a recipe with the gradient 1 everywhere for so many steps from 0 and
// gives the points after each, and the answers.
func answersOn(t *testing.T, text string, steps int) (points, answers [][]float64) {
	t.Helper()
	x, d := make([]float64, line.N), make([]float64, line.N)
	st, err := New(optimizer(t, text), &Context[float64]{Layout: line, Blocks: line.Blocks, Start: slices.Clone(x), Horizon: steps})
	if err != nil {
		t.Fatal(err)
	}
	a, ok := As[Averager[float64]](st)
	for step := range steps {
		for i := range d {
			d[i] = 1
		}
		st.Step(&Step[float64]{T: step + 1, X: x, D: d, Loss: float64(step)})
		for i, v := range d {
			x[i] += v
		}
		answer := slices.Clone(x)
		if ok {
			a.Average(answer, x)
		}
		points, answers = append(points, slices.Clone(x)), append(answers, answer)
	}
	return points, answers
}

// A schedule with uneven steps, so that no two points stand for each other.
const uneven = "sgd(lr=step(1, every=3, gamma=0.5))"

// Averages are those of the points that training went through, whatever made the steps
// between them.
func TestAveragesOfPoints(t *testing.T) {
	const steps = 20
	for _, c := range []struct {
		text   string
		weight func(i, t int) float64 // of point i in the answer after step t, from 1
	}{
		{"ema(decay=0.8, base=" + uneven + ")", func(i, t int) float64 { return math.Pow(0.8, float64(t-i)) }},
		{"ema(decay=0, base=" + uneven + ")", func(i, t int) float64 { return map[bool]float64{true: 1}[i == t] }},
		{"ema(decay=0.8, base=" + uneven + ") | clip_norm(0.7)", func(i, t int) float64 { return math.Pow(0.8, float64(t-i)) }},
		{"swa(start=0.5, every=3, base=" + uneven + ")", func(i, t int) float64 {
			if i == t && t < 10 || i >= 10 && (i-10)%3 == 0 {
				return 1
			}
			return 0
		}},
		{"swa(start=0, base=lookahead(base=" + uneven + "))", func(i, t int) float64 { return 1 }},
		{"swa(start=4, base=accumulate(steps=2, base=" + uneven + ")) | clip_norm(0.5)", func(i, t int) float64 {
			if i == t && t < 4 || i >= 4 {
				return 1
			}
			return 0
		}},
	} {
		points, answers := answersOn(t, c.text, steps)
		for step := 1; step <= steps; step++ {
			sum, total := 0.0, 0.0
			for i := 1; i <= step; i++ {
				w := c.weight(i, step)
				sum, total = sum+w*points[i-1][0], total+w
			}
			if got, want := answers[step-1][0], sum/total; !(math.Abs(got-want) <= 1e-13) {
				t.Errorf("%s answers %v after step %d, want %v", c.text, got, step, want)
			}
		}
	}
}

// With a fixed lr z is at -t, x is the mean of z and y between them.
func TestScheduleFree(t *testing.T) {
	for _, text := range []string{
		"schedule_free_sgd(lr=1, momentum=0.75)",
		"schedule_free_adamw(lr=1, beta1=0.75, eps=0)",
	} {
		points, answers := answersOn(t, text, 30)
		for i := range points {
			z := -float64(i + 1)
			x := (z - 1) / 2
			if y := 0.75*x + 0.25*z; math.Abs(answers[i][1]-x) > 1e-12 || math.Abs(points[i][1]-y) > 1e-12 {
				t.Errorf("%s after step %d: at %v with answer %v, want %v and %v", text, i+1, points[i][1], answers[i][1], y, x)
			}
		}
	}
}

// Each part of a combination answers for its own blocks.
func TestAnswersOfParts(t *testing.T) {
	points, answers := answersOn(t, "split(weight=swa(start=0, base=sgd(lr=1)), rest=sgd(lr=1))", 9)
	if got := answers[8]; got[0] != -5 || got[1] != -9 || !slices.Equal(points[8], []float64{-9, -9, -9}) {
		t.Errorf("at %v the split answers with %v", points[8], got)
	}
	_, answers = answersOn(t, "clip_norm(10) | split(weight=split(rest=accumulate(steps=3, base=swa(start=0, base=sgd(lr=1)))), rest=schedule_free_sgd(lr=1))", 9)
	if got := answers[8]; math.Abs(got[0]+2) > 1e-15 || math.Abs(got[1]+5) > 1e-12 {
		t.Errorf("nested parts answer with %v", got)
	}
	st := stepper[float64](t, "split(weight=adam, rest=sgd)", line)
	if _, ok := As[Averager[float64]](st); ok {
		t.Error("a split of rules without averages has one")
	}
}

// A rule says that it answers with an average if and only if its stepper can, and what
// holds another optimizer passes its answer on.
func TestAnswersAreDeclared(t *testing.T) {
	l := problem.NewLayout(
		problem.Block{Name: "a.weight", Role: problem.Weight, Shape: []int{3, 2}},
		problem.Block{Name: "a.bias", Role: problem.Bias, Shape: []int{3}},
	)
	c := &Context[float64]{Layout: l, Blocks: l.Blocks, Start: make([]float64, l.N), Horizon: 100}
	for _, e := range catalog {
		o := optimizer(t, e.Example)
		st, err := New(o, c)
		if err != nil {
			continue // it needs a network
		}
		if _, ok := As[Averager[float64]](st); ok != o.averages() {
			t.Errorf("%s: it answers with an average: %v, declared: %v", e.Name, ok, o.averages())
		}
		d, _ := Describe(e.Name)
		for _, p := range d.Params {
			if p.Kind != "rule" && p.Kind != "base" {
				continue
			}
			text := e.Name + "(" + p.Name + "=ema(base=sgd(lr=0.1)))"
			if e.Name == "split" {
				text = strings.TrimSuffix(text, ")") + ", rest=sgd)"
			}
			r, err := recipe.Parse(text)
			if err != nil {
				continue
			}
			o, err := Resolve(r)
			if err != nil {
				continue // refused
			}
			if st, err = New(o, c); err != nil {
				continue
			}
			if _, ok := As[Averager[float64]](st); !ok {
				t.Errorf("%s: the answer of its %s is lost", text, p.Name)
			}
		}
	}
}

// k steps at one point are one with their mean, and base lives in its own time.
func TestAccumulate(t *testing.T) {
	inner := "adam(lr=linear(0.1, warmup=2), weight_decay=0.1)"
	made := func(text string, horizon int) Stepper[float64] {
		st, err := New(optimizer(t, text), &Context[float64]{Layout: line, Blocks: line.Blocks, Start: make([]float64, line.N), Horizon: horizon})
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	whole, alone := made("accumulate(steps=3, base="+inner+")", 31), made(inner, 10)
	x, d := []float64{1, 2, 3}, make([]float64, 3)
	for step := 1; step <= 30; step++ {
		for i := range d {
			d[i] = float64(step%3*(i+1)) - 0.5
		}
		whole.Step(&Step[float64]{T: step, X: x, D: d})
		if step%3 != 0 {
			if largest(d, make([]float64, 3)) != 0 {
				t.Fatalf("step %d moves by %v", step, d)
			}
			continue
		}
		want := []float64{0.5, 1.5, 2.5}
		alone.Step(&Step[float64]{T: step / 3, X: x, D: want})
		if e := largest(d, want); e > 1e-15 {
			t.Fatalf("step %d moves by %v, want %v", step, d, want)
		}
		for i := range x {
			x[i] += d[i]
		}
	}
}

// Every k-th step goes the share alpha of the way that k steps have gone.
func TestLookahead(t *testing.T) {
	points, _ := answersOn(t, "lookahead(k=3, alpha=0.5, base=sgd(lr=1))", 7)
	for i, want := range []float64{-1, -2, -1.5, -2.5, -3.5, -3, -4} {
		if points[i][2] != want {
			t.Errorf("after step %d at %v, want %v", i+1, points[i][2], want)
		}
	}
}

// The estimate of distance never falls, grows no faster than it may, and comes to the
// size of the distance.
func TestEstimatesOfDistance(t *testing.T) {
	for _, text := range []string{"prodigy(d0=0.01, growth_rate=1.5)", "dadapt_adam(d0=0.01, growth_rate=1.5)", "dadapt_sgd(d0=0.01, growth_rate=1.5)"} {
		x, d := make([]float64, line.N), make([]float64, line.N)
		st := stepper[float64](t, text, line)
		show, _ := As[Shower](st)
		before := 0.01
		for step := 1; step <= 60; step++ {
			for i := range d {
				d[i] = x[i] - 5
			}
			st.Step(&Step[float64]{T: step, X: x, D: d})
			for i, v := range d {
				x[i] += v
			}
			now, ok := show.Show("d")
			free := strings.HasPrefix(text, "prodigy") && before == 0.01 // its first rise
			if !ok || now < before || now > before*(1.5+1e-12) && !free {
				t.Errorf("%s: d goes from %v to %v at step %d", text, before, now, step)
			}
			before = now
		}
		if before < 0.5 || before > 50 {
			t.Errorf("%s: at a distance of 5 in each coordinate d is %v", text, before)
		}
		if _, ok := show.Show("rho"); ok {
			t.Errorf("%s shows what it does not have", text)
		}
	}
}
