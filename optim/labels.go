package optim

import (
	"errors"

	"basin/problem"
	"basin/rng"
)

// sampled is the step's objective with labels that the model makes up.
func (c *Context[T]) sampled(s *Step[T]) (problem.Objective[T], bool) {
	f, ok := problem.As[problem.Sampler[T]](s.F)
	if !ok {
		return nil, false
	}
	seed := rng.At(c.Seed, "labels", s.T)
	return f.Sampled(s.X, seed.Uint64())
}

// needsLabels refuses an objective whose model cannot make up labels.
func (c *Context[T]) needsLabels() error {
	if c.First == nil {
		return nil
	}
	if _, ok := c.sampled(&Step[T]{X: c.Start, F: c.First}); !ok {
		return errors.New("this objective has no labels that its model could make up, as its loss is no negative log-likelihood")
	}
	return nil
}

// predictions is how many the first objective makes, 1 where it is no mean over any.
func (c *Context[T]) predictions() int {
	if f, ok := problem.As[problem.Predictor[T]](c.First); ok {
		n, _ := f.Size()
		return n
	}
	return 1
}

// needsOutputs refuses an objective that has no outputs with a Jacobian.
func (c *Context[T]) needsOutputs() error {
	if c.First == nil {
		return nil
	}
	_, known := problem.As[problem.Predictor[T]](c.First)
	_, apart := problem.As[problem.Jacobian[T]](c.First)
	if !known || !apart {
		return errors.New("this objective has no outputs with a Jacobian, as it is over no examples")
	}
	return nil
}
