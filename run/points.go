package run

import (
	"fmt"
	"math"
	"slices"

	"basin/optim"
	"basin/problem"
	"basin/study"
)

// answered gives the parameters the optimizer answers with at the present point.
func (t *trainer[T]) answered() []T {
	if a, ok := optim.As[optim.Averager[T]](t.stepper); ok {
		a.Average(t.answer, t.x)
		return t.answer
	}
	return t.x
}

// matchLoss is the matching loss at the present point. It is the one evaluation that
// training makes, and so the one that the problem is calibrated for.
func (t *trainer[T]) matchLoss() float64 {
	x := t.answered()
	t.problem.Calibrate(x)
	return t.problem.Match.Loss(x)
}

// kept tells whether the check of the present step, which is on the grid, is one of
// the curve.
func (t *trainer[T]) kept() bool { return t.done/t.grid%t.stride == 0 }

// check reads the matching loss, and finds the levels that its running median has
// now fallen to. Only a check of the curve ends a run, so that the ending does not
// depend on the levels either.
func (t *trainer[T]) check() error {
	loss := t.matchLoss()
	if !finite(loss) {
		if t.kept() {
			t.diverge(fmt.Sprintf("the matching loss is %v at step %d", loss, t.done))
		}
		return nil
	}
	if t.kept() {
		t.curve = append(t.curve, study.Check{Step: t.done, Grads: t.cost.GradEquivalents(), Loss: loss})
	}
	if len(t.levels) == 0 {
		return nil
	}
	if err := t.remember(loss); err != nil {
		return err
	}
	recent := make([]float64, len(t.checks))
	for i, c := range t.checks {
		recent[i] = c.loss
	}
	fallen := median(recent)
	var left []study.Point
	for _, level := range t.levels {
		if fallen > level.Value {
			left = append(left, level)
			continue
		}
		if err := t.locate(level); err != nil {
			return err
		}
	}
	t.levels = left
	if len(left) == 0 {
		t.checks = nil
	}
	return nil
}

// takePoints takes the solutions at steps, epochs, grads and ends of phases that are due.
func (t *trainer[T]) takePoints() {
	var left []study.Point
	for _, p := range t.others {
		due := false
		switch p.Kind {
		case study.Steps:
			due = t.done == int(p.Value)
		case study.Epochs:
			due = t.done-t.began == int(math.Round((p.Value-t.epochs)*float64(t.present().EpochSteps)))
		case study.PhaseEnd:
			due = t.over && t.phase+1 == int(p.Value)
		case study.Grads:
			due = t.cost.GradEquivalents() >= p.Value
		}
		if due {
			t.found = append(t.found, t.solutionHere(p, t.matchLoss()))
		} else {
			left = append(left, p)
		}
	}
	t.others = left
}

// solutionHere is the solution that stands at the present step.
func (t *trainer[T]) solutionHere(p study.Point, loss float64) found[T] {
	f := found[T]{
		course: problem.Course{Steps: t.done, Cost: t.cost, Path: t.paths, Last: t.latest, Stale: t.stale()},
		spent:  t.spent,
		metric: t.metric(),
		Solution: study.Solution{
			Point: p, Step: t.done, Epoch: t.epoch(),
			Cost: t.cost, Loss: loss, Path: t.path,
		},
		x: append([]T(nil), t.answered()...),
	}
	if t.done > 0 {
		f.update = slices.Clone(t.d)
	}
	return f
}

// stale is the age of what the optimizer made the last step from, -1 where there is none.
func (t *trainer[T]) stale() int {
	if a, ok := optim.As[optim.Ager](t.stepper); ok && t.done > t.made {
		if age, ok := a.Age(t.done - t.made); ok {
			return age
		}
	}
	return -1
}

// metric is that of the last step. It is asked of the stepper itself: what wraps a rule,
// or stands before or after one in a chain, makes another step of it.
func (t *trainer[T]) metric() *problem.Metric {
	p, ok := t.stepper.(problem.Preconditioner)
	if !ok || t.done == 0 {
		return nil
	}
	m := p.Metric(t.done)
	return &m
}

// finish settles the points that are left when the run is over.
func (t *trainer[T]) finish() {
	if t.end {
		t.end = false
		if t.ending.Kind == study.Spent {
			t.found = append(t.found, t.solutionHere(study.Point{Kind: study.End}, t.matchLoss()))
		} else {
			t.found = append(t.found, unreached[T](study.Point{Kind: study.End}, "diverged: "+t.ending.Why))
		}
	}
	for _, p := range append(t.levels, t.others...) {
		why := fmt.Sprintf("the budget ended at step %d", t.done)
		if t.ending.Kind == study.Diverged {
			why = "diverged: " + t.ending.Why
		} else if p.Kind == study.TrainLoss {
			lowest := math.Inf(1)
			for _, c := range t.curve {
				lowest = min(lowest, c.Loss)
			}
			if lowest > p.Value {
				why += fmt.Sprintf("; the lowest matching loss was %.3g", lowest)
			} else {
				why += fmt.Sprintf("; the matching loss had come to %.3g, its running median not yet to the level", lowest)
			}
		}
		t.found = append(t.found, unreached[T](p, why))
	}
	t.levels, t.others = nil, nil
}

func unreached[T problem.Float](p study.Point, why string) found[T] {
	return found[T]{Solution: study.Solution{Point: p, None: why}}
}
