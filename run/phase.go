package run

import (
	"fmt"
	"math"
	"slices"

	"basin/optim"
	"basin/problem"
	"basin/study"
)

// Steps is how many steps a run of the budget makes, at most where phases may be over
// early; for a budget of gradients it counts what the optimizer declares to spend per
// step, see GradsPerStep. Where a rule stops before what it declares, as conjugate
// gradients do, the run spends less than its budget: how many steps there are must not
// depend on how they go, as schedules do on it. There are no more than the phases have.
func Steps[T problem.Float](b study.Budget, phases []problem.Phase[T], gradsPerStep float64) int {
	switch b.Kind {
	case study.Steps:
		return min(int(b.Value), planned(phases))
	case study.Epochs:
		return min(max(1, stepsOfEpochs(b.Value, phases)), planned(phases))
	case study.Grads:
		return min(max(1, int(b.Value/gradsPerStep)), planned(phases))
	case study.PhaseEnd:
		return planned(phases[:min(int(b.Value), len(phases))])
	}
	panic("run: budget of unknown kind")
}

// planned is the most steps that phases have.
func planned[T problem.Float](phases []problem.Phase[T]) int {
	n := 0
	for i := range phases {
		if phases[i].Until.Steps == 0 {
			return math.MaxInt
		}
		n += phases[i].Until.Steps
	}
	return n
}

// stepsOfEpochs is the number of steps in which the data of each phase in its turn are gone
// through so many times in all.
func stepsOfEpochs[T problem.Float](epochs float64, phases []problem.Phase[T]) int {
	n := 0
	for i := range phases {
		p := &phases[i]
		steps := int(epochs*float64(p.EpochSteps) + 0.5)
		if p.Until.Steps == 0 || steps <= p.Until.Steps {
			return n + steps
		}
		n += p.Until.Steps
		epochs -= float64(p.Until.Steps) / float64(p.EpochSteps)
	}
	return n
}

// present is the phase that the run is in.
func (t *trainer[T]) present() *problem.Phase[T] { return &t.problem.Phases[t.phase] }

// epoch is how many times the data were gone through.
func (t *trainer[T]) epoch() float64 {
	return t.epochs + float64(t.done-t.began)/float64(t.present().EpochSteps)
}

// phaseOver tells whether the step just made was the last of the phase.
func (t *trainer[T]) phaseOver() bool {
	u, at := &t.present().Until, t.done-t.began
	if u.Steps > 0 && at >= u.Steps {
		return true
	}
	if u.Accuracy == 0 || at%u.Every != 0 {
		return false
	}
	x := t.answered()
	t.problem.Calibrate(x)
	return accuracy(u.Judge, x, [2]int{})[0] >= u.Accuracy
}

// nextPhase tells the optimizer that the phase is over, and begins the next.
func (t *trainer[T]) nextPhase() {
	phase := t.present()
	if e, ok := optim.As[optim.PhaseEnder[T]](t.stepper); ok {
		e.EndPhase(t.x, func(i int) problem.Objective[T] {
			t.count.watch(phase.Batch(i))
			return &t.count
		})
	}
	t.epochs, t.began = t.epoch(), t.done
	t.phase++
	t.over = false
	if !t.present().Anew {
		return
	}
	t.warned = t.warnings()
	t.madeIn, t.made, t.from = t.phase, t.done, slices.Clone(t.x)
	if err := t.makeStepper(); err != nil {
		panic("run: what was an optimizer in the first phase is none in a later one: " + err.Error())
	}
}

// makeStepper makes the stepper anew, as of the phase that it belongs to.
func (t *trainer[T]) makeStepper() error {
	p, start := t.problem, t.from
	if start == nil {
		start = p.Start
	}
	phases := p.Phases[t.madeIn : t.last+1]
	if next := slices.IndexFunc(phases[1:], func(p problem.Phase[T]) bool { return p.Anew }); next >= 0 {
		phases = phases[:next+1]
	}
	var err error
	t.stepper, err = optim.New(t.job.Optimizer, &optim.Context[T]{
		Layout: p.Layout, Blocks: p.Layout.Blocks, Start: start, Seed: t.job.Run.Seed, Crew: t.job.Crew,
		Horizon: min(t.steps-t.made, planned(phases)), First: phases[0].Batch(1),
	})
	if err != nil {
		return fmt.Errorf("optimizer %s: %w", t.job.Run.Optimizer, err)
	}
	return nil
}

// warnings are those of the stepper and of those before it.
func (t *trainer[T]) warnings() []string {
	all := t.warned
	if w, ok := optim.As[optim.Warner](t.stepper); ok {
		for _, text := range w.Warnings() {
			if !slices.Contains(all, text) {
				all = append(slices.Clip(all), text)
			}
		}
	}
	return all
}

// takeStage reads how right the solution of a stream is on its tasks, where one is due that
// was not read.
func (t *trainer[T]) takeStage() {
	phase := 0
	if t.over {
		phase = t.phase + 1
	}
	if t.problem.Stream == nil || len(t.stages) != phase || !t.over && t.done > 0 {
		return
	}
	x := t.answered()
	t.problem.Calibrate(x)
	s := problem.Stage{Phase: phase, Step: t.done}
	for _, target := range t.problem.Stream {
		all, masked := judged(target, x)
		s.Accuracy = append(s.Accuracy, all)
		if !math.IsNaN(masked) {
			s.Masked = append(s.Masked, masked)
		}
	}
	t.stages = append(t.stages, s)
}

// accuracy is the share of the predictions of f at x whose label has the largest output,
// the first of equals, among those of each mask: from its first to before its second, or all
// of them where both are 0. A single output tells two classes by its sign.
func accuracy[T problem.Float](f problem.Objective[T], x []T, masks ...[2]int) []float64 {
	p, ok := problem.As[problem.Predictor[T]](f)
	if !ok {
		panic("run: an accuracy of an objective without outputs")
	}
	n, outputs := p.Size()
	z := make([]T, n*outputs)
	p.Outputs(z, x)
	shares := make([]float64, len(masks))
	for m, mask := range masks {
		lo, hi := mask[0], mask[1]
		if hi == 0 {
			hi = outputs
		}
		right := 0
		for i, y := range p.Labels() {
			if decided(z[i*outputs:(i+1)*outputs], lo, hi) == y {
				right++
			}
		}
		shares[m] = float64(right) / float64(n)
	}
	return shares
}

func decided[T problem.Float](z []T, lo, hi int) int {
	if len(z) == 1 {
		if z[0] > 0 {
			return 1
		}
		return 0
	}
	best := lo
	for k := lo + 1; k < hi; k++ {
		if z[k] > z[best] {
			best = k
		}
	}
	return best
}
