package run

import (
	"math"
	"slices"

	"basin/problem"
	"basin/study"
)

// window is the length of the running median by which a crossing is judged.
const window = 5

// median is the upper median: at most half of the losses may lie above a level
// that it has fallen to, so that a window not yet full is judged strictly.
func median(losses []float64) float64 {
	sorted := slices.Clone(losses)
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}

// crossing gives the index of the check by which the losses, oldest first, fell to
// the level for the last time; the running median over them must have fallen to
// it. 0 means that there is no check above the level before.
func crossing(losses []float64, level float64) int {
	j := len(losses) - 1
	for j > 0 && !(losses[j] <= level && losses[j-1] > level) {
		j--
	}
	return j
}

// locate finds the solution at which the matching loss crosses the level, given
// that the running median of the checks just did. It goes back to the last check
// above the level and forward step by step; the crossing is of the running median
// of the steps' losses, and the solution is the step within that window whose
// loss is nearest to the level. It leaves the trainer where it was.
func (t *trainer[T]) locate(p study.Point) error {
	here := t.checks[len(t.checks)-1]
	losses := make([]float64, len(t.checks))
	for i, c := range t.checks {
		losses[i] = c.loss
	}
	j := crossing(losses, p.Value)
	if j == 0 {
		first := t.checks[0]
		if err := t.restore(first); err != nil {
			return err
		}
		sol := t.solutionHere(p, first.loss)
		sol.Warnings = append(sol.Warnings, "the start lies below the level already")
		t.found = append(t.found, sol)
		return t.restore(here)
	}
	if err := t.restore(t.checks[j-1]); err != nil {
		return err
	}
	near := []found[T]{t.solutionHere(p, t.checks[j-1].loss)}
	for t.done < t.checks[j].done {
		if why := t.step(); why != "" {
			panic("run: a repeated step diverged where the first did not: " + why)
		}
		near = append(near, t.solutionHere(p, t.matchLoss()))
		if len(near) > window {
			near = near[1:]
		}
		recent := make([]float64, len(near))
		for i, f := range near {
			recent[i] = f.Loss
		}
		if median(recent) <= p.Value {
			break
		}
	}
	t.found = append(t.found, nearest(near, p.Value))
	return t.restore(here)
}

// mismatchLimit is the share by which a solution's loss may lie off its level
// without a warning.
const mismatchLimit = 0.02

// nearest picks the candidate whose loss is nearest to the level on a log scale,
// the earliest of equals.
func nearest[T problem.Float](near []found[T], level float64) found[T] {
	off := func(f found[T]) float64 { return math.Abs(math.Log(f.Loss / level)) }
	best := near[0]
	for _, f := range near[1:] {
		if off(f) < off(best) {
			best = f
		}
	}
	best.Mismatch = best.Loss/level - 1
	if math.Abs(best.Mismatch) > mismatchLimit {
		best.Warnings = append(best.Warnings, "no step near the crossing comes closer to the level: the loss jumps past it")
	}
	return best
}
