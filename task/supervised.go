package task

import (
	"fmt"

	"basin/data"
	"basin/nn"
	"basin/problem"
	"basin/rng"
)

// A supervised task is a network trained on labelled examples.
type supervised struct {
	net              *nn.Net
	loss             problem.LossKind
	train, val, test *examples // val is nil where there is none
	mislabelled      *examples // the part of train that has a wrong label; nil for none
	match            *examples // the part of train that the matching loss is of
	batch            int       // examples per step, 0 for all
	shift            *shift    // what is done to the pictures of a batch; nil for nothing
	windows          *windows  // what batches are drawn from, where it is not train
	// lowest gives the infimum of the loss on train, as it stands after rounding to
	// the precision of a problem; nil where it is not known.
	lowest func(train *data.Table) (float64, error)
}

const (
	// evalBatch is how many examples are evaluated at once.
	evalBatch = 512
	// stateExamples is the number of training examples that the state of evaluation is
	// computed from.
	stateExamples = 512
)

// matchExamples is the number of training examples that the matching loss is of.
const matchExamples = 2048

// matchSome makes the matching loss one of matchExamples training examples, or of all
// where there are fewer.
func (s *supervised) matchSome() {
	s.match = s.train
	if s.train.n > matchExamples {
		s.match = s.train.pick(choice("task/match", s.train.n, matchExamples))
	}
}

// choice gives k of n indices, the same for every seed; of fewer k, the first ones.
func choice(name string, n, k int) []int {
	order := make([]int, n)
	s := rng.At(0, name, 0)
	s.Perm(order)
	return order[:k]
}

// data checks that the parts fit together.
func (s *supervised) data(hash string) (*Data, error) {
	if s.batch > s.train.n {
		return nil, fmt.Errorf("batch=%d is more than the %d training examples; batch=0 takes them all", s.batch, s.train.n)
	}
	return &Data{
		net: s.net, loss: s.loss, batch: s.rows(), supervised: s,
		hash:   hash,
		single: func(seed uint64) (*problem.Problem[float32], error) { return newSupervised[float32](s, seed) },
		double: func(seed uint64) (*problem.Problem[float64], error) { return newSupervised[float64](s, seed) },
	}, nil
}

// rows is how many examples a step takes.
func (s *supervised) rows() int {
	switch {
	case s.windows != nil:
		return s.windows.batch
	case s.batch == 0:
		return s.train.n
	}
	return s.batch
}

// newSupervised makes the problem of a seed.
func newSupervised[T problem.Float](s *supervised, seed uint64) (*problem.Problem[T], error) {
	engine := nn.NewEngine[T](s.net, s.loss, evalBatch)
	if err := engine.CheckBatch(s.rows()); err != nil {
		return nil, err
	}
	train := of[T](s.train)
	p := &problem.Problem[T]{
		Layout: s.net.Layout(),
		Start:  make([]T, s.net.Layout().N),
		Sets:   map[string]problem.Objective[T]{"train": engine.Objective(train), "test": engine.Objective(of[T](s.test))},
		Match:  engine.Objective(of[T](s.match)),
	}
	if s.val != nil {
		p.Sets["val"] = engine.Objective(of[T](s.val))
	}
	if s.mislabelled != nil {
		p.Sets["train/mislabelled"] = engine.Objective(of[T](s.mislabelled))
	}
	p.Share = engine.Use
	nn.Init(s.net, p.Start, seed)
	if s.net.Stateful() {
		some := choice("task/state", train.N, min(stateExamples, train.N))
		part := train.Room(len(some))
		part.Gather(train, some)
		p.State = engine.State(part)
		p.Calibrate(p.Start)
	}
	phase := trainingPhase(engine, train, s.batch, seed, s.shift, nil)
	if s.windows != nil {
		phase.EpochSteps, phase.Batch = s.windows.epochSteps(), newWindowBatches(engine, s.windows, seed).at
	}
	phase.Name = "train"
	p.Phases = []problem.Phase[T]{phase}
	if s.lowest != nil {
		lowest, err := s.lowest(&data.Table{
			N: train.N, In: train.In, X: converted[float64](train.X), Y: converted[float64](train.Targets),
		})
		if err != nil {
			return nil, err
		}
		p.Optimum = &lowest
	}
	return p, nil
}

// trainingPhase is a phase of training on batches of all, or on the whole of it where batch is
// 0 or as much.
func trainingPhase[T problem.Float](e *nn.Engine[T], all *nn.Examples[T], batch int, seed uint64, shift *shift, warp *warp) problem.Phase[T] {
	if batch == 0 {
		batch = all.N
	}
	if batch < all.N || shift != nil || warp != nil {
		b := newBatches(e, all, batch, seed, shift, warp)
		return problem.Phase[T]{EpochSteps: b.steps, Batch: b.at}
	}
	whole := e.Training(all, 0)
	return problem.Phase[T]{EpochSteps: 1, Batch: func(t int) problem.Objective[T] {
		whole.SetNoise(noiseAt(seed, t))
		return whole
	}}
}
