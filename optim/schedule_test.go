package optim

import (
	"math"
	"strings"
	"testing"

	"basin/recipe"
)

// scheduled gives the schedule of an lr in a run of so many steps.
func scheduled(t *testing.T, text string, horizon int) Schedule {
	t.Helper()
	s := *optimizer(t, "sgd(lr="+text+")").links[0].settings.(*sgdSettings)
	if err := plan(&s, horizon); err != nil {
		t.Fatal(err)
	}
	return s.LR
}

func TestSchedule(t *testing.T) {
	for _, c := range []struct {
		text    string
		horizon int
		step    int
		want    float64
	}{
		{"0.5", 0, 1, 0.5},
		{"0.5", 0, 1000, 0.5},
		{"constant(2, warmup=4)", 0, 1, 0.5},
		{"constant(2, warmup=4)", 0, 3, 1.5},
		{"constant(2, warmup=4)", 0, 4, 2},
		{"constant(2, warmup=4)", 0, 5, 2},
		{"linear(1)", 4, 1, 1},
		{"linear(1)", 4, 2, 0.75},
		{"linear(1)", 4, 4, 0.25},
		{"linear(1)", 4, 5, 0},
		{"linear(1)", 4, 99, 0},
		{"linear(1, steps=2, floor=0.2)", 4, 2, 0.6},
		{"linear(1, warmup=2)", 5, 1, 0.5},
		{"linear(1, warmup=2)", 5, 2, 1},
		{"linear(1, warmup=2)", 5, 5, 0.25},
		{"cosine(3, floor=1)", 4, 1, 3},
		{"cosine(3, floor=1)", 4, 2, 2 + math.Sqrt2/2},
		{"cosine(3, floor=1)", 4, 3, 2},
		{"cosine(3, floor=1)", 4, 5, 1},
		{"cosine(1, warmup=10)", 5, 5, 0.5}, // the run ends while warming up
		{"polynomial(3, floor=1)", 4, 1, 3},
		{"polynomial(3, floor=1)", 4, 3, 1.5},
		{"polynomial(3, floor=1, power=3)", 4, 3, 1.25},
		{"polynomial(3, floor=1)", 4, 5, 1},
		{"polynomial(3, floor=1)", 4, 1e9, 1},
		{"exponential(2, gamma=0.25)", 4, 1, 2},
		{"exponential(2, gamma=0.25)", 4, 3, 1},
		{"exponential(2, gamma=0.25)", 4, 5, 0.5},
		{"exponential(2, gamma=0.5, every=1)", 0, 4, 0.25},
		{"exponential(2, warmup=3, gamma=0.5, every=2)", 0, 2, 4. / 3},
		{"exponential(2, warmup=3, gamma=0.5, every=2)", 0, 5, 1},
		{"inverse_sqrt(2)", 0, 1, 2},
		{"inverse_sqrt(2)", 0, 16, 0.5},
		{"inverse_sqrt(2, warmup=4)", 0, 3, 1.5},
		{"inverse_sqrt(2, warmup=4)", 0, 4, 2},
		{"inverse_sqrt(2, warmup=4)", 0, 16, 1},
		{"step(2, every=3)", 0, 3, 2},
		{"step(2, every=3)", 0, 4, 0.2},
		{"step(2, every=3, gamma=0.5)", 0, 7, 0.5},
		{"step(2, every=3, gamma=0)", 0, 3, 2},
		{"step(2, every=3, gamma=0)", 0, 4, 0},
		{"step(2, warmup=4, every=3, gamma=0.5)", 0, 2, 1},
		{"step(2, warmup=4, every=3, gamma=0.5)", 0, 4, 1},
		{"step(2, milestones=[2, 0.5], gamma=0.5)", 8, 2, 2},
		{"step(2, milestones=[2, 0.5], gamma=0.5)", 8, 3, 1},
		{"step(2, milestones=[2, 0.5], gamma=0.5)", 8, 4, 1},
		{"step(2, milestones=[2, 0.5], gamma=0.5)", 8, 5, 0.5},
		{"piecewise([1, 3, 2], milestones=[2, 0.5])", 8, 2, 1},
		{"piecewise([1, 3, 2], milestones=[2, 0.5])", 8, 3, 3},
		{"piecewise([1, 3, 2], milestones=[2, 0.5])", 8, 5, 2},
		{"piecewise([1, 3, 2], milestones=[2, 0.5], warmup=4)", 8, 3, 2.25},
		{"piecewise([3], milestones=[])", 0, 5, 3},
		{"wsd(2, warmup=2, shape=linear)", 20, 1, 1},
		{"wsd(2, warmup=2, shape=linear)", 20, 2, 2},
		{"wsd(2, warmup=2, shape=linear)", 20, 17, 2},
		{"wsd(2, warmup=2, shape=linear)", 20, 18, 1.5},
		{"wsd(2, warmup=2, shape=linear)", 20, 20, 0.5},
		{"wsd(2, warmup=2, shape=linear)", 20, 21, 0},
		{"wsd(2, decay=8, floor=1)", 20, 13, 2},
		{"wsd(2, decay=8, floor=1)", 20, 15, 1.5},
		{"wsd(2, decay=8, floor=1)", 20, 99, 1},
		{"wsd(2, decay=8, shape=cosine)", 20, 17, 1},
		{"wsd(2, warmup=11, decay=0.9, shape=linear)", 20, 11, 2}, // the fall waits for the warm-up
		{"wsd(2, warmup=11, decay=0.9, shape=linear)", 20, 16, 1},
		{"one_cycle(1)", 10, 1, 0.04},
		{"one_cycle(1)", 10, 2, 0.52},
		{"one_cycle(1)", 10, 3, 1},
		{"one_cycle(1)", 10, 10, 4e-6},
		{"one_cycle(1)", 10, 11, 4e-6},
		{"one_cycle(1, pct_start=0.5, final_div_factor=1, div_factor=5, anneal=linear)", 10, 3, 0.6},
		{"one_cycle(1, pct_start=0.5, final_div_factor=1, div_factor=5, anneal=linear)", 10, 8, 0.52},
		{"one_cycle(1, pct_start=0, final_div_factor=1, div_factor=5, anneal=linear)", 8, 2, 0.8},
		{"one_cycle(1, pct_start=0.125)", 8, 1, 1},
		{"one_cycle(1)", 1, 1, 4e-6},
		{"restarts(2, period=4)", 0, 1, 2},
		{"restarts(2, period=4)", 0, 3, 1},
		{"restarts(2, period=4)", 0, 5, 2},
		{"restarts(2, period=4)", 0, 1e9 + 1, 2},
		{"restarts(2, period=0.25)", 16, 5, 2},
		{"restarts(2, period=4, mult=2, floor=1)", 0, 9, 1.5},
		{"restarts(2, period=4, mult=2, floor=1)", 0, 13, 2},
		{"restarts(2, warmup=3, period=4)", 0, 1, 2. / 3},
		{"restarts(2, warmup=3, period=4)", 0, 7, 2},
		{"restarts(2, warmup=30, period=4)", 0, 15, 1},
	} {
		if got := scheduled(t, c.text, c.horizon).At(c.step); !(math.Abs(got-c.want) <= 1e-15) {
			t.Errorf("%s over %d steps is %v at step %d, want %v", c.text, c.horizon, got, c.step, c.want)
		}
	}
}

// Every schedule is between 0 and its peak at every step of the run and beyond, has
// the peak somewhere, and rises in a straight line while it warms up; those that fall do
// so without a rise.
func TestScheduleShapes(t *testing.T) {
	const run, warmup = 60, 7
	falling := map[string]bool{
		"constant": true, "linear": true, "cosine": true, "polynomial": true, "exponential": true,
		"inverse_sqrt": true, "step": true, "wsd": true,
	}
	for _, doc := range Schedules() {
		o := optimizer(t, doc.Example)
		var call recipe.Call
		for _, a := range o.call()[0].Args {
			if a.Name == "lr" {
				call = a.Value.(recipe.Recipe)[0]
			}
		}
		warms := false
		for i := range call.Args {
			if call.Args[i].Name == "warmup" {
				call.Args[i].Value, warms = recipe.Number(warmup), true
			}
		}
		s := scheduled(t, call.String(), run)
		top := 0.0
		for step := 1; step <= 3*run; step++ {
			v := s.At(step)
			top = max(top, v)
			if !(v >= 0 && v <= s.Peak) {
				t.Errorf("%v is %v at step %d", call, v, step)
			}
			if falling[doc.Name] && step > warmup && v > s.At(step-1) {
				t.Errorf("%v rises at step %d", call, step)
			}
			if first := s.At(warmup); warms && step < warmup && math.Abs(v-first*float64(step)/warmup) > 1e-15 {
				t.Errorf("%v is %v at step %d of its warm-up to %v", call, v, step, first)
			}
		}
		if math.Abs(top-s.Peak) > 1e-12 && doc.Name != "one_cycle" {
			t.Errorf("%v reaches %v", call, top)
		}
		for _, far := range []int{1e7, 1e12} {
			if v := s.At(far); !(v >= 0 && v <= s.Peak) {
				t.Errorf("%v is %v at step %d", call, v, far)
			}
		}
	}
}

// What needs the length of the run says which argument would do instead.
func TestOpenSchedules(t *testing.T) {
	for text, says := range map[string]string{
		"linear(1)":                            "argument steps,",
		"wsd(1)":                               "argument steps,",
		"one_cycle(1)":                         "argument steps,",
		"exponential(1)":                       "argument every,",
		"step(1, milestones=[0.5])":            "argument milestones in steps,",
		"piecewise([1, 2], milestones=[0.5])":  "argument milestones in steps,",
		"restarts(1, period=0.5)":              "argument period in steps,",
		"linear(1, steps=9)":                   "",
		"wsd(1, steps=9)":                      "",
		"one_cycle(1, steps=9)":                "",
		"exponential(1, every=9)":              "",
		"step(1, milestones=[5])":              "",
		"piecewise([1, 2], milestones=[5])":    "",
		"restarts(1, period=5)":                "",
		"step(1, every=5)":                     "",
		"constant(1, warmup=4)":                "",
		"inverse_sqrt(1, warmup=4)":            "",
		"polynomial(1, steps=9, floor=0.5)":    "",
		"polynomial(1, power=0.5, floor=0.25)": "argument steps,",
	} {
		s := *optimizer(t, "sgd(lr="+text+")").links[0].settings.(*sgdSettings)
		err := plan(&s, 0)
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s without a length: %v, want %q", text, err, says)
		}
	}
}
