package optim

import (
	"fmt"

	"basin/kernel"
	"basin/problem"
)

var accumulateDoc = Doc{
	Name:    "accumulate",
	Family:  "combination",
	Summary: "Gradient accumulation: base takes one step in so many, with the mean of the gradients since the last.",
	Equations: `d = 0, but after every steps-th gradient
d = base with the mean of the last steps gradients, all at x`,
	Notes: []string{
		"For a loss that is a mean over the batch this is base with a batch that many times as large.",
		"base counts its own steps: its t, the length of its run and so its schedules are those of a run of 1/steps of the length. Gradients after the last multiple of steps are left unused.",
		"What stands before it acts on every gradient, what stands within base on their mean: accumulate(steps=4, base=clip_norm(1) | sgd).",
		"A product with a curvature matrix is one of the last batch alone.",
	},
	Memory:    "1 value per parameter (the sum), and that of base",
	Gradients: 1,
	Example:   "accumulate(steps=4, base=sgd(lr=0.1))",
}

type accumulateSettings struct {
	Steps int  `arg:"steps" default:"4" valid:"[1,inf)" search:"1..64 log" help:"gradients to a step of base"`
	Base  Rule `arg:"base" default:"sgd(lr=0.1)" help:"rule that takes the step"`
}

func (s *accumulateSettings) evaluations() (gradients, products float64) {
	gradients, products = s.Base.o.evaluations()
	k := float64(s.Steps)
	return 1 + (gradients-1)/k, products / k
}

type accumulate[T problem.Float] struct {
	accumulateSettings
	base  part[T]
	spans []span
	sum   []T
	loss  float64 // sum too
	step  Step[T] // of base
}

func newAccumulate[T problem.Float](s *accumulateSettings, c *Context[T]) (part[T], error) {
	if 0 < c.Horizon && c.Horizon < s.Steps {
		return nil, fmt.Errorf("base would take no step in a run of %d", c.Horizon)
	}
	own := *c
	own.Horizon /= s.Steps
	base, err := build(s.Base.o, &own)
	if err != nil {
		return nil, err
	}
	r := &accumulate[T]{accumulateSettings: *s, base: base}
	list, n := spans(c.Blocks)
	r.spans, r.sum = list, kernel.Vector[T](n)
	return r, nil
}

func (r *accumulate[T]) Step(s *Step[T]) {
	r.loss += s.Loss
	last := s.T%r.Steps == 0
	for _, p := range r.spans {
		d, sum := s.D[p.lo:p.hi], r.sum[p.at:][:p.hi-p.lo]
		kernel.Axpy(sum, 1, d)
		if last {
			for i, g := range sum {
				d[i] = g / T(r.Steps)
			}
			clear(sum)
		} else {
			kernel.Scale(d, 0) // NaN stays NaN
		}
	}
	if last {
		r.step = Step[T]{T: s.T / r.Steps, X: s.X, D: s.D, Loss: r.loss / float64(r.Steps), F: s.F}
		r.loss = 0
		r.base.Step(&r.step)
	}
}

func (r *accumulate[T]) Memory() []any      { return append([]any{r.sum, &r.loss}, r.base.Memory()...) }
func (r *accumulate[T]) Unwrap() Stepper[T] { return r.base }

// Age is told in steps of base, whose last one may lie before t.
func (r *accumulate[T]) Age(t int) (int, bool) { return parts[T]{r.base}.Age(t / r.Steps) }

func (r *accumulate[T]) Flops() float64 {
	return flops(r.base)/float64(r.Steps) + 2*float64(len(r.sum))
}
