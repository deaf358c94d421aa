package graph

import (
	"fmt"
	"slices"

	"basin/kernel"
)

// The ops here work on the rows of a matrix, one per example.

// CrossEntropy is -log softmax(z_i)_y of each row, with y = labels[i].
func (g *Graph) CrossEntropy(z, labels *Node) *Node { return g.add(opCrossEntropy, attr{}, z, labels) }

// Softmax is exp(z_ij) / sum_k exp(z_ik).
func (g *Graph) Softmax(z *Node) *Node { return g.add(opSoftmax, attr{}, z) }

// SoftmaxGrad multiplies each row of d by the derivative of Softmax at that row of
// z, which is diag(p) - p p'. It is the Hessian of CrossEntropy, too.
func (g *Graph) SoftmaxGrad(z, d *Node) *Node { return g.add(opSoftmaxGrad, attr{}, z, d) }

// CrossEntropyGrad is the gradient of CrossEntropy in its row of z, the softmax
// less 1 at the label.
func (g *Graph) CrossEntropyGrad(z, labels *Node) *Node {
	return g.add(opCrossEntropyGrad, attr{}, z, labels)
}

// Pick takes the element of each row that the labels name.
func (g *Graph) Pick(a, labels *Node) *Node { return g.add(opPick, attr{}, a, labels) }

// Scatter puts a_i into a row of the given width, at the place the labels name,
// and 0 elsewhere: the adjoint of Pick.
func (g *Graph) Scatter(a, labels *Node, width int) *Node {
	return g.add(opScatter, attr{width: width}, a, labels)
}

// Signs is 1 for label 1 and -1 for label 0.
func (g *Graph) Signs(labels *Node) *Node { return g.add(opSigns, attr{}, labels) }

func rowsShape(n *Node) (Shape, error) {
	if a := n.args[0].shape; len(a) != 2 {
		return nil, fmt.Errorf("shape %v is no matrix", a)
	}
	return n.args[0].shape, nil
}

func rowPairShape(n *Node) (Shape, error) {
	a, b := n.args[0].shape, n.args[1].shape
	if len(a) != 2 || len(b) != 2 || a[0] != b[0] || a[1] != b[1] {
		return nil, fmt.Errorf("shapes %v and %v are not two matrices of one shape", a, b)
	}
	return a, nil
}

func rowLabelShape(n *Node) (Shape, error) {
	a, y := n.args[0].shape, n.args[1].shape
	if len(a) != 2 || a[0] != y[0] {
		return nil, fmt.Errorf("rows of %v and labels %v do not pair", a, y)
	}
	return a, nil
}

func pickShape(n *Node) (Shape, error) {
	a, err := rowLabelShape(n)
	if err != nil {
		return nil, err
	}
	return a[:1], nil
}

func scatterShape(n *Node) (Shape, error) {
	a, y := n.args[0].shape, n.args[1].shape
	if len(a) != 1 || a[0] != y[0] || n.attr.width < 1 {
		return nil, fmt.Errorf("elements of %v and labels %v do not pair in rows of %d", a, y, n.attr.width)
	}
	return Shape{a[0], n.attr.width}, nil
}

func softmax[T Float](c *call[T]) { kernel.Softmax(c.out, c.args[0], c.n.shape[1]) }

func softmaxGrad[T Float](c *call[T]) {
	kernel.SoftmaxGrad(c.out, c.args[0], c.args[1], c.n.shape[1])
}

func crossEntropy[T Float](c *call[T]) {
	kernel.CrossEntropy(c.scratch, c.out, c.args[0], c.labels, c.n.args[0].shape[1])
}

func crossEntropyGrad[T Float](c *call[T]) {
	kernel.CrossEntropyGrad(c.scratch, c.out, c.args[0], c.labels, c.n.shape[1])
}

// cross_entropy_both is CrossEntropy, which leaves CrossEntropyGrad in its room;
// grad_left shows that.
func crossEntropyBoth[T Float](c *call[T]) {
	kernel.CrossEntropyBoth(c.scratch, c.out, c.room, c.args[0], c.labels, c.n.args[0].shape[1])
}

func gradLeftShape(n *Node) (Shape, error) {
	if both := n.args[0]; both.op != opCrossEntropyBoth {
		return nil, fmt.Errorf("%v has no gradient in its room", both)
	}
	return n.args[0].args[0].shape, nil
}

func pick[T Float](c *call[T]) { kernel.Pick(c.out, c.args[0], c.labels, c.n.args[0].shape[1]) }

func scatter[T Float](c *call[T]) { kernel.Scatter(c.out, c.args[0], c.labels, c.n.attr.width) }

func signs[T Float](c *call[T]) { kernel.Signs(c.out, c.labels) }

func pickVJP(g *Graph, n *Node, _ int, d *Node) *Node {
	return g.Scatter(d, n.args[1], n.args[0].shape[1])
}

func scatterVJP(g *Graph, n *Node, _ int, d *Node) *Node { return g.Pick(d, n.args[1]) }

func crossEntropyJVP(g *Graph, n *Node, _ int, d *Node) *Node {
	return g.Sum(g.Mul(g.CrossEntropyGrad(n.args[0], n.args[1]), d), 1)
}

func crossEntropyVJP(g *Graph, n *Node, _ int, d *Node) *Node {
	return g.Mul(g.column(d), g.CrossEntropyGrad(n.args[0], n.args[1]))
}

// The Jacobian of the softmax is symmetric, so one rule serves both directions; it
// is also that of CrossEntropyGrad, which differs from it by a constant.
func softmaxRule(g *Graph, n *Node, _ int, d *Node) *Node { return g.SoftmaxGrad(n.args[0], d) }

// SoftmaxGrad is linear and symmetric in its second argument. In its first, with
// p = softmax(z) and p' = SoftmaxGrad(z, c), its derivative in the direction c is
// p' (d - <p, d>) - p <p', d>: the third derivative of log sum exp z, which is
// symmetric in c, d and the place of the result, and so its own adjoint.
func softmaxGradRule(g *Graph, n *Node, i int, c *Node) *Node {
	z, d := n.args[0], n.args[1]
	dp := g.SoftmaxGrad(z, c)
	if i == 1 {
		return dp
	}
	return g.softmaxTwice(g.Softmax(z), dp, d)
}

// softmaxTwice is p' (d - <p, d>) - p <p', d> for each row.
func (g *Graph) softmaxTwice(p, dp, d *Node) *Node {
	mean := func(q *Node) *Node { return g.lastSum(g.Mul(q, d)) }
	return g.Sub(g.Mul(dp, g.Sub(d, mean(p))), g.Mul(p, mean(dp)))
}

// lastSum adds up the last axis, which stays with length 1.
func (g *Graph) lastSum(a *Node) *Node {
	if !a.ok() {
		return a
	}
	last := len(a.shape) - 1
	return g.Reshape(g.Sum(a, last), append(slices.Clone(a.shape[:last]), 1)...)
}

// column is a vector as a matrix of one column.
func (g *Graph) column(a *Node) *Node {
	if !a.ok() {
		return a
	}
	return g.Reshape(a, a.shape[0], 1)
}
