package nn

import (
	"fmt"

	"basin/problem"
)

// Examples are inputs with what a network is to make of them. Rows of X are read
// where they lie.
type Examples[T problem.Float] struct {
	N, In   int
	X       []T   // N x In, row-major
	Labels  []int // N classes counted from 0; not for squared loss
	Targets []T   // N x outputs, for squared loss alone
}

// Check says what is wrong with examples for this engine, and names the first
// example with a label that is no class.
func (e *Engine[T]) Check(ex *Examples[T]) error {
	in, out := e.net.Size()
	if ex.N < 1 {
		return fmt.Errorf("examples: there are %d, need at least one", ex.N)
	}
	if ex.In != in || len(ex.X) != ex.N*ex.In {
		return fmt.Errorf("examples: %d numbers for %d examples of %d inputs; the network takes %d inputs", len(ex.X), ex.N, ex.In, in)
	}
	if e.loss == problem.Squared {
		if len(ex.Targets) != ex.N*out {
			return fmt.Errorf("examples: %d targets for %d examples of %d outputs", len(ex.Targets), ex.N, out)
		}
		return nil
	}
	classes := out
	if e.loss != problem.SoftmaxCrossEntropy {
		classes = 2
	}
	if len(ex.Labels) != ex.N {
		return fmt.Errorf("examples: %d labels for %d examples", len(ex.Labels), ex.N)
	}
	for i, y := range ex.Labels {
		if y < 0 || y >= classes {
			return fmt.Errorf("examples: label %d of example %d is not one of %d classes, 0 to %d", y, i, classes, classes-1)
		}
	}
	return nil
}

// subset gathers the examples with the given indices.
func (ex *Examples[T]) subset(indices []int, outputs int) *Examples[T] {
	s := &Examples[T]{N: len(indices), In: ex.In}
	for _, i := range indices {
		s.X = append(s.X, ex.X[i*ex.In:(i+1)*ex.In]...)
		if ex.Labels != nil {
			s.Labels = append(s.Labels, ex.Labels[i])
		}
		if ex.Targets != nil {
			s.Targets = append(s.Targets, ex.Targets[i*outputs:(i+1)*outputs]...)
		}
	}
	return s
}
