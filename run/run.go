// Package run turns a study's Run into its Record: the one training loop of basin.
// It owns counting, phases, points, budgets, the finite check, checkpoints and
// cancellation; update rules own none of it.
package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"basin/internal/crew"
	"basin/optim"
	"basin/probe"
	"basin/problem"
	"basin/study"
	"basin/task"
)

// Engine is the revision of everything but the kernel path that decides the bits
// of a training. It rises whenever TestPinned has to be changed for the sake of a
// training, so that no record of an older engine is taken for one of this; and where more is
// kept of a run than before. With engine 5 convolutions round differently.
const Engine = 5

// ErrInterrupted is returned when the context ends a run; what was done is in the
// store and the same job goes on from there.
var ErrInterrupted = errors.New("interrupted")

// A Store keeps records, solutions and the state of unfinished runs, each by the
// run's key. Implementations are safe for concurrent use.
type Store interface {
	Record(key string) (body []byte, ok bool, err error)
	Solution(key, point string) (body []byte, ok bool, err error)
	// Commit keeps a record with its solutions, by point, and drops the checkpoint,
	// all or nothing.
	Commit(key string, record []byte, solutions map[string][]byte) error
	Checkpoint(key string) (body []byte, ok bool, err error)
	PutCheckpoint(key string, body []byte) error
}

// A Job is one run to make and where to look at it.
type Job struct {
	Run       study.Run
	Data      *task.Data
	Optimizer *optim.Optimizer
	Points    []study.Point
	Probes    []probe.Bound // those of single solutions are measured; for others see Between
	// Crew, where not nil, shares the work. No bit of the record depends on it.
	Crew *crew.Crew
	// Progress, where not nil, is called now and then with the steps made and the
	// steps of the whole run.
	Progress func(step, steps int)
}

// Do gives the record of a job, with every point and probe asked for. What the
// store holds is not done again: a missing probe is measured on the kept solution,
// a missing point repeats the run to the same bits. fresh reports whether any
// training was done.
func Do(ctx context.Context, store Store, job *Job) (rec *study.Record, fresh bool, err error) {
	o, err := outcomeOf(ctx, store, job)
	return o.Record, o.Fresh, err
}

func outcomeOf(ctx context.Context, store Store, job *Job) (Outcome, error) {
	l, err := newLab(store, job)
	if err != nil {
		return Outcome{}, err
	}
	return l.do(ctx)
}

// GradsPerStep is what a step of the optimizer costs in units of a gradient, as
// problem.Cost counts them.
func GradsPerStep(o *optim.Optimizer) float64 {
	return o.GradsPerStep() + 2*o.ProductsPerStep()
}

// Check says why a job cannot be begun, such as an optimizer that does not fit the
// network's blocks.
func Check(job *Job) error {
	l, err := newLab(nil, job)
	if err != nil {
		return err
	}
	_, err = newTrainer(l.problem, job, job.Points)
	return err
}

// lab is one job with the problem it is about.
type lab struct {
	job     *Job
	key     string
	store   Store
	problem *problem.Problem[float32]
	// standards are those of trainings beside that of a stream, by the first and last of
	// the tasks trained on.
	standards map[[2]int]standard
}

func newLab(store Store, job *Job) (*lab, error) {
	p, err := task.New[float32](job.Data, job.Run.Seed)
	if err != nil {
		return nil, fmt.Errorf("task %s: %w", job.Run.Task, err)
	}
	if p.Share != nil {
		p.Share(job.Crew)
	}
	return &lab{job: job, key: job.Run.Key(), store: store, problem: p, standards: map[[2]int]standard{}}, nil
}

func (l *lab) do(ctx context.Context) (o Outcome, err error) {
	rec, err := l.kept()
	if err != nil {
		return o, err
	}
	points := l.job.Points
	if rec != nil {
		points = missing(rec, points)
	}
	o.Fresh = rec == nil || len(points) > 0
	solutions := map[string][]byte{}
	if o.Fresh {
		t, err := newTrainer(l.problem, l.job, points)
		if err != nil {
			return o, err
		}
		if err := l.train(ctx, t); err != nil {
			return o, err
		}
		o.Resumed = t.resumed
		made := t.record(l.key)
		if rec != nil {
			made.Solutions = append(rec.Solutions, made.Solutions...)
		}
		slices.SortFunc(made.Solutions, func(a, b study.Solution) int { return strings.Compare(a.Point.String(), b.Point.String()) })
		rec = made
		for _, f := range t.found {
			if f.None != "" {
				continue
			}
			if err := l.encode(solutions, f); err != nil {
				return o, err
			}
			o.Reached = append(o.Reached, Reached{f.Point, f.spent})
		}
	}
	measured, err := l.measure(ctx, rec, solutions)
	if err != nil {
		return o, err
	}
	if o.Fresh || measured {
		if err := l.commit(rec, solutions); err != nil {
			return o, err
		}
	}
	o.Record = rec
	return o, nil
}

// missing gives the points that the record was never asked for.
func missing(rec *study.Record, points []study.Point) []study.Point {
	var out []study.Point
	for _, p := range points {
		if _, ok := rec.Solution(p); !ok {
			out = append(out, p)
		}
	}
	return out
}

// measure takes the readings that are missing and reports whether there were any.
func (l *lab) measure(ctx context.Context, rec *study.Record, solutions map[string][]byte) (any bool, err error) {
	for i := range rec.Solutions {
		sol := &rec.Solutions[i]
		if sol.None != "" {
			continue
		}
		var pass *probe.Pass
		for _, p := range l.job.Probes {
			if !p.Single() {
				continue
			}
			m, ok := sol.Measurement(p.Recipe())
			if ok && m.Revision == probe.Revision {
				continue
			}
			if ctx.Err() != nil {
				return false, ErrInterrupted
			}
			if pass == nil {
				if pass, err = l.pass(ctx, sol.Point, solutions); err != nil {
					return false, err
				}
				pass.Stages = rec.StagesAt(sol.Step)
				if l.problem.Stream != nil {
					pass.Reference = func(first, last int) (accuracy, masked float64, err error) { return l.reference(ctx, first, last) }
				}
			}
			readings, err := p.Measure(pass)
			if ctx.Err() != nil {
				return false, ErrInterrupted
			}
			if err != nil {
				return false, fmt.Errorf("probe %s of run %s at %s: %w", p.Recipe(), l.key, sol.Point, err)
			}
			fresh := study.Measurement{Probe: p.Recipe(), Revision: probe.Revision, Readings: readings}
			if ok {
				*m = fresh
			} else {
				sol.Measured = append(sol.Measured, fresh)
			}
			any = true
		}
		slices.SortFunc(sol.Measured, func(a, b study.Measurement) int { return strings.Compare(a.Probe, b.Probe) })
	}
	return any, nil
}
