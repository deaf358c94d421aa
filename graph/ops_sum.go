package graph

import (
	"fmt"
	"slices"

	"basin/kernel"
)

// Sum adds up a over the given axes, which vanish; over all if none are given. A
// sum over all elements is accumulated in double precision.
func (g *Graph) Sum(a *Node, axes ...int) *Node { return g.sum(a, 1, axes) }

// Mean is Sum divided by the number of elements that each sum has.
func (g *Graph) Mean(a *Node, axes ...int) *Node {
	count := a.shape.Len()
	for i, d := range a.shape {
		if len(axes) > 0 && !slices.Contains(axes, i) {
			count /= d
		}
	}
	return g.sum(a, 1/float64(count), axes)
}

func (g *Graph) sum(a *Node, factor float64, axes []int) *Node {
	return g.add(opSum, attr{num: factor, axes: a.shape.chosen(axes)}, a)
}

// sumTo adds up what broadcasting from shape to that of a has repeated.
func (g *Graph) sumTo(a *Node, shape Shape) *Node {
	if !a.ok() || slices.Equal(a.shape, shape) {
		return a
	}
	return g.Reshape(g.Sum(a, shape.repeated(a.shape)...), shape...)
}

func sumShape(n *Node) (Shape, error) {
	a, axes := n.args[0].shape, n.attr.axes
	if err := a.has(axes); err != nil {
		return nil, err
	}
	return a.without(axes), nil
}

// keeping is the shape of the argument of a sum with length 1 where it is summed.
func keeping(n *Node) Shape {
	kept := slices.Clone(n.args[0].shape)
	for _, k := range n.attr.axes {
		kept[k] = 1
	}
	return kept
}

// sumWalk goes through the argument, operand 0; operand 1, the result, stands
// still along the axes that are summed. Where a summed axis lies just outside a
// run that is kept, it is taken as the rows of a matrix.
func sumWalk(n *Node) *walk {
	a := n.args[0].shape
	w := newWalk(a, a.strides(), keeping(n).spread(a))
	if last := len(w.dims) - 1; last >= 0 && w.step[1] != 0 && w.strides[last][1] == 0 {
		w.rows = w.dims[last]
		w.dims, w.strides, w.at = w.dims[:last], w.strides[:last], w.at[:last]
	}
	return w
}

func sum[T Float](c *call[T]) {
	w := c.walk
	clear(c.out)
	c.total = 0
	for ok := w.first(); ok; ok = w.next() {
		a := c.args[0][w.pos[0]:][:w.rows*w.run]
		switch {
		case len(c.out) == 1:
			c.total += kernel.Sum(a)
		case w.step[1] == 0:
			c.out[w.pos[1]] += T(kernel.Sum(a))
		default:
			kernel.AddRows(c.out[w.pos[1]:][:w.run], a, w.rows)
		}
	}
	if f := c.n.attr.num; len(c.out) == 1 {
		c.total *= f
		c.out[0] = T(c.total)
	} else if f != 1 {
		kernel.Scale(c.out, T(f))
	}
}

func sumVJP(g *Graph, n *Node, _ int, d *Node) *Node {
	d = g.Reshape(g.Scale(n.attr.num, d), keeping(n)...)
	return g.Broadcast(d, n.args[0].shape...)
}

// columns gives the size of the matrix whose columns a sum adds up, if it is of that
// kind: the first axes are summed over, and what is left has more than one element.
func columns(n *Node) (rows, cols int, ok bool) {
	a := n.args[0].shape
	for i, k := range n.attr.axes {
		if i != k {
			return 0, 0, false
		}
	}
	k := len(n.attr.axes)
	return a[:k].Len(), a[k:].Len(), a[k:].Len() > 1
}

// sum_parts adds up columns, each part of the rows on its own: row p of the result is
// that of part p.
func sumPartsShape(n *Node) (Shape, error) {
	rows, cols, ok := columns(n)
	if !ok {
		return nil, fmt.Errorf("axes %v of %v are not the first of several", n.attr.axes, n.args[0].shape)
	}
	return append(Shape{partsOf(rows, cols)}, n.args[0].shape[len(n.attr.axes):]...), nil
}

// besideSize is the least number of elements that sums of columns add up at once.
const besideSize = 256

// beside is how many rows of a part are taken side by side, as one that is long enough
// for a kernel. Their sums are added to one another at the end of the part, and then the
// rows that are left over.
func beside(cols int) int { return max(1, besideSize/cols) }

// addBeside adds rows to sums, beside(cols) rows of them, and gives what is left over.
func addBeside[T Float](sums, a []T) (rest []T) {
	n := len(a) / len(sums)
	kernel.AddRows(sums, a, n)
	return a[n*len(sums):]
}

// addUp sets dst to the sum of the rows in sums and in rest.
func addUp[T Float](dst, sums, rest []T) {
	clear(dst)
	kernel.AddRows(dst, sums, len(sums)/len(dst))
	kernel.AddRows(dst, rest, len(rest)/len(dst))
}

func sumPartsOwn(n *Node) int {
	_, cols, _ := columns(n)
	return beside(cols) * cols
}

func sumPartsSplit(n *Node) int { return n.shape[0] }

func sumParts[T Float](c *call[T]) {
	rows, cols, _ := columns(c.n)
	_, part := cut(cols)
	for p := c.lo; p < c.hi; p++ {
		from, to := p*part, min((p+1)*part, rows)
		clear(c.own)
		rest := addBeside(c.own, c.args[0][from*cols:to*cols])
		addUp(c.out[p*cols:][:cols], c.own, rest)
	}
}
