package probe

import (
	"fmt"
	"math"
	"testing"

	"basin/problem"
	"basin/rng"
)

// stagesOf is a matrix with its first row, the start, and a mask under which everything is
// by so much better.
func stagesOf(better float64, rows ...[]float64) []problem.Stage {
	var stages []problem.Stage
	for k, row := range rows {
		s := problem.Stage{Phase: k, Step: 10 * k, Accuracy: row}
		for _, a := range row {
			if better > 0 {
				s.Masked = append(s.Masked, a+better)
			}
		}
		stages = append(stages, s)
	}
	return stages
}

func TestForgetting(t *testing.T) {
	b := []float64{.1, .1, .1}
	rows := [][]float64{b, {.9, .1, .1}, {.6, .92, .2}, {.5, .7, .95}}
	pass := &Pass{Judged: []int{100, 200, 400}, Stages: stagesOf(.02, rows...)}
	r := ask(t, pass, "forgetting")
	// The first four by hand from the definitions; the slope of .9, .92, .95 is that of
	// numpy.polyfit(range(3), [.9, .92, .95], 1).
	for name, want := range map[string]float64{
		"average_accuracy": .71666666666666667, "forgetting": .31, "backward_transfer": -.31, "forward_transfer": .05,
		"learning_accuracy": .92333333333333333, "plasticity_slope": .025,
		"task_accuracy/phase2.task3": .2, "task_accuracy/phase0.task1": .1,
		"masked_average_accuracy": .73666666666666667, "masked_forgetting": .31, "masked_task_accuracy/phase3.task2": .72,
	} {
		near(t, name, r[name].Value, want, 1e-13)
	}
	// q (1-q) / n at q = (k + 2) / (n + 4), of 50 of 100, 140 of 200, 380 of 400.
	variance := func(k, n float64) float64 { q := (k + 2) / (n + 4); return q * (1 - q) / n }
	near(t, "error of average_accuracy", r["average_accuracy"].Err, math.Sqrt(variance(50, 100)+variance(140, 200)+variance(380, 400))/3, 1e-14)
	near(t, "error of plasticity_slope", r["plasticity_slope"].Err, math.Sqrt(variance(90, 100)+variance(380, 400))/2, 1e-14)
}

// After the second phase the readings are of two tasks; forgetting is from the best there
// was, which need not be right after the task.
func TestForgettingOnTheWay(t *testing.T) {
	pass := &Pass{Judged: []int{50, 50, 50}, Stages: stagesOf(0, []float64{.1, .2, .1}, []float64{.8, .3, .1}, []float64{.9, .7, .1}, []float64{.4, .5, .6})}
	whole := ask(t, pass, "forgetting")
	near(t, "forgetting", whole["forgetting"].Value, (.5+.2)/2, 1e-14)
	near(t, "backward transfer", whole["backward_transfer"].Value, (-.4-.2)/2, 1e-14)
	pass.Stages = pass.Stages[:3]
	r := ask(t, pass, "forgetting")
	near(t, "average accuracy", r["average_accuracy"].Value, .8, 1e-14)
	near(t, "forgetting", r["forgetting"].Value, -.1, 1e-14)
	near(t, "slope", r["plasticity_slope"].Value, -.1, 1e-14)
	near(t, "forward transfer", r["forward_transfer"].Value, .1, 1e-14)
	if none := r["masked_forgetting"].None; none == "" {
		t.Error("there is a reading with a mask where there is no mask")
	}
}

func TestForgettingIsNone(t *testing.T) {
	one := stagesOf(0, []float64{.1}, []float64{.8})
	for i, c := range []struct {
		pass Pass
		none map[string]bool
	}{
		{Pass{}, map[string]bool{"average_accuracy": true, "forgetting": true}},
		{Pass{Judged: []int{10}}, map[string]bool{"average_accuracy": true, "forgetting": true}},
		{Pass{Judged: []int{10}, Stages: one[:1]}, map[string]bool{"average_accuracy": true, "task_accuracy": true}},
		{Pass{Judged: []int{10}, Stages: one}, map[string]bool{"average_accuracy": false, "forgetting": true, "forward_transfer": true, "plasticity_slope": true}},
	} {
		for name, none := range c.none {
			if r := ask(t, &c.pass, "forgetting")[name]; (r.None != "") != none || none == !math.IsNaN(r.Value) {
				t.Errorf("case %d: %s is %+v, none %v", i, name, r, none)
			}
		}
	}
}

// Intervals of two standard errors hold the truth of a known matrix about as often as they
// say where the entries are independent.
func TestForgettingErrors(t *testing.T) {
	truth := [][]float64{{.1, .1}, {.9, .2}, {.6, .8}}
	held, tries := 0, 2000
	for i := range tries {
		var rows [][]float64
		for k, row := range truth {
			var drawn []float64
			for j, a := range row {
				drawn = append(drawn, binomial(uint64(i), fmt.Sprint(k, j), 300, a))
			}
			rows = append(rows, drawn)
		}
		r := ask(t, &Pass{Judged: []int{300, 300}, Stages: stagesOf(0, rows...)}, "forgetting")["forgetting"]
		if math.Abs(r.Value-.3) < 1.96*r.Err {
			held++
		}
	}
	if share := float64(held) / float64(tries); share < .935 || share > .965 {
		t.Errorf("95 %% intervals hold the truth in %.3f of cases", share)
	}
}

// binomial is the share of n that come up with probability a.
func binomial(seed uint64, name string, n int, a float64) float64 {
	s := rng.At(seed, name, 0)
	k := 0
	for range n {
		if s.Float64() < a {
			k++
		}
	}
	return float64(k) / float64(n)
}
