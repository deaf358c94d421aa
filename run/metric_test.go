package run

import (
	"reflect"
	"testing"

	"basin/problem"
	"basin/stat"
	"basin/study"
)

// The metric of the step that led to a solution is kept with it: measured when the
// solution is made or later, the readings are the same. A chain shows none.
func TestMetricOfSolutions(t *testing.T) {
	for optimizer, shown := range map[string]bool{"adamw(lr=1e-3)": true, "sgd(lr=0.1, momentum=0.9)": true, "clip_norm(1) | sgd(lr=0.1)": false} {
		read := func(rec *study.Record) map[string]stat.Reading {
			sol, _ := rec.Solution(study.Point{Kind: study.Steps, Value: 7})
			m, ok := sol.Measurement("stability(examples=64, tol=1e-3, steps=50)")
			if !ok {
				t.Fatalf("%s: not measured: %+v", optimizer, sol.Measured)
			}
			all := map[string]stat.Reading{}
			for _, r := range m.Readings {
				all[r.Name] = r
			}
			return all
		}
		const taskText, budget, at = "glyphs(train=128, batch=32)", "steps=12", "steps=7"
		const probes = "stability(examples=64)"
		at1 := read(do(t, newMemory(), job(t, taskText, optimizer, budget, at, probes)))
		s := newMemory()
		do(t, s, job(t, taskText, optimizer, budget, at))
		later := read(do(t, s, job(t, taskText, optimizer, budget, at, probes)))
		for name, r := range at1 {
			if got := later[name]; got.Defined() != r.Defined() || r.Defined() && got.Value != r.Value {
				t.Errorf("%s: %s is %v when made, %v later", optimizer, name, r, got)
			}
		}
		if at1["stable_ratio"].Defined() != shown {
			t.Errorf("%s: %+v", optimizer, at1["stable_ratio"])
		}
	}
}

func TestMetricRoundTrips(t *testing.T) {
	for _, m := range []problem.Metric{{Rate: 1e-3, Edge: 38, InvSqrt: []float64{1. / 3, 0, 1e4}}, {Rate: .1, Edge: 2}} {
		body, err := encodeMetric(&m)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decodeMetric(body, 3); err != nil || !reflect.DeepEqual(*got, m) {
			t.Errorf("got %+v, error %v, want %+v", got, err, m)
		}
		if _, err := decodeMetric(body, 4); (err != nil) != (m.InvSqrt != nil) {
			t.Errorf("of another length: error %v", err)
		}
		if _, err := decodeMetric(body[:len(body)-1], 3); err == nil {
			t.Error("a cut file is read")
		}
	}
}

// Gradient descent and its relatives in full batches come to rest at the edge of stability
// (Cohen et al. 2021, arXiv 2103.00065, and 2022, arXiv 2207.14484), and each step of plain
// descent goes straight down.
func TestEdgeOfStability(t *testing.T) {
	for _, o := range []string{"sgd(lr=0.6)", "rmsprop(lr=1e-3)"} {
		j := jobOf(t, "teacher(batch=0)", "mlp(32, 32, act=tanh)", o, "steps=2000", "steps=100, steps=1700, steps=1800, steps=1900, steps=2000", "stability", "update")
		first, late := 0., 0.
		for _, sol := range do(t, newMemory(), j).Solutions {
			for r := range sol.Readings() {
				switch {
				case r.Name == "stable_ratio" && sol.Step == 100:
					first = r.Value
				case r.Name == "stable_ratio":
					late += r.Value / 4
				case r.Name == "update_cosine" && o == "sgd(lr=0.6)" && (r.Value < 1-1e-5 || r.Value > 1+1e-12):
					t.Errorf("a step of gradient descent has cosine %v with it", r.Value)
				}
			}
		}
		if first < .3 || first > .95 || late < .95 || late > 1.12 {
			t.Errorf("%s: the ratio is %.3f after 100 steps, %.3f on average at the end", o, first, late)
		}
	}
}
