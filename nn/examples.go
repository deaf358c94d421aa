package nn

import (
	"fmt"

	"basin/problem"
)

// Examples are inputs with what a network is to make of them. Rows are read where
// they lie.
type Examples[T problem.Float] struct {
	N, In   int   // examples, and numbers or tokens of each
	X       []T   // N x In, row-major; not for tokens
	Tokens  []int // N x In, counted from 0; for tokens alone
	Labels  []int // N x positions classes counted from 0; not for squared loss
	Targets []T   // N x positions x outputs, for squared loss alone
}

// Check says what is wrong with examples for this engine, and names the first
// example with a label that is no class, or with a token that is none.
func (e *Engine[T]) Check(ex *Examples[T]) error {
	in, size := e.net.input, e.net.input.Len()
	if ex.N < 1 {
		return fmt.Errorf("examples: there are %d, need at least one", ex.N)
	}
	if in.Tokens > 0 {
		if ex.In != size || len(ex.Tokens) != ex.N*ex.In {
			return fmt.Errorf("examples: %d tokens for %d examples of %d; the network takes %v", len(ex.Tokens), ex.N, ex.In, in)
		}
		if i := outside(ex.Tokens, in.Tokens); i >= 0 {
			return fmt.Errorf("examples: token %d of example %d is not one of 0 to %d", ex.Tokens[i], i/size, in.Tokens-1)
		}
	} else if ex.In != size || len(ex.X) != ex.N*ex.In {
		return fmt.Errorf("examples: %d numbers for %d examples of %d; the network takes %v", len(ex.X), ex.N, ex.In, in)
	}
	predictions := ex.N * e.net.positions
	if e.loss == problem.Squared {
		if len(ex.Targets) != predictions*e.net.outputs {
			return fmt.Errorf("examples: %d targets for %d predictions of %d outputs", len(ex.Targets), predictions, e.net.outputs)
		}
		return nil
	}
	classes := e.net.outputs
	if e.loss != problem.SoftmaxCrossEntropy {
		classes = 2
	}
	if len(ex.Labels) != predictions {
		return fmt.Errorf("examples: %d labels for %d predictions", len(ex.Labels), predictions)
	}
	if i := outside(ex.Labels, classes); i >= 0 {
		return fmt.Errorf("examples: label %d of example %d is not one of %d classes, 0 to %d", ex.Labels[i], i/e.net.positions, classes, classes-1)
	}
	return nil
}

// outside is the place of the first of v that does not lie in 0..n-1, or -1.
func outside(v []int, n int) int {
	for i, y := range v {
		if y < 0 || y >= n {
			return i
		}
	}
	return -1
}

// Gather sets ex, made by Room, to the examples of all with the given indices.
func (ex *Examples[T]) Gather(all *Examples[T], indices []int) {
	gather(ex.X, all.X, indices, all.N)
	gather(ex.Tokens, all.Tokens, indices, all.N)
	gather(ex.Labels, all.Labels, indices, all.N)
	gather(ex.Targets, all.Targets, indices, all.N)
}

// gather copies what src has of some of n examples.
func gather[V any](dst, src []V, indices []int, n int) {
	switch width := len(src) / n; width {
	case 0:
	case 1:
		for row, i := range indices {
			dst[row] = src[i]
		}
	default:
		for row, i := range indices {
			copy(dst[row*width:(row+1)*width], src[i*width:(i+1)*width])
		}
	}
}

// Room makes room for n examples of the kind of ex.
func (ex *Examples[T]) Room(n int) *Examples[T] {
	return &Examples[T]{
		N: n, In: ex.In,
		X: like(ex.X, n, ex.N), Tokens: like(ex.Tokens, n, ex.N),
		Labels: like(ex.Labels, n, ex.N), Targets: like(ex.Targets, n, ex.N),
	}
}

// like makes room for n where v has room for m; nil stays nil.
func like[V any](v []V, n, m int) []V {
	if v == nil {
		return nil
	}
	return make([]V, len(v)/m*n)
}
