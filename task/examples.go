package task

import (
	"sync"

	"basin/nn"
	"basin/problem"
)

// examples are a part of a data set, shared by all problems of a task.
type examples struct {
	n, in   int    // examples, and numbers or tokens of each
	x       *array // n x in, nil for tokens
	tokens  []int  // n x in, nil for numbers
	labels  []int  // one per prediction, nil for squared loss
	targets *array // n, nil for all other losses
}

// of gives examples as the engine takes them.
func of[T problem.Float](e *examples) *nn.Examples[T] {
	return &nn.Examples[T]{N: e.n, In: e.in, X: values[T](e.x), Tokens: e.tokens, Labels: e.labels, Targets: values[T](e.targets)}
}

// pick copies the examples with the given indices.
func (e *examples) pick(indices []int) *examples {
	p := &examples{n: len(indices), in: e.in}
	if e.x != nil {
		p.x = e.x.pick(indices, e.n)
	}
	if e.targets != nil {
		p.targets = e.targets.pick(indices, e.n)
	}
	p.tokens = rows(e.tokens, indices, e.n)
	p.labels = rows(e.labels, indices, e.n)
	return p
}

// rows copies those of n rows with the given indices; of nil it is nil.
func rows[V any](from []V, indices []int, n int) (to []V) {
	width := len(from) / n
	for _, i := range indices {
		to = append(to, from[i*width:(i+1)*width]...)
	}
	return to
}

// An array is held in the precision it was made in and, once asked for, in the
// other.
type array struct {
	made  any // []float32 or []float64
	once  sync.Once
	other any
}

func (a *array) pick(indices []int, n int) *array {
	if made, ok := a.made.([]float64); ok {
		return &array{made: rows(made, indices, n)}
	}
	return &array{made: rows(a.made.([]float32), indices, n)}
}

func values[T problem.Float](a *array) []T {
	if a == nil {
		return nil
	}
	if made, ok := a.made.([]T); ok {
		return made
	}
	a.once.Do(func() {
		switch made := a.made.(type) {
		case []float32:
			a.other = converted[float64](made)
		case []float64:
			a.other = converted[float32](made)
		}
	})
	return a.other.([]T)
}

func converted[To, From problem.Float](from []From) []To {
	to := make([]To, len(from))
	for i, x := range from {
		to[i] = To(x)
	}
	return to
}
