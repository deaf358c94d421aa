package graph

import "basin/kernel"

// loops computes an op's value in both precisions.
type loops struct {
	f32 func(*call[float32])
	f64 func(*call[float64])
}

// A call is what a loop works on: a node and the memory of its operands.
type call[T Float] struct {
	n       *Node
	out     []T
	outs    [][]T // fused: one for each out of the region; the first is out
	args    [][]T // nil where the argument holds labels
	labels  []int
	room    []T // of undefined content
	lo, hi  int // the pieces to compute, of a row that splits
	own     []T // what row.own asks for, of undefined content
	walk    *walk
	tiling  *tiling          // fused: the way through the space
	moves   []func(*call[T]) // fused: the loops of its moves
	desk    *desk[T]
	scratch *kernel.Scratch[T]
	noise   uint64  // the key of noise
	total   float64 // a sum over all elements, before it is rounded to T
}

// newCall makes a call of a node, without memory.
func newCall[T Float](n *Node) call[T] {
	c := call[T]{n: n, args: make([][]T, len(n.args)), outs: make([][]T, 1)}
	if n.row.walk != nil {
		c.walk = n.row.walk(n)
	}
	if n.row.split != nil {
		c.hi = n.row.split(n)
	}
	if n.op == opFused {
		c.tiling = n.attr.region.tile(n.args)
		for _, m := range c.tiling.moves {
			c.moves = append(c.moves, loopOf[T](m.loops))
		}
	}
	return c
}

// loopOf picks the loop for T.
func loopOf[T Float](l loops) func(*call[T]) {
	if f, ok := any(l.f32).(func(*call[T])); ok {
		return f
	}
	return any(l.f64).(func(*call[T]))
}

// singles makes loops of kernels dst = f(a).
func singles(f func(dst, a []float32), h func(dst, a []float64)) loops {
	return loops{single(f), single(h)}
}

func single[T Float](f func(dst, a []T)) func(*call[T]) {
	return func(c *call[T]) { f(c.out, c.args[0]) }
}

// pairs makes loops of kernels dst = f(a, b) in which an operand of length 1 is
// repeated. The walk cuts broadcasting of any other kind into such runs.
func pairs(f func(dst, a, b []float32), h func(dst, a, b []float64)) loops {
	return loops{pair(f), pair(h)}
}

func pair[T Float](f func(dst, a, b []T)) func(*call[T]) {
	return func(c *call[T]) {
		w := c.walk
		for ok := w.first(); ok; ok = w.next() {
			f(runOf(w, 0, c.out), runOf(w, 1, c.args[0]), runOf(w, 2, c.args[1]))
		}
	}
}
