package run

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"basin/study"
	"basin/task"
)

const stream = "permuted(teacher(classes=5, n=600, batch=50), tasks=3, steps=20)"

// on is a job on a small network.
func on(t testing.TB, taskText, optimizer, budget, at string, probes ...string) *Job {
	t.Helper()
	return jobOf(t, taskText, "mlp(16)", optimizer, budget, at, probes...)
}

// A run of a stream goes through its phases, is judged on all tasks at their ends, and its
// points at these ends are where they are.
func TestStream(t *testing.T) {
	s := newMemory()
	rec := do(t, s, on(t, stream, "sgd(lr=0.1)", "phase=3", "phase=1, phase=2, steps=30, end", "forgetting", "accuracy"))
	if rec.Ending.Step != 60 || rec.Ending.Kind != study.Spent {
		t.Fatalf("ending %+v", rec.Ending)
	}
	var steps []int
	for k, stage := range rec.Stages {
		if stage.Phase != k || len(stage.Accuracy) != 3 || stage.Masked != nil {
			t.Errorf("stage %d is %+v", k, stage)
		}
		steps = append(steps, stage.Step)
	}
	if !slices.Equal(steps, []int{0, 20, 40, 60}) {
		t.Fatalf("stages at steps %v", steps)
	}
	value := func(sol *study.Solution, name string) float64 {
		for r := range sol.Readings() {
			if r.Name == name {
				return r.Value
			}
		}
		t.Fatalf("%s has no reading %s", sol.Point, name)
		return 0
	}
	for k := 1; k <= 3; k++ {
		p := study.Point{Kind: study.PhaseEnd, Value: float64(k)}
		if k == 3 {
			p = study.Point{Kind: study.End}
		}
		sol, ok := rec.Solution(p)
		if !ok || sol.Step != 20*k || sol.Epoch != float64(20*k)/12 {
			t.Fatalf("%s: %+v", p, sol)
		}
		want, sum := rec.Stages[k].Accuracy, 0.0
		for j := range k {
			sum += want[j]
		}
		if got := value(sol, "average_accuracy"); got < sum/float64(k)-1e-12 || got > sum/float64(k)+1e-12 {
			t.Errorf("%s: average accuracy %v, want %v", p, got, sum/float64(k))
		}
		for j, name := range []string{"test_accuracy/1", "test_accuracy/2", "test_accuracy/3"} {
			if got := value(sol, name); got != want[j] {
				t.Errorf("%s: %s is %v, after the phase it was %v", p, name, got, want[j])
			}
		}
	}
	mid, _ := rec.Solution(study.Point{Kind: study.Steps, Value: 30})
	for r := range mid.Readings() {
		if r.Probe == "forgetting" && !strings.Contains(r.None, "at the ends of phases alone") {
			t.Errorf("in the middle of a phase: %+v", r)
		}
	}
	// Each task is learnt better in its phase than before.
	for k := 1; k <= 3; k++ {
		if rec.Stages[k].Accuracy[k-1] < rec.Stages[k-1].Accuracy[k-1]+0.1 {
			t.Errorf("phase %d leaves its task as it was: %v", k, rec.Stages)
		}
	}
}

// The run of a stream, however long, is the beginning of the whole.
func TestStreamBudgets(t *testing.T) {
	whole := do(t, newMemory(), on(t, stream, "sgd(lr=0.1)", "phase=3", "end")).Stages
	for budget, want := range map[string]struct{ step, stages int }{
		"phase=2": {40, 3}, "steps=50": {50, 3}, "steps=40": {40, 3}, "steps=1000": {60, 4}, "epochs=2.5": {30, 2}, "grads=10": {10, 1},
	} {
		rec := do(t, newMemory(), on(t, stream, "sgd(lr=0.1)", budget, "end"))
		if rec.Ending.Step != want.step || len(rec.Stages) != want.stages || asJSON(t, rec.Stages) != asJSON(t, whole[:want.stages]) {
			t.Errorf("%s: ends at step %d with %d stages, want %+v", budget, rec.Ending.Step, len(rec.Stages), want)
		}
	}
}

// A run of a stream that is stopped again and again ends as one that is not, with phases
// that end by accuracy, optimizers made anew, and levels looked for across phases.
func TestResumeStream(t *testing.T) {
	for taskText, optimizer := range map[string]string{
		"class_incremental(teacher(classes=6, n=300), groups=3, epochs=6, until_accuracy=0.8, reset=true)":    "ema(decay=0.9, base=adam(lr=cosine(0.01)))",
		"class_incremental(teacher(classes=6, n=300), groups=3, epochs=3, head=multi, reset=true)":            "lookahead(base=sgd(lr=0.1, momentum=0.9))",
		"rotated(glyphs(train=100, batch=20), tasks=2, epochs=3, until_accuracy=0.5)":                         "ewc(strength=1) | sgd(lr=0.05)",
		"random_labels(two_moons(batch=20), tasks=3, epochs=2)":                                               "ogd | sgd(lr=0.1)",
		"permuted(separable(n=300, d=20, batch=20), tasks=3, epochs=2, reset=true, until_accuracy=0.9)":       "adam(lr=0.01)",
		"permuted(parity(batch=0, n=50), tasks=2, epochs=30, identity=true, head=multi, until_accuracy=0.95)": "sgd(lr=0.1)",
	} {
		t.Run(taskText, func(t *testing.T) {
			model := "mlp(8, norm=batch)"
			if strings.Contains(taskText, "separable") {
				model = ""
			}
			job := func() *Job {
				return jobOf(t, taskText, model, optimizer, "phase=9", "train_loss=1.2, train_loss=0.6, phase=1, phase=2, epochs=2.5, end", "forgetting", "norm")
			}
			whole, broken := newMemory(), newMemory()
			want := do(t, whole, job())
			if len(want.Stages) < 3 {
				t.Fatalf("stages %+v", want.Stages)
			}
			for stops := 0; ; stops++ {
				j := job()
				ctx, cancel := context.WithCancel(context.Background())
				made := 0
				j.Progress = func(int, int) {
					if made++; made == 19 {
						cancel()
					}
				}
				got, _, err := Do(ctx, broken, j)
				cancel()
				if err == nil {
					if stops < 1 {
						t.Fatalf("stopped %d times only", stops)
					}
					same(t, got, want)
					break
				}
				if !errors.Is(err, ErrInterrupted) {
					t.Fatal(err)
				}
			}
			if !maps.EqualFunc(whole.solutions, broken.solutions, slices.Equal) {
				t.Error("solutions differ")
			}
			// A level or a point asked for afterwards repeats the same run.
			later := newMemory()
			first := job()
			first.Points = first.Points[5:]
			do(t, later, first)
			same(t, do(t, later, job()), want)
		})
	}
}

func TestStreamWorkersAgree(t *testing.T) {
	var want string
	for _, workers := range []int{1, 2, 5} {
		var jobs []*Job
		for _, o := range []string{"sgd(lr=0.1)", "ewc | adam(lr=0.01)", "shampoo(lr=0.01)"} {
			jobs = append(jobs, on(t, stream, o, "phase=3", "end", "forgetting"))
		}
		outcomes, err := All(context.Background(), newMemory(), jobs, workers, nil)
		if err != nil {
			t.Fatal(err)
		}
		var records []*study.Record
		for _, o := range outcomes {
			records = append(records, o.Record)
		}
		if got := asJSON(t, records); want == "" {
			want = got
		} else if got != want {
			t.Errorf("%d workers give other records than 1", workers)
		}
	}
}

// With reset=true a phase begins with the optimizer as at the start of a run from there:
// the second phase of a stream is what a fresh optimizer makes of its batches.
func TestReset(t *testing.T) {
	for _, o := range []string{"adam(lr=cosine(0.01))", "sgd(lr=0.1, momentum=0.9)"} {
		const text = "permuted(teacher(classes=5, n=600, batch=50), tasks=2, steps=20, reset=true)"
		j := on(t, text, o, "phase=2", "end")
		p, err := task.New[float32](j.Data, 1)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := newTrainer(p, j, nil)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			tr.step()
		}
		second := *p
		second.Start, second.Phases, second.Stream = slices.Clone(tr.x), slices.Clone(p.Phases[1:]), nil
		alone := *j
		alone.Run.Budget = study.Budget{Kind: study.Steps, Value: 20}
		fresh, err := newTrainer(&second, &alone, nil)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			fresh.step()
		}
		for range 20 {
			tr.step()
		}
		if !slices.Equal(tr.x, fresh.x) {
			t.Errorf("%s: the second phase differs from a run of its own", o)
		}
	}
}

// A phase is over at the first look at which enough of its examples are right.
func TestUntilAccuracy(t *testing.T) {
	j := on(t, "class_incremental(glyphs(train=1000, batch=10), groups=5, epochs=20, until_accuracy=0.9)", "sgd(lr=0.05)", "phase=5", "phase=1, phase=2, end")
	rec := do(t, newMemory(), j)
	p, err := task.New[float32](j.Data, 1)
	if err != nil {
		t.Fatal(err)
	}
	began := 0
	for k, stage := range rec.Stages[1:] {
		u := p.Phases[k].Until
		if n := stage.Step - began; n%u.Every != 0 || n >= u.Steps || n < u.Every {
			t.Errorf("phase %d took %d steps, looked at every %d", k+1, n, u.Every)
		}
		if stage.Masked[k] < 0.8 {
			t.Errorf("after phase %d its task is right in %v", k+1, stage.Masked[k])
		}
		began = stage.Step
	}
	if rec.Ending.Step != began || len(rec.Stages) != 6 {
		t.Errorf("the run ends at step %d with %d stages", rec.Ending.Step, len(rec.Stages))
	}
}

// What ewc and ogd are for: with them less is forgotten, at about equal learning.
func TestRulesAgainstForgetting(t *testing.T) {
	read := func(optimizer string) (forgotten, learnt float64) {
		rec := do(t, newMemory(), jobOf(t, "permuted(glyphs(train=3000, batch=32), tasks=2)", "mlp(64)", optimizer, "phase=2", "end", "forgetting"))
		for r := range rec.Solutions[0].Readings() {
			switch r.Name {
			case "forgetting":
				forgotten = r.Value
			case "learning_accuracy":
				learnt = r.Value
			}
		}
		return forgotten, learnt
	}
	plain, learnt := read("sgd(lr=0.05)")
	for _, o := range []string{"ewc(strength=1) | sgd(lr=0.05)", "ogd(directions=100, capacity=200) | sgd(lr=0.05)"} {
		forgotten, also := read(o)
		if forgotten > 0.8*plain || also < learnt-0.03 {
			t.Errorf("%s forgets %.4f and learns %.4f; sgd %.4f and %.4f", o, forgotten, also, plain, learnt)
		}
	}
}

// Masks choose among outputs; a single output tells by its sign.
func TestAccuracy(t *testing.T) {
	for _, c := range []struct {
		z      []float64
		lo, hi int
		want   int
	}{
		{[]float64{3, 1, 2, 0}, 0, 4, 0}, {[]float64{3, 1, 2, 0}, 1, 4, 2}, {[]float64{3, 1, 1, 0}, 1, 3, 1}, {[]float64{-1}, 0, 1, 0}, {[]float64{1}, 0, 1, 1},
	} {
		if got := decided(c.z, c.lo, c.hi); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}
