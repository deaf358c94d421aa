package run

import (
	"context"
	"fmt"
	"math"
	"slices"

	"basin/problem"
	"basin/study"
)

// A standard is how right a network is on a task of a stream that was trained beside it.
type standard struct {
	accuracy, masked float64
	err              error
}

// reference trains the network of a stream anew, by the run's optimizer and from its start,
// on tasks first to last alone, counted from 1, and gives its accuracy on the last of them,
// as a Stage has it; masked is NaN where all outputs are for the task.
func (l *lab) reference(ctx context.Context, first, last int) (accuracy, masked float64, err error) {
	of := [2]int{first, last}
	s, ok := l.standards[of]
	if !ok {
		s.accuracy, s.masked, s.err = l.trainBeside(ctx, first, last)
		if ctx.Err() != nil {
			return 0, 0, ErrInterrupted
		}
		l.standards[of] = s
	}
	return s.accuracy, s.masked, s.err
}

func (l *lab) trainBeside(ctx context.Context, first, last int) (accuracy, masked float64, err error) {
	p, job := *l.problem, *l.job
	p.Phases = []problem.Phase[float32]{interleaved(l.problem.Phases[first-1 : last])}
	job.Run.Budget = study.Budget{Kind: study.PhaseEnd, Value: 1}
	t, err := newTrainer(&p, &job, nil)
	if err != nil {
		return 0, 0, err
	}
	for !t.over {
		if ctx.Err() != nil {
			return 0, 0, ErrInterrupted
		}
		if why := t.step(); why != "" {
			return 0, 0, fmt.Errorf("the reference of task %d diverged: %s", last, why)
		}
	}
	if s := p.State; s != nil { // that of the solution being measured comes back
		kept := slices.Clone(s.Values)
		defer copy(s.Values, kept)
	}
	x := t.answered()
	p.Calibrate(x)
	accuracy, masked = judged(p.Stream[last-1], x)
	return accuracy, masked, nil
}

// interleaved is one phase that takes a batch of each of several in turn, for as many steps
// as all have together, and of a single one that phase.
func interleaved[T problem.Float](phases []problem.Phase[T]) problem.Phase[T] {
	p := phases[0]
	p.Anew = false
	if len(phases) == 1 {
		return p
	}
	p.Until = problem.Until[T]{}
	p.EpochSteps = 0
	for i := range phases {
		p.Until.Steps += phases[i].Until.Steps
		p.EpochSteps += phases[i].EpochSteps
	}
	p.Batch = func(t int) problem.Objective[T] {
		return phases[(t-1)%len(phases)].Batch((t-1)/len(phases) + 1)
	}
	return p
}

// judged is how right x is on a task: among all outputs, and among those that are for it,
// NaN where all are.
func judged[T problem.Float](target problem.Target[T], x []T) (all, masked float64) {
	if target.Mask == [2]int{} {
		return accuracy(target.Judge, x, target.Mask)[0], math.NaN()
	}
	shares := accuracy(target.Judge, x, [2]int{}, target.Mask)
	return shares[0], shares[1]
}
