package task

import (
	"fmt"
	"math"

	"basin/internal/crew"
	"basin/nn"
	"basin/problem"
	"basin/recipe"
	"basin/rng"
)

// A streamer is a task that consists of several, learnt one after another, which it
// makes from one other task.
type streamer interface {
	of() *Task
	phases() int
	how() *pace
	// split makes the tasks, one for each phase, of the examples of the other one.
	split(s *supervised) ([]part, error)
}

// over is the argument that all streams share first.
type over struct {
	Base base `arg:"base" default:"glyphs" help:"the task that those of the stream are made of"`
}

func (o *over) of() *Task        { return o.Base.task }
func (o *over) network() network { return o.Base.task.settings.network() }

// A base is an argument that is a task.
type base struct{ task *Task }

// SetRecipe resolves v, which must be no stream itself.
func (b *base) SetRecipe(v recipe.Value) error {
	r, ok := v.(recipe.Recipe)
	if !ok {
		return fmt.Errorf("must be a task such as glyphs, found %v", v)
	}
	t, err := Resolve(r, nil)
	if err != nil {
		return err
	}
	if t.Phases() > 0 {
		return errorAt(r[0], "%s is a stream already; a stream is made of a task that is none", t.name)
	}
	b.task = t
	return nil
}

// Recipe is the inverse of SetRecipe.
func (b base) Recipe() recipe.Value {
	return recipe.Recipe{recipe.Format(b.task.name, b.task.settings)}
}

// A pace is the arguments of all streams that say when a phase is over, and how it begins.
type pace struct {
	Epochs float64 `arg:"epochs" default:"2" valid:"(0,inf)" help:"length of each phase in epochs of its task"`
	Steps  int     `arg:"steps" default:"0" valid:"[0,inf)" help:"length of each phase in steps; 0 for that in epochs"`
	Until  float64 `arg:"until_accuracy" default:"0" valid:"[0,1]" help:"end a phase before that once this share of 2,048 of its training examples is right; 0 for never"`
	Reset  bool    `arg:"reset" default:"false" help:"begin each phase with the optimizer made anew: its memory, steps and schedules"`
	Head   string  `arg:"head" default:"single" choices:"single|multi" help:"single: all tasks share the outputs; multi: each has outputs of its own, which it is trained on alone"`
}

func (p *pace) how() *pace { return p }

func (p *pace) multi() bool { return p.Head == "multi" }

// A part is one task of a stream. Its labels are those of its head.
type part struct {
	train     *examples // before warp
	val, test *examples // after it; nil for none
	warp      *warp
	mask      [2]int // of problem.Target
	// The outputs of the task are part head[0] of head[1] equal parts, each of width; all
	// of them where these are 0.
	head  [2]int
	width int
}

// Phases is the number of tasks of a stream, and 0 for a task that is none.
func (t *Task) Phases() int {
	if s, ok := t.settings.(streamer); ok {
		return s.phases()
	}
	return 0
}

// origin is what a stream is made of, and else the task itself.
func (t *Task) origin() settings {
	if s, ok := t.settings.(streamer); ok {
		return s.of().settings
	}
	return t.settings
}

// loadStream makes the data of a stream from those of the task it is made of.
func (t *Task) loadStream(s streamer, dir string) (*Data, error) {
	from := s.of()
	whole := &Task{name: from.name, settings: from.settings, model: t.model, net: t.net}
	d, err := whole.load(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from.name, err)
	}
	b := d.supervised
	if b == nil || b.windows != nil || b.train.labels == nil {
		return nil, fmt.Errorf("a stream is made of examples with one class each, and %s has none", from.name)
	}
	pace := s.how()
	if pace.multi() && b.loss != problem.SoftmaxCrossEntropy {
		return nil, fmt.Errorf("head=multi is for softmax, and the loss of %s is %v", from.Recipe(), b.loss)
	}
	parts, err := s.split(b)
	if err != nil {
		return nil, err
	}
	net := b.net
	if wide := parts[0].head[1] * parts[0].width; wide > net.Outputs() {
		if net, err = nn.NewNet(*t.model, net.Input(), wide); err != nil {
			return nil, err
		}
	}
	r := &stream{net: net, loss: b.loss, batch: b.batch, shift: b.shift, pace: pace, parts: parts}
	for k, p := range parts {
		if b.batch > p.train.n {
			return nil, fmt.Errorf("batch=%d is more than the %d training examples of task %d; batch=0 takes them all", b.batch, p.train.n, k+1)
		}
		some := p.train
		if some.n > matchExamples {
			some = some.pick(choice("task/match", some.n, matchExamples))
		}
		r.match = append(r.match, some.warped(p.warp))
	}
	last := parts[len(parts)-1]
	r.train = last.train.warped(last.warp)
	return &Data{
		net: net, loss: b.loss, batch: b.rows(), hash: d.hash,
		single: func(seed uint64) (*problem.Problem[float32], error) { return newStream[float32](r, seed) },
		double: func(seed uint64) (*problem.Problem[float64], error) { return newStream[float64](r, seed) },
	}, nil
}

// classes is how many there are.
func (s *supervised) classes() int {
	if s.loss == problem.SoftmaxCrossEntropy {
		return s.net.Outputs()
	}
	return 2
}

// A stream is the data of a stream with its network.
type stream struct {
	net   *nn.Net
	loss  problem.LossKind
	batch int
	shift *shift
	pace  *pace
	parts []part
	match []*examples // of each part, some of its training examples
	train *examples   // of the last part
}

// newStream makes the problem of a seed.
func newStream[T problem.Float](s *stream, seed uint64) (*problem.Problem[T], error) {
	engine := nn.NewEngine[T](s.net, s.loss, evalBatch)
	p := &problem.Problem[T]{
		Layout: s.net.Layout(), Start: make([]T, s.net.Layout().N), Sets: map[string]problem.Objective[T]{},
	}
	nn.Init(s.net, p.Start, seed)
	engines := []*nn.Engine[T]{engine}
	for k := range s.parts {
		part := &s.parts[k]
		head := engine
		if part.head[1] > 0 {
			head = engine.Head(part.head[0], part.head[1])
			engines = append(engines, head)
		}
		phase, err := phaseOf(s, head, k, seed)
		if err != nil {
			return nil, err
		}
		p.Phases = append(p.Phases, phase)
		judged := part.test
		if judged == nil {
			judged = s.match[k]
		} else {
			p.Sets[fmt.Sprintf("test/%d", k+1)] = head.Objective(of[T](part.test))
		}
		p.Stream = append(p.Stream, problem.Target[T]{Judge: head.Objective(of[T](judged)), Mask: part.mask})
		if k+1 < len(s.parts) {
			continue
		}
		p.Sets["train"] = head.Objective(of[T](s.train))
		p.Match = head.Objective(of[T](s.match[k]))
		if part.val != nil {
			p.Sets["val"] = head.Objective(of[T](part.val))
		}
		if part.test != nil {
			p.Sets["test"] = p.Sets[fmt.Sprintf("test/%d", k+1)]
		}
	}
	p.Share = func(c *crew.Crew) {
		for _, e := range engines {
			e.Use(c)
		}
	}
	if s.net.Stateful() {
		p.State = engine.State(mixed[T](s))
		p.Calibrate(p.Start)
	}
	return p, nil
}

// phaseOf is the phase of the k-th task, from 0. Each has order and noise of its own.
func phaseOf[T problem.Float](s *stream, e *nn.Engine[T], k int, seed uint64) (problem.Phase[T], error) {
	part := &s.parts[k]
	own := rng.At(seed, "phase", k)
	rows := s.batch
	if rows == 0 {
		rows = part.train.n
	}
	if err := e.CheckBatch(rows); err != nil {
		return problem.Phase[T]{}, err
	}
	phase := trainingPhase(e, of[T](part.train), s.batch, own.Uint64(), s.shift, part.warp)
	phase.Name = fmt.Sprintf("task %d", k+1)
	phase.Anew = s.pace.Reset && k > 0
	phase.Until.Steps = s.pace.Steps
	if s.pace.Steps == 0 {
		phase.Until.Steps = max(1, int(math.Round(s.pace.Epochs*float64(phase.EpochSteps))))
	}
	if s.pace.Until > 0 {
		phase.Until.Accuracy, phase.Until.Judge = s.pace.Until, e.Objective(of[T](s.match[k]))
		// A tenth of an epoch, or where that is less as many steps as cost what looking does.
		phase.Until.Every = max(1, (phase.EpochSteps+5)/10, s.match[k].n/(3*rows))
	}
	return phase, nil
}

// mixed are training examples of all tasks alike, of which the state of evaluation is.
func mixed[T problem.Float](s *stream) *nn.Examples[T] {
	all := of[T](s.match[0]).Room(0)
	for _, m := range s.match {
		n := min(max(1, stateExamples/len(s.match)), m.n)
		some := of[T](m.pick(choice("task/state", m.n, n)))
		all.N += n
		all.X, all.Tokens, all.Labels = append(all.X, some.X...), append(all.Tokens, some.Tokens...), append(all.Labels, some.Labels...)
	}
	return all
}

// heads gives the k-th of n tasks that have the same classes its outputs.
func (p *pace) heads(t *part, k, n, classes int) {
	if p.multi() {
		t.head, t.width = [2]int{k, n}, classes
	}
}

// streamNotes are what is to be known of all streams.
var streamNotes = []string{
	"base is any task with one class for each example; its batch is that of the stream. Each phase trains on one task with batches of its own, by the seed. A run ends with its last phase, unless --budget ends it before; the budget phase=K ends it after phase K.",
	"The accuracy on every task is read at the start and at the end of each phase, for the probe forgetting: among all outputs and, where tasks differ in their classes, among those of the task alone (a task mask). With head=multi it is among the outputs of the task's own head, and there is no other.",
	"The sets train, val and test and the matching loss, by which train_loss points are found, are those of the last task; test/1, test/2 and so on are those of each. The points phase=K stand at the ends of phases.",
	"until_accuracy is looked at every tenth of an epoch, or more seldom where looking would cost more than the steps between; steps or epochs are then the most that a phase has. With reset=true schedules are planned for a phase, and otherwise for the run, by the most steps it can have.",
	"The state of a network with batch normalisation is computed from training examples of all tasks alike.",
}
