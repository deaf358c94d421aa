package run

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"basin/internal/safetensors"
	"basin/kernel"
	"basin/problem"
	"basin/study"
	"basin/task"
)

const small = "teacher(classes=5, n=600, batch=50)"

// opened is the file of a job's solution at a point.
func opened(t *testing.T, s *memory, j *Job, point string) *safetensors.File {
	t.Helper()
	file, err := safetensors.Read(s.solutions[j.Run.Key()+" "+point])
	if err != nil {
		t.Fatalf("%s: %v", point, err)
	}
	return file
}

// A solution's course is the sum of the steps that led to it, block by block, and the step
// beside it is the last of them.
func TestCourse(t *testing.T) {
	for _, o := range []string{"sgd(lr=0.1, momentum=0.9)", "muon(lr=0.01)", "ema(decay=0.9, base=adam(lr=0.01))"} {
		s, j := newMemory(), on(t, small, o, "steps=30", "steps=1, steps=29, steps=30", "distance", "update")
		rec := do(t, s, j)
		p, err := task.New[float32](j.Data, 1)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := newTrainer(p, j, nil)
		if err != nil {
			t.Fatal(err)
		}
		length, paths, last := 0., make([]float64, len(p.Layout.Blocks)), make([]float64, len(p.Layout.Blocks))
		for range 30 {
			if why := tr.step(); why != "" {
				t.Fatal(why)
			}
			square := 0.
			for i, b := range p.Layout.Blocks {
				last[i] = 0
				for _, v := range problem.View(tr.d, b) {
					last[i] += float64(v) * float64(v)
				}
				square += last[i]
				last[i] = math.Sqrt(last[i])
				paths[i] += last[i]
			}
			length += math.Sqrt(square)
		}
		at := opened(t, s, j, "steps=30")
		got, c := Course(at, p.Layout)
		if c == nil || c.Steps != 30 || c.Cost != rec.Ending.Cost {
			t.Fatalf("%s: %+v", o, c)
		}
		near := func(what string, got, want float64) {
			t.Helper()
			if math.Abs(got-want) > 1e-12*want {
				t.Errorf("%s: %s is %v, want %v", o, what, got, want)
			}
		}
		near("the path", got, length)
		for i, b := range p.Layout.Blocks {
			near("the path of "+b.Name, c.Path[i], paths[i])
			near("the last step of "+b.Name, c.Last[i], last[i])
		}
		if _, first := Course(opened(t, s, j, "steps=1"), p.Layout); !slices.Equal(first.Path, first.Last) {
			t.Errorf("%s: after one step %+v", o, first)
		}
		update := opened(t, s, j, "steps=30"+updateOf)
		before := opened(t, s, j, "steps=29")
		for _, u := range update.Tensors {
			if strings.HasPrefix(o, "ema") {
				break // the solution is an average
			}
			x, _ := before.Tensor(u.Name)
			y, _ := at.Tensor(u.Name)
			kernel.Axpy(x.F32, 1, u.F32)
			if !slices.Equal(x.F32, y.F32) {
				t.Errorf("%s: the last step of %s does not lead to the solution", o, u.Name)
			}
		}
		sol, _ := rec.Solution(study.Point{Kind: study.Steps, Value: 30})
		for r := range sol.Readings() {
			if !r.Defined() && !strings.HasPrefix(r.Name, "start_coefficient") && r.Name != "update_stale" {
				t.Errorf("%s: %s: %s", o, r.Name, r.None)
			}
		}
	}
}

// A solution found by going back has the course, step and metric of the run to its step.
func TestCourseOfLevels(t *testing.T) {
	for _, o := range []string{"sgd(lr=0.05)", "adam(lr=5e-3)"} {
		s, j := newMemory(), on(t, small, o, "steps=60", "train_loss=1.5, train_loss=1.4, train_loss=9")
		for _, sol := range do(t, s, j).Solutions {
			if sol.None != "" {
				t.Fatalf("%s: %s", o, sol.None)
			}
			plain, k := newMemory(), on(t, small, o, "steps=60", study.Point{Kind: study.Steps, Value: float64(sol.Step)}.String())
			point := do(t, plain, k).Solutions[0].Point.String()
			level := sol.Point.String()
			if a, b := opened(t, s, j, level).Metadata[MetaCourse], opened(t, plain, k, point).Metadata[MetaCourse]; a != b {
				t.Errorf("%s at %s: course %s, at step %d %s", o, level, a, sol.Step, b)
			}
			for _, beside := range []string{updateOf, metricOf} {
				a, b := s.solutions[j.Run.Key()+" "+level+beside], plain.solutions[k.Run.Key()+" "+point+beside]
				if string(a) != string(b) || (a == nil) != (sol.Step == 0) {
					t.Errorf("%s at %s: what is kept as %s differs from that at step %d", o, level, beside, sol.Step)
				}
			}
		}
	}
}

// A solution tells how old that was which made its last step, and nothing where a rule
// renews all at every step.
func TestStale(t *testing.T) {
	for o, want := range map[string]int{"shampoo(lr=0.01, interval=10)": 3, "sgd(lr=0.1)": -1} {
		s, j := newMemory(), on(t, small, o, "steps=23", "steps=23", "update")
		sol, _ := do(t, s, j).Solution(study.Point{Kind: study.Steps, Value: 23})
		for r := range sol.Readings() {
			if r.Name == "update_stale" && (want < 0 && r.None == "" || want >= 0 && r.Value != float64(want)) {
				t.Errorf("%s: %+v, want %d", o, r, want)
			}
		}
	}
}

// What a file does not say in full is not known.
func TestCourseOfOtherFiles(t *testing.T) {
	layout := problem.NewLayout(problem.Block{Name: "a", Shape: []int{2}}, problem.Block{Name: "b", Shape: []int{3}})
	c := problem.Course{Steps: 3, Cost: problem.Cost{Grads: 3}, Path: []float64{1. / 3, 2}, Last: []float64{.1, .7}, Stale: 4}
	body, err := json.Marshal(courseOf(&c, layout))
	if err != nil {
		t.Fatal(err)
	}
	read := func(length, course string) (float64, *problem.Course) {
		return Course(&safetensors.File{Metadata: map[string]string{MetaPath: length, MetaCourse: course}}, layout)
	}
	if length, got := read("2.5", string(body)); length != 2.5 || got == nil || asJSON(t, got) != asJSON(t, c) {
		t.Errorf("%v, %+v", length, got)
	}
	if _, got := read("0", `{"steps":0,"path_lengths":{"a":0,"b":0}}`); got == nil || got.Last != nil || got.Stale != -1 {
		t.Errorf("at the start: %+v", got)
	}
	for _, other := range []string{"", "{", "[1]", `{"steps":-1,"path_lengths":{"a":1,"b":2}}`, `{"steps":3,"path_lengths":{"a":1}}`, `{"steps":3,"path_lengths":{"a":1,"b":-2}}`, `{"steps":3,"path_lengths":{"a":1,"b":1e999}}`} {
		if length, got := read("-1", other); got != nil || !math.IsNaN(length) {
			t.Errorf("%s: %v, %+v", other, length, got)
		}
	}
}

// Points are told the time of the steps to them, added up over interruptions; what was in
// the store has none.
func TestReached(t *testing.T) {
	const points = "train_loss=1.5, steps=10, steps=40"
	s := newMemory()
	j := on(t, small, "sgd(lr=0.05)", "steps=40", points)
	ctx, cancel := context.WithCancel(t.Context())
	j.Progress = func(step, _ int) {
		if step == 20 {
			cancel()
		}
	}
	if _, err := All(ctx, s, []*Job{j}, 1, nil); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	for again := range 2 {
		j = on(t, small, "sgd(lr=0.05)", "steps=40", points)
		outcomes, err := All(t.Context(), s, []*Job{j}, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		o, took := outcomes[0], map[string]time.Duration{}
		for _, r := range o.Reached {
			took[r.Point.String()] = r.Took
		}
		if again == 1 {
			if o.Resumed || len(took) != 0 {
				t.Errorf("from the store: %+v", o)
			}
			continue
		}
		if !o.Resumed || len(took) != 3 || took["steps=10"] <= 0 || took["steps=40"] <= took["steps=10"] || took["train_loss=1.5"] <= 0 {
			t.Errorf("resumed %v: %v", o.Resumed, took)
		}
	}
}
