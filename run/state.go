package run

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"slices"
	"time"

	"basin/optim"
	"basin/problem"
	"basin/study"
)

// remember keeps the present state beside its matching loss, among the last few.
func (t *trainer[T]) remember(loss float64) error {
	memory, err := optim.Save(t.stepper)
	if err != nil {
		return fmt.Errorf("optimizer %s: saving its memory: %w", t.job.Run.Optimizer, err)
	}
	t.checks = append(t.checks, check[T]{t.place, loss, slices.Clone(t.x), slices.Clone(t.d), t.from, memory})
	if len(t.checks) > window {
		t.checks = slices.Delete(t.checks, 0, 1)
	}
	return nil
}

// restore takes the run back, or forward, to a remembered state.
func (t *trainer[T]) restore(c check[T]) error {
	elsewhere := c.made != t.made
	t.place, t.from = c.place, c.from
	copy(t.x, c.x)
	copy(t.d, c.d)
	if elsewhere {
		if err := t.makeStepper(); err != nil {
			return err
		}
	}
	if err := optim.Restore(t.stepper, c.memory); err != nil {
		return fmt.Errorf("optimizer %s: restoring its memory: %w", t.job.Run.Optimizer, err)
	}
	return nil
}

// A frozen run is a trainer as it is kept in a checkpoint. Asked are the points
// that it was looking for: a job that asks for others begins anew.
type frozen struct {
	Asked  []study.Point
	Now    frozenCheck
	Checks []frozenCheck
	Curve  []study.Check
	Stages []problem.Stage
	Warned []string
	Found  []frozenFound
}

type frozenCheck struct {
	Loss         float64
	Done         int
	Cost         problem.Cost
	Path         float64
	Paths, Last  []float64
	Phase, Began int
	Epochs       float64
	Over         bool
	MadeIn, Made int
	Spent        time.Duration
	X, D         []byte
	From, Memory []byte // From is empty for the start of the run
}

type frozenFound struct {
	Solution  study.Solution
	X, Update []byte // Update is empty at the start
	Course    problem.Course
	Spent     time.Duration
	Metric    *problem.Metric
}

func freeze[T problem.Float](c check[T]) frozenCheck {
	f := frozenCheck{
		Loss: c.loss, Done: c.done, Cost: c.cost, Path: c.path, Paths: c.paths, Last: c.latest, Phase: c.phase, Began: c.began, Epochs: c.epochs, Over: c.over,
		MadeIn: c.madeIn, Made: c.made, Spent: c.spent, X: toBytes(c.x), D: toBytes(c.d), Memory: c.memory,
	}
	if c.from != nil {
		f.From = toBytes(c.from)
	}
	return f
}

func (f frozenCheck) thaw(n int) (check[float32], error) {
	c := check[float32]{
		place: place{f.Done, f.Cost, f.Path, f.Paths, f.Last, f.Phase, f.Began, f.Epochs, f.Over, f.MadeIn, f.Made, f.Spent},
		loss:  f.Loss, memory: f.Memory,
	}
	err := thaw(n, vector{&c.x, f.X}, vector{&c.d, f.D}, vector{&c.from, f.From})
	return c, err
}

// checkpoint keeps the run as it stands in the store.
func (l *lab) checkpoint(t *trainer[float32]) error {
	memory, err := optim.Save(t.stepper)
	if err != nil {
		return fmt.Errorf("optimizer %s: saving its memory: %w", t.job.Run.Optimizer, err)
	}
	f := frozen{
		Asked: t.asked, Curve: t.curve, Stages: t.stages, Warned: t.warned,
		Now: freeze(check[float32]{place: t.place, x: t.x, d: t.d, from: t.from, memory: memory}),
	}
	for _, c := range t.checks {
		f.Checks = append(f.Checks, freeze(c))
	}
	for _, s := range t.found {
		f.Found = append(f.Found, frozenFound{s.Solution, toBytes(s.x), toBytes(s.update), s.course, s.spent, s.metric})
	}
	var buf bytes.Buffer
	if err := gob.NewEncoder(&buf).Encode(f); err != nil {
		return fmt.Errorf("run %s: writing a checkpoint: %w", l.key, err)
	}
	return l.store.PutCheckpoint(l.key, buf.Bytes())
}

// resume takes the trainer to the run's checkpoint, if there is one that fits.
func (l *lab) resume(t *trainer[float32]) error {
	body, ok, err := l.store.Checkpoint(l.key)
	if err != nil || !ok {
		return err
	}
	var f frozen
	if gob.NewDecoder(bytes.NewReader(body)).Decode(&f) != nil || !slices.Equal(f.Asked, t.asked) {
		return nil
	}
	n := len(t.x)
	now, err := f.Now.thaw(n)
	if err != nil {
		return fmt.Errorf("checkpoint of run %s: %w", l.key, err)
	}
	if err := t.restore(now); err != nil {
		return err
	}
	for _, c := range f.Checks {
		c, err := c.thaw(n)
		if err != nil {
			return fmt.Errorf("checkpoint of run %s: %w", l.key, err)
		}
		t.checks = append(t.checks, c)
	}
	for _, s := range f.Found {
		was := found[float32]{Solution: s.Solution, course: s.Course, spent: s.Spent, metric: s.Metric}
		if err := thaw(n, vector{&was.x, s.X}, vector{&was.update, s.Update}); err != nil {
			return fmt.Errorf("checkpoint of run %s: %w", l.key, err)
		}
		t.found = append(t.found, was)
		isPoint := func(p study.Point) bool { return p == s.Solution.Point }
		t.levels = slices.DeleteFunc(t.levels, isPoint)
		t.others = slices.DeleteFunc(t.others, isPoint)
	}
	t.resumed = true
	t.curve, t.stages, t.warned = f.Curve, f.Stages, f.Warned
	return nil
}

func toBytes[T problem.Float](x []T) []byte {
	b, err := binary.Append(nil, binary.LittleEndian, x)
	if err != nil {
		panic("run: a slice of floats is always binary: " + err.Error())
	}
	return b
}

// A vector is one of parameters as it is kept; an empty one is nil.
type vector struct {
	dst  *[]float32
	from []byte
}

// thaw reads vectors of n numbers.
func thaw(n int, vectors ...vector) error {
	for _, v := range vectors {
		if len(v.from) == 0 {
			continue
		}
		*v.dst = make([]float32, n)
		if binary.Size(*v.dst) != len(v.from) {
			return fmt.Errorf("holds %d bytes of parameters, %d expected", len(v.from), binary.Size(*v.dst))
		}
		if _, err := binary.Decode(v.from, binary.LittleEndian, *v.dst); err != nil {
			return err
		}
	}
	return nil
}
