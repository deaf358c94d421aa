package run

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"basin/kernel"
	"basin/optim"
	"basin/problem"
	"basin/study"
)

// found is a solution together with the parameters that make it.
type found[T problem.Float] struct {
	study.Solution
	x      []T
	update []T // the step that led here, nil at the start
	course problem.Course
	spent  time.Duration
	// metric is that of the step which led here, nil where the optimizer shows none.
	metric *problem.Metric
}

// trainer is a run under way. What changes from step to step is in state and in
// the stepper's memory; the rest follows from the job.
type trainer[T problem.Float] struct {
	problem *problem.Problem[T]
	job     *Job
	steps   int // of the whole run, at most
	last    int // phase that the run ends with
	grid    int // steps between checks of the matching loss
	stride  int // checks from one that is kept in the curve to the next; between them only levels are looked for

	stepper optim.Stepper[T]
	count   counter[T]
	link    optim.Step[T]
	mover   optim.Mover[T]
	answer  []T // what the optimizer answers with, where it is not x

	state[T]
	asked  []study.Point // what the run is to find, in all
	levels []study.Point // train_loss points not yet found
	others []study.Point // points at steps, epochs, grads, ends of phases not yet found
	end    bool          // whether the point "end" is wanted

	resumed bool // whether it was taken up from a checkpoint
}

// state is what a run is at a step, apart from the stepper's memory.
type state[T problem.Float] struct {
	place
	x      []T
	d      []T        // the last step
	from   []T        // where the stepper was made, nil for the start of the run
	checks []check[T] // the last window of checks, while a level is not found
	curve  []study.Check
	stages []problem.Stage
	warned []string // by steppers of phases before
	found  []found[T]
	ending study.Ending
}

// place is where in its course a run is. It is copied to be gone back to, so that no step
// writes into its slices.
type place struct {
	done   int // steps accepted
	cost   problem.Cost
	path   float64       // sum of the lengths of the steps
	paths  []float64     // the same of each block's part
	latest []float64     // length of each block's part of the last step; nil before the first
	phase  int           // the present one, from 0
	began  int           // steps before it
	epochs float64       // before it
	over   bool          // whether the phase is; the next one begins with the next step
	madeIn int           // phase that the stepper was made in
	made   int           // steps before that
	spent  time.Duration // on the steps; nothing but a report of times depends on it
}

// check is the matching loss on the grid, with all that is needed to go back there.
type check[T problem.Float] struct {
	place
	loss       float64
	x, d, from []T
	memory     []byte
}

// keptChecks bounds how many checks of a run are kept in its curve. The curve does
// not depend on the levels that are looked for.
const keptChecks = 100

// checkEvery is how many steps there are from one check of the matching loss to the
// next: a tenth of an epoch, or, on small data, as many as cost what a check does,
// where a loss counts as a third of a gradient, and so does calibrating the problem for it.
func checkEvery[T problem.Float](p *problem.Problem[T]) int {
	phase := &p.Phases[0]
	steps := max(1, (phase.EpochSteps+5)/10)
	match, has := problem.As[problem.Predictor[T]](p.Match)
	batch, hasToo := problem.As[problem.Predictor[T]](phase.Batch(1))
	if has && hasToo {
		check, _ := match.Size()
		step, _ := batch.Size()
		if p.State != nil {
			check *= 2
		}
		steps = max(steps, check/(3*step))
	}
	return steps
}

func newTrainer[T problem.Float](p *problem.Problem[T], job *Job, points []study.Point) (*trainer[T], error) {
	t := &trainer[T]{
		mover:   optim.Mover[T]{Crew: job.Crew},
		problem: p, job: job, asked: points,
		steps: Steps(job.Run.Budget, p.Phases, GradsPerStep(job.Optimizer)),
		last:  len(p.Phases) - 1,
		grid:  checkEvery(p),
	}
	if b := job.Run.Budget; b.Kind == study.PhaseEnd {
		t.last = min(t.last, int(b.Value)-1)
	}
	t.stride = max(1, (t.steps/t.grid+keptChecks-1)/keptChecks)
	if err := t.makeStepper(); err != nil {
		return nil, err
	}
	t.x, t.d, t.answer = kernel.Vector[T](p.Layout.N), kernel.Vector[T](p.Layout.N), make([]T, p.Layout.N)
	copy(t.x, p.Start)
	t.count.cost, t.paths = &t.cost, make([]float64, len(p.Layout.Blocks))
	for _, p := range points {
		switch p.Kind {
		case study.TrainLoss:
			t.levels = append(t.levels, p)
		case study.End:
			t.end = true
		default:
			t.others = append(t.others, p)
		}
	}
	return t, nil
}

// checkpointEvery is the time between two checkpoints of a run.
const checkpointEvery = 10 * time.Second

// train takes the run from where it is to its end.
func (l *lab) train(ctx context.Context, t *trainer[float32]) error {
	if err := l.resume(t); err != nil {
		return err
	}
	saved := time.Now()
	for t.ending.Kind == "" {
		if ctx.Err() != nil {
			if err := l.checkpoint(t); err != nil {
				return err
			}
			return ErrInterrupted
		}
		if time.Since(saved) > checkpointEvery {
			if err := l.checkpoint(t); err != nil {
				return err
			}
			saved = time.Now()
		}
		if err := t.advance(); err != nil {
			return err
		}
		if l.job.Progress != nil {
			l.job.Progress(t.done, t.steps)
		}
	}
	t.finish()
	return nil
}

// advance looks at where the run is, then makes one step or ends the run.
func (t *trainer[T]) advance() error {
	if t.done%t.grid == 0 && (t.kept() || len(t.levels) > 0) {
		if err := t.check(); err != nil {
			return err
		}
		if t.ending.Kind != "" {
			return nil
		}
	}
	t.takeStage()
	t.takePoints()
	if t.done == t.steps || t.over && t.phase == t.last {
		t.ending = study.Ending{Kind: study.Spent, Step: t.done, Cost: t.cost}
		return nil
	}
	if why := t.step(); why != "" {
		t.diverge(why)
	}
	return nil
}

// step makes one step, or says why it is not accepted.
func (t *trainer[T]) step() (why string) {
	began := time.Now()
	if t.over {
		t.nextPhase()
	}
	t.count.watch(t.present().Batch(t.done - t.began + 1))
	loss := t.count.Grad(t.d, t.x)
	if !finite(loss) {
		return fmt.Sprintf("the loss is %v at step %d", loss, t.done+1)
	}
	t.link = optim.Step[T]{T: t.done - t.made + 1, X: t.x, D: t.d, Loss: loss, F: &t.count}
	t.stepper.Step(&t.link)
	latest, paths := t.lengths(), make([]float64, len(t.paths))
	length := kernel.Norm2(latest)
	if !finite(length) {
		return fmt.Sprintf("the update of %s is not finite at step %d", t.wild(), t.done+1)
	}
	t.mover.Move(t.x, t.d)
	if c, ok := optim.As[optim.Coster](t.stepper); ok {
		t.cost.Flops += c.Flops()
	}
	t.done++
	t.path += length
	for i, v := range t.paths {
		paths[i] = v + latest[i]
	}
	t.paths, t.latest = paths, latest
	t.spent += time.Since(began)
	t.over = t.phaseOver()
	return ""
}

// lengths gives the length of each block's part of the step just made; theirs together is
// that of the step.
func (t *trainer[T]) lengths() []float64 {
	list := make([]float64, len(t.problem.Layout.Blocks))
	for i, b := range t.problem.Layout.Blocks {
		list[i] = kernel.Norm2(problem.View(t.d, b))
	}
	return list
}

// wild names the first block whose update is not finite.
func (t *trainer[T]) wild() string {
	for _, b := range t.problem.Layout.Blocks {
		if !kernel.Finite(problem.View(t.d, b)) {
			return b.Name
		}
	}
	return "the whole point"
}

func (t *trainer[T]) diverge(why string) {
	t.ending = study.Ending{Kind: study.Diverged, Step: t.done, Why: why, Cost: t.cost}
}

// record is the run told, without readings.
func (t *trainer[T]) record(key string) *study.Record {
	rec := &study.Record{
		Key: key, Run: t.job.Run, Witness: t.witness(), Params: t.problem.Layout.N,
		EpochSteps: t.problem.Phases[0].EpochSteps, Ending: t.ending, Curve: t.curve, Stages: t.stages,
		Warnings: t.warnings(),
	}
	for _, f := range t.found {
		rec.Solutions = append(rec.Solutions, f.Solution)
	}
	return rec
}

// witness hashes the start and the losses there of a few batches of the first phase and of
// one of each other; it does not depend on how long the run is.
func (t *trainer[T]) witness() string {
	h := sha256.New()
	if err := binary.Write(h, binary.LittleEndian, t.problem.Start); err != nil {
		panic("run: hashing the start: " + err.Error())
	}
	hash := func(phase *problem.Phase[T], at int) {
		if err := binary.Write(h, binary.LittleEndian, phase.Batch(at).Loss(t.problem.Start)); err != nil {
			panic("run: hashing a loss: " + err.Error())
		}
	}
	for _, at := range []int{1, 10, 100, 1000} {
		hash(&t.problem.Phases[0], at)
	}
	for i := range t.problem.Phases[1:] {
		hash(&t.problem.Phases[i+1], 1)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
