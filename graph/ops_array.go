package graph

import (
	"fmt"
	"slices"

	"basin/kernel"
)

// Const is a number, of shape ().
func (g *Graph) Const(v float64) *Node { return g.add(opConst, attr{num: v}) }

// Broadcast repeats a along axes that it lacks, or where its length is 1.
func (g *Graph) Broadcast(a *Node, dims ...int) *Node {
	return g.add(opBroadcast, attr{dims: slices.Clone(dims)}, a)
}

// Reshape gives the elements of a, in order, another shape.
func (g *Graph) Reshape(a *Node, dims ...int) *Node {
	return g.add(opReshape, attr{dims: slices.Clone(dims)}, a)
}

// Transpose puts the axes of a in the given order: axis i of the result is axis
// order[i] of a.
func (g *Graph) Transpose(a *Node, order ...int) *Node {
	return g.add(opTranspose, attr{axes: slices.Clone(order)}, a)
}

func given(n *Node) (Shape, error) {
	for _, d := range n.attr.dims {
		if d < 1 {
			return nil, fmt.Errorf("shape %v has an axis without elements", n.attr.dims)
		}
	}
	return n.attr.dims, nil
}

func broadcastShape(n *Node) (Shape, error) {
	a, to := n.args[0].shape, n.attr.dims
	if s, ok := broadcast(a, to); !ok || !slices.Equal(s, to) {
		return nil, fmt.Errorf("shape %v does not broadcast to %v", a, to)
	}
	return to, nil
}

func reshapeShape(n *Node) (Shape, error) {
	a, to := n.args[0].shape, n.attr.dims
	if a.Len() != to.Len() {
		return nil, fmt.Errorf("shape %v has %d elements, %v has %d", a, a.Len(), to, to.Len())
	}
	return given(n)
}

func transposeShape(n *Node) (Shape, error) {
	a, order := n.args[0].shape, n.attr.axes
	s := make(Shape, len(a))
	seen := make([]bool, len(a))
	if len(order) != len(a) {
		return nil, fmt.Errorf("order %v for shape %v", order, a)
	}
	for i, k := range order {
		if k < 0 || k >= len(a) || seen[k] {
			return nil, fmt.Errorf("order %v is no permutation of the axes of %v", order, a)
		}
		seen[k] = true
		s[i] = a[k]
	}
	return s, nil
}

// The operands of a strided copy are the result and the argument.

func spreadWalk(n *Node) *walk {
	return newWalk(n.shape, n.shape.strides(), n.args[0].shape.spread(n.shape)).inRows()
}

func transposeWalk(n *Node) *walk {
	from := n.args[0].shape.strides()
	st := make([]int, len(from))
	for i, k := range n.attr.axes {
		st[i] = from[k]
	}
	return newWalk(n.shape, n.shape.strides(), st).inRows()
}

func strided[T Float](c *call[T]) {
	w := c.walk
	hop := [2]int{}
	copy(hop[:], w.hop)
	for ok := w.first(); ok; ok = w.next() {
		out, from, step := c.out[w.pos[0]:], c.args[0][w.pos[1]:], w.step[1]
		switch {
		case hop[1] == 1 && step > 1:
			kernel.Transpose(out, hop[0], from, step, w.run, w.rows)
		case step == 1 && w.run >= leastCopy:
			for r := range w.rows {
				copy(out[r*hop[0]:][:w.run], from[r*hop[1]:])
			}
		default:
			for r := range w.rows {
				out, from := out[r*hop[0]:][:w.run], from[r*hop[1]:]
				for i := range out {
					out[i] = from[i*step]
				}
			}
		}
	}
}

// leastCopy is the length from which copy is faster than a loop.
const leastCopy = 8

func broadcastVJP(g *Graph, n *Node, _ int, d *Node) *Node { return g.sumTo(d, n.args[0].shape) }

func reshapeVJP(g *Graph, n *Node, _ int, d *Node) *Node {
	return g.Reshape(d, n.args[0].shape...)
}

func transposeVJP(g *Graph, n *Node, _ int, d *Node) *Node {
	inverse := make([]int, len(n.attr.axes))
	for i, k := range n.attr.axes {
		inverse[k] = i
	}
	return g.Transpose(d, inverse...)
}
