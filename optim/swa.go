package optim

import (
	"errors"

	"basin/problem"
)

var swaDoc = Doc{
	Name:    "swa",
	Family:  "averaged",
	Summary: "Stochastic weight averaging: trains as base does and answers with the equal mean of points towards the end of the run.",
	Equations: `d = base
answer = mean of the points after the steps start, start+every, start+2*every ... so far; before start, the point itself`,
	Source: "Izmailov, Podoprikhin, Garipov, Vetrov & Wilson 2018, Averaging weights leads to wider optima and better generalization, arXiv 1803.05407, Algorithm 1",
	Notes: []string{
		"A start below 1 is a share of the run. In the paper it is 0.75 and more, every is a cycle or an epoch, and the step size is cyclical or constant and high from start on: give base a schedule for that.",
		"Batch normalisation needs statistics of the mean itself; runs compute those of every solution from its parameters.",
		"What the points are is seen, not assumed: in swa | clip_norm(1) they are those that the clipped changes lead to.",
		"The mean is kept in float64, as one over many steps changes by less than float32 resolves.",
	},
	Answer:      "the mean, from start on",
	Memory:      "1 float64 per parameter (mean), the count of steps, and that of base",
	Gradients:   1,
	Invariances: []Invariance{Rotation, SignedPermutation},
	Example:     "swa(start=0.75, every=10, base=sgd(lr=0.1, momentum=0.9))",
}

type swaSettings struct {
	Start Moment `arg:"start" default:"0.75" help:"step after which the first point is taken, or share of the run"`
	Every int    `arg:"every" default:"1" valid:"[1,inf)" help:"steps from one point to the next"`
	Base  Base   `arg:"base" default:"sgd(lr=0.1)" help:"optimizer that takes the steps"`
}

func (s *swaSettings) check() error {
	if s.Base.o.averages() {
		return errAverages
	}
	return nil
}

func newSWA[T problem.Float](s *swaSettings, c *Context[T]) (part[T], error) {
	if s.Start.isShare() && c.Horizon == 0 {
		return nil, errors.New("start must be a step, as the length of the run is not known")
	}
	start := max(1, s.Start.step(c.Horizon))
	return newAveraging(s.Base.o, c, func(t int) float64 {
		switch after := t - start; {
		case after <= 0:
			return 1
		case after%s.Every == 0:
			return 1 / float64(after/s.Every+1)
		}
		return 0
	})
}
