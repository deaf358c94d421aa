package run

import (
	"context"
	"errors"
	"math"
	"testing"

	"basin/kernel"
	"basin/study"
)

// The reference of a task is what gradient descent makes of its batches alone or, jointly,
// of those of all tasks up to it in turn, computed here by hand.
func TestReference(t *testing.T) {
	l, err := newLab(newMemory(), on(t, stream, "sgd(lr=0.1)", "phase=3", "end"))
	if err != nil {
		t.Fatal(err)
	}
	descend := func(phase, batch int, x []float32) {
		g := make([]float32, len(x))
		l.problem.Phases[phase].Batch(batch).Grad(g, x)
		for i, v := range g {
			g[i] = -.1 * v
		}
		kernel.Axpy(x, 1, g)
	}
	for _, c := range []struct{ first, last int }{{1, 1}, {3, 3}, {1, 3}, {2, 3}} {
		x := append([]float32(nil), l.problem.Start...)
		for batch := 1; batch <= 20; batch++ {
			for task := c.first; task <= c.last; task++ {
				descend(task-1, batch, x)
			}
		}
		want := accuracy(l.problem.Stream[c.last-1].Judge, x, [2]int{})[0]
		got, masked, err := l.reference(t.Context(), c.first, c.last)
		if err != nil || got != want || !math.IsNaN(masked) {
			t.Errorf("%v: accuracy %v, masked %v, error %v; want %v", c, got, masked, err, want)
		}
	}
}

// Readings are the references less the stages, and leave the others as they are, statistics of
// normalisation too.
func TestIntransigence(t *testing.T) {
	const classes = "class_incremental(teacher(classes=6, n=300), groups=3, epochs=3, reset=true)"
	job := func(probes ...string) *Job {
		return jobOf(t, classes, "mlp(8, norm=batch)", "adam(lr=0.01)", "phase=9", "phase=1, end", probes...)
	}
	rec := do(t, newMemory(), job("intransigence", "loss"))
	with, _ := rec.Solution(study.Point{Kind: study.End})
	plain, _ := do(t, newMemory(), job("loss")).Solution(study.Point{Kind: study.End})
	value := map[string]float64{}
	for r := range with.Readings() {
		value[r.Name] = r.Value
	}
	for r := range plain.Readings() {
		if r.None == "" && value[r.Name] != r.Value {
			t.Errorf("%s is %v, without intransigence %v", r.Name, value[r.Name], r.Value)
		}
	}
	last := rec.Stages[3]
	for _, c := range []struct {
		prefix   string
		accuracy float64
	}{{"", last.Accuracy[2]}, {"masked_", last.Masked[2]}} {
		if got, want := value[c.prefix+"intransigence/task3"], value[c.prefix+"reference_accuracy/task3"]-c.accuracy; got != want {
			t.Errorf("%sintransigence/task3 is %v, want %v", c.prefix, got, want)
		}
		mean := (value[c.prefix+"intransigence/task2"] + value[c.prefix+"intransigence/task3"]) / 2
		if got := value[c.prefix+"intransigence"]; math.Abs(got-mean) > 1e-15 {
			t.Errorf("%sintransigence is %v, want %v", c.prefix, got, mean)
		}
	}
	// An answer that is right among all outputs is so among the task's own.
	if a, m := value["reference_accuracy"], value["masked_reference_accuracy"]; !(a <= m && a > .2) {
		t.Errorf("trained on a task alone it is right in %v, among the task's classes in %v", a, m)
	}
	first, _ := rec.Solution(study.Point{Kind: study.PhaseEnd, Value: 1})
	for r := range first.Readings() {
		if r.Name == "intransigence" && r.None != "it takes two phases" {
			t.Errorf("after one phase: %+v", r)
		}
	}
	single := do(t, newMemory(), jobOf(t, "glyphs(train=256, batch=64)", "", "sgd(lr=0.1)", "steps=3", "end", "intransigence"))
	for r := range single.Solutions[0].Readings() {
		if r.None != "the task is no stream of tasks" {
			t.Errorf("of a single task: %+v", r)
		}
	}
}

func TestReferenceStops(t *testing.T) {
	l, err := newLab(newMemory(), on(t, stream, "sgd(lr=0.1)", "phase=3", "end"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := l.reference(ctx, 2, 2); !errors.Is(err, ErrInterrupted) || len(l.standards) > 0 {
		t.Errorf("error %v, kept %v", err, l.standards)
	}
	l, err = newLab(newMemory(), on(t, stream, "sgd(lr=1e30)", "phase=3", "end"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.reference(t.Context(), 2, 2); err == nil || errors.Is(err, ErrInterrupted) {
		t.Errorf("error %v", err)
	}
}
