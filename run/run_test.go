package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"basin/optim"
	"basin/probe"
	"basin/problem"
	"basin/recipe"
	"basin/study"
	"basin/task"
)

// memory is a store of maps.
type memory struct {
	mu                              sync.Mutex
	records, solutions, checkpoints map[string][]byte
	pairs                           map[[2]string][]byte
}

func newMemory() *memory {
	return &memory{records: map[string][]byte{}, solutions: map[string][]byte{}, checkpoints: map[string][]byte{}, pairs: map[[2]string][]byte{}}
}

func (m *memory) get(from map[string][]byte, key string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	body, ok := from[key]
	return body, ok, nil
}

func (m *memory) Record(key string) ([]byte, bool, error)     { return m.get(m.records, key) }
func (m *memory) Checkpoint(key string) ([]byte, bool, error) { return m.get(m.checkpoints, key) }
func (m *memory) Solution(key, point string) ([]byte, bool, error) {
	return m.get(m.solutions, key+" "+point)
}

func (m *memory) Commit(key string, record []byte, solutions map[string][]byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.records[key] = record
	for point, body := range solutions {
		m.solutions[key+" "+point] = body
	}
	delete(m.checkpoints, key)
	return nil
}

func (m *memory) Pair(a, b string) ([]byte, bool, error) {
	body, ok := m.pairs[[2]string{a, b}]
	return body, ok, nil
}

func (m *memory) CommitPairs(bodies map[[2]string][]byte) error {
	maps.Copy(m.pairs, bodies)
	return nil
}

func (m *memory) PutCheckpoint(key string, body []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.checkpoints[key] = body
	return nil
}

// job is a run of a small task on its own model.
func job(t testing.TB, taskText, optimizer, budget, at string, probes ...string) *Job {
	t.Helper()
	return jobOf(t, taskText, "", optimizer, budget, at, probes...)
}

func jobOf(t testing.TB, taskText, model, optimizer, budget, at string, probes ...string) *Job {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	tr, err := recipe.Parse(taskText)
	must(err)
	var mr recipe.Recipe
	if model != "" {
		mr, err = recipe.Parse(model)
		must(err)
	}
	tk, err := task.Resolve(tr, mr)
	must(err)
	data, err := tk.Load("")
	must(err)
	or, err := recipe.Parse(optimizer)
	must(err)
	o, err := optim.Resolve(or)
	must(err)
	b, err := study.ParseBudget(budget)
	must(err)
	points, _, err := study.ParsePoints(at)
	must(err)
	var recipes []recipe.Recipe
	for _, p := range probes {
		r, err := recipe.Parse(p)
		must(err)
		recipes = append(recipes, r)
	}
	bound, err := probe.Resolve(recipes)
	must(err)
	return &Job{
		Run:  study.Run{Task: tk.Recipe(), Model: tk.Model(), Optimizer: o.Recipe(), Seed: 1, Budget: b, Data: data.Hash(), Engine: Engine},
		Data: data, Optimizer: o, Points: points, Probes: bound,
	}
}

const classify = "separable(n=300, d=20)"

func do(t *testing.T, s Store, j *Job) *study.Record {
	t.Helper()
	rec, _, err := Do(context.Background(), s, j)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// same demands equal records and shows where they first differ.
func same(t *testing.T, got, want *study.Record) {
	t.Helper()
	g, w := asJSON(t, got), asJSON(t, want)
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("records differ: ...%.200s\nwant ...%.200s", g[max(0, i-60):], w[max(0, i-60):])
		}
	}
	if len(g) != len(w) {
		t.Fatalf("records of length %d and %d", len(g), len(w))
	}
}

// stateful are optimizers with every kind of memory.
var stateful = []string{"sgd(lr=0.5, momentum=0.9)", "adam(lr=0.01)", "clip_norm(1) | adamw(lr=cosine(0.01))", "sam(rho=0.05, base=sgd(lr=0.5))", "shampoo(lr=0.01)", "ema(decay=0.9, base=sgd(lr=0.5))", "split(matrix=schedule_free_adamw(lr=0.01), rest=accumulate(steps=2, base=swa(start=0.5)))"}

// A run that is stopped again and again ends as one that is not.
func TestResume(t *testing.T) {
	for _, o := range stateful {
		t.Run(o, func(t *testing.T) {
			const points = "train_loss=0.4, train_loss=0.3, steps=57, grads=100, end"
			whole, broken := newMemory(), newMemory()
			want := do(t, whole, job(t, classify, o, "steps=200", points, "norm"))
			for stops := 0; ; stops++ {
				j := job(t, classify, o, "steps=200", points, "norm")
				ctx, cancel := context.WithCancel(context.Background())
				made := 0
				j.Progress = func(int, int) {
					if made++; made == 37 {
						cancel()
					}
				}
				got, _, err := Do(ctx, broken, j)
				cancel()
				if err == nil {
					if stops < 4 {
						t.Fatalf("stopped %d times only", stops)
					}
					same(t, got, want)
					break
				}
				if !errors.Is(err, ErrInterrupted) {
					t.Fatal(err)
				}
				if stops > 100 {
					t.Fatal("it never ends")
				}
			}
			if !maps.EqualFunc(whole.solutions, broken.solutions, func(a, b []byte) bool { return string(a) == string(b) }) {
				t.Error("solutions differ")
			}
		})
	}
}

// What is in the store is not made again; what is asked for later is added.
func TestStoreIsUsed(t *testing.T) {
	s := newMemory()
	const o = "adam(lr=0.01)"
	all := do(t, newMemory(), job(t, classify, o, "steps=150", "end, train_loss=0.35", "norm", "loss"))

	first := job(t, classify, o, "steps=150", "end", "norm")
	if _, fresh, err := Do(context.Background(), s, first); err != nil || !fresh {
		t.Fatalf("fresh %v, %v", fresh, err)
	}
	if _, fresh, err := Do(context.Background(), s, first); err != nil || fresh {
		t.Fatalf("the same again: fresh %v, %v", fresh, err)
	}
	probed := job(t, classify, o, "steps=150", "end", "norm", "loss")
	if _, fresh, err := Do(context.Background(), s, probed); err != nil || fresh {
		t.Fatalf("one more probe: fresh %v, %v", fresh, err)
	}
	pointed := job(t, classify, o, "steps=150", "end, train_loss=0.35", "norm", "loss")
	got, fresh, err := Do(context.Background(), s, pointed)
	if err != nil || !fresh {
		t.Fatalf("one more point: fresh %v, %v", fresh, err)
	}
	same(t, got, all)
}

// The levels that are looked for leave no trace in the curve, which has a hundred
// checks or fewer.
func TestCurveDoesNotDependOnLevels(t *testing.T) {
	curve := func(at string) []study.Check {
		return do(t, newMemory(), job(t, classify, "adam(lr=0.01)", "steps=150", at, "norm")).Curve
	}
	plain := curve("end")
	for _, at := range []string{"train_loss=0.35", "train_loss=1e-9"} {
		if got := curve(at); !slices.Equal(got, plain) {
			t.Errorf("at %s: %v, without a level %v", at, got, plain)
		}
	}
	if n := len(plain); n < keptChecks/2 || n > keptChecks {
		t.Errorf("%d checks in the curve", n)
	}
}

// Readings of an older revision are taken anew.
func TestOldReadingsAreTakenAnew(t *testing.T) {
	s := newMemory()
	j := job(t, classify, "adam(lr=0.01)", "steps=20", "end", "norm")
	want := do(t, s, j)
	var old study.Record
	if err := json.Unmarshal(s.records[want.Key], &old); err != nil {
		t.Fatal(err)
	}
	m := &old.Solutions[0].Measured[0]
	m.Revision--
	m.Readings[0].Value = -1
	s.records[want.Key] = []byte(asJSON(t, old))
	got, fresh, err := Do(context.Background(), s, j)
	if err != nil || fresh {
		t.Fatalf("fresh %v, %v", fresh, err)
	}
	same(t, got, want)
}

// A probe of very many products ends with its context, and leaves nothing behind.
func TestProbingIsInterrupted(t *testing.T) {
	s := newMemory()
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	j := job(t, "glyphs(train=2000)", "sgd(lr=0.1)", "steps=2", "end", "sharpness(k=2000, examples=0, steps=5000)")
	began := time.Now()
	if _, _, err := Do(ctx, s, j); !errors.Is(err, ErrInterrupted) {
		t.Fatalf("got %v", err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v to end", took)
	}
	if len(s.records) != 0 {
		t.Error("a record was kept")
	}
}

func TestWorkersAgree(t *testing.T) {
	var want string
	for _, workers := range []int{1, 2, 5} {
		var jobs []*Job
		for _, o := range stateful {
			jobs = append(jobs, job(t, classify, o, "steps=80", "train_loss=0.4, end", "norm"))
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

func TestDivergenceIsAnEnding(t *testing.T) {
	rec := do(t, newMemory(), job(t, "quadratic", "sgd(lr=1e9)", "steps=50", "steps=1, train_loss=1e-9, steps=40, end", "norm"))
	if rec.Ending.Kind != study.Diverged || rec.Ending.Step < 1 || rec.Ending.Step >= 40 {
		t.Fatalf("ending: %+v", rec.Ending)
	}
	for _, p := range []string{"train_loss=1e-09", "steps=40", "end"} {
		point, _ := study.ParsePoint(p)
		sol, ok := rec.Solution(point)
		if !ok || !strings.Contains(sol.None, "diverged") || sol.Measured != nil {
			t.Errorf("%s: %+v", p, sol)
		}
	}
	if sol, _ := rec.Solution(study.Point{Kind: study.Steps, Value: 1}); sol.None != "" || len(sol.Measured) != 1 {
		t.Errorf("what was reached before is not kept: %+v", sol)
	}
}

func TestUnreachedLevelIsReported(t *testing.T) {
	rec := do(t, newMemory(), job(t, classify, "sgd(lr=1e-5)", "steps=30", "train_loss=0.01"))
	sol, ok := rec.Solution(study.Point{Kind: study.TrainLoss, Value: 0.01})
	if !ok || !strings.Contains(sol.None, "step 30") || !strings.Contains(sol.None, "lowest matching loss was 0.6") {
		t.Errorf("%+v", sol)
	}
}

// A level that only the last check is below is not reached, and the reason says so.
func TestLevelBelowTheMedianIsReported(t *testing.T) {
	const text = "quadratic(dim=3, condition=1)"
	curve := do(t, newMemory(), job(t, text, "sgd(lr=0.01)", "steps=100", "end")).Curve
	level := study.Point{Kind: study.TrainLoss, Value: 1.001 * curve[len(curve)-1].Loss}
	sol, _ := do(t, newMemory(), job(t, text, "sgd(lr=0.01)", "steps=100", level.String())).Solution(level)
	if !strings.Contains(sol.None, "step 100") || !strings.Contains(sol.None, "running median not yet") {
		t.Errorf("%+v", sol)
	}
}

// The quadratic has a closed form under gradient descent, so the step of the
// crossing is known.
func TestLevelIsMatched(t *testing.T) {
	// One eigenvalue 1, step 0.01: loss(t) = loss(0) 0.99^(2t), down 2 % a step.
	rec := do(t, newMemory(), job(t, "quadratic(dim=3, condition=1)", "sgd(lr=0.01)", "steps=400", "steps=100, train_loss=0.05, end"))
	at100, _ := rec.Solution(study.Point{Kind: study.Steps, Value: 100})
	level, _ := rec.Solution(study.Point{Kind: study.TrainLoss, Value: 0.05})
	if level.None != "" {
		t.Fatal(level.None)
	}
	if level.Mismatch < -0.0105 || level.Mismatch > 0.0105 {
		t.Errorf("the nearest step to the level lies off by %v; steps are 2 %% apart", level.Mismatch)
	}
	fall := 1.0
	for i := 100; i < level.Step; i++ {
		fall *= 0.99 * 0.99
	}
	for i := level.Step; i < 100; i++ {
		fall /= 0.99 * 0.99
	}
	if want := at100.Loss * fall; level.Loss < want*(1-1e-4) || level.Loss > want*(1+1e-4) {
		t.Errorf("loss at step %d is %v, want %v", level.Step, level.Loss, want)
	}
}

func TestCountsAreExact(t *testing.T) {
	for o, want := range map[string]int{"sgd(lr=0.1)": 30, "sam(rho=0.05, base=sgd(lr=0.1))": 60} {
		rec := do(t, newMemory(), job(t, classify, o, "steps=30", "end"))
		if c := rec.Ending.Cost; c.Grads != want || c.Losses != 0 || c.Products != 0 || c.Flops <= 0 {
			t.Errorf("%s: %+v, want %d gradients", o, c, want)
		}
	}
	rec := do(t, newMemory(), job(t, classify, "sam(rho=0.05, base=sgd(lr=0.1))", "grads=30", "end"))
	if rec.Ending.Step != 15 || rec.Ending.Cost.Grads != 30 {
		t.Errorf("a budget of 30 gradients: %+v", rec.Ending)
	}
	// Factors are a gradient; labels are drawn from outputs, which are a loss.
	for o, want := range map[string]problem.Cost{
		"natural(steps=4, tol=0)":                         {Grads: 30, Products: 120},
		"sophia_g(lr=1e-3, k=10)":                         {Grads: 33, Losses: 3},
		"sophia_h(lr=1e-3, update_period=10)":             {Grads: 30, Products: 3},
		"kfac(lr=0.1, factor_update_steps=5)":             {Grads: 36, Losses: 6},
		"kfac(lr=0.1, labels=given, inv_update_steps=10)": {Grads: 33},
		"label_noise(flip=0.1) | sgd(lr=0.1)":             {Grads: 30, Products: 30},
	} {
		c := do(t, newMemory(), job(t, classify, o, "steps=30", "end")).Ending.Cost
		if c.Flops = 0; c != want {
			t.Errorf("%s: %+v, want %+v", o, c, want)
		}
	}
	rec = do(t, newMemory(), job(t, classify, "natural(steps=4, tol=0)", "grads=90", "end"))
	if rec.Ending.Step != 10 || rec.Ending.Cost.GradEquivalents() != 90 {
		t.Errorf("a budget of 90 gradients, a product being two: %+v", rec.Ending)
	}
}

// Two optimizers of one seed have the same start and batches; two seeds do not.
func TestWitness(t *testing.T) {
	a := do(t, newMemory(), job(t, "glyphs(train=300, batch=50)", "sgd(lr=0.1)", "steps=3", "end"))
	b := do(t, newMemory(), job(t, "glyphs(train=300, batch=50)", "adam(lr=0.1)", "steps=2", "end"))
	other := job(t, "glyphs(train=300, batch=50)", "sgd(lr=0.1)", "steps=3", "end")
	other.Run.Seed = 2
	if a.Witness != b.Witness || a.Witness == do(t, newMemory(), other).Witness {
		t.Error("witnesses do not tell whether runs were matched")
	}
}

func ExampleSteps() {
	phases := []problem.Phase[float32]{{EpochSteps: 93}}
	fmt.Println(Steps(study.Budget{Kind: study.Epochs, Value: 1.5}, phases, 1), Steps(study.Budget{Kind: study.Grads, Value: 100}, phases, 2))
	// Output: 140 50
}

// TestChecksCostNoMoreThanSteps holds that a check of the matching loss, on examples that each
// cost a third of what one costs in a step, comes after at least as many steps as cost the same,
// for networks that are normalised over the batch too.
func TestChecksCostNoMoreThanSteps(t *testing.T) {
	for _, model := range []string{"mlp(8)", "mlp(8, norm=batch)", "mlp(8, dropout=0.5)"} {
		for _, batch := range []int{128, 16} {
			j := jobOf(t, fmt.Sprintf("glyphs(train=2048, batch=%d)", batch), model, "sgd(lr=0.1)", "steps=10", "end")
			l, err := newLab(newMemory(), j)
			if err != nil {
				t.Fatal(err)
			}
			evaluated, _ := l.problem.Match.(problem.Predictor[float32]).Size()
			if strings.Contains(model, "batch") { // what a batch is normalised by is evaluated first
				evaluated *= 2
			}
			want := max(evaluated/(3*batch), (l.problem.Phases[0].EpochSteps+5)/10)
			if got := checkEvery(l.problem); got != want || 3*batch*(got+1) < evaluated {
				t.Errorf("%s, batch %d: %d examples evaluated every %d steps, not %d", model, batch, evaluated, got, want)
			}
		}
	}
}
