package graph

import (
	"fmt"
	"math"
	"slices"

	"basin/kernel"
)

// Standardize brings x to mean 0 and variance 1 over the given axes, over all if none
// are given: z = r (x - m) with r = 1/sqrt(v + eps), for the mean m and the biased
// variance v of the elements that share their place on the other axes. It is what layer
// normalisation (over the last axis; Ba, Kiros and Hinton 2016), batch normalisation
// (over all but the last; Ioffe and Szegedy 2015) and, after a reshape, group
// normalisation (Wu and He 2018) have in common. Mean and variance are taken in double
// precision.
func (g *Graph) Standardize(x *Node, eps float64, axes ...int) *Node {
	return g.normalize(opStandardize, x, eps, axes)
}

// RMSNormalize is z = r x with r = 1/sqrt(mean(x^2) + eps), over the last axis (Zhang
// and Sennrich 2019).
func (g *Graph) RMSNormalize(x *Node, eps float64) *Node {
	return g.normalize(opRMSNormalize, x, eps, []int{len(x.shape) - 1})
}

// Moments gives the mean of x and its biased variance over the given axes, which
// vanish; over all if none are given.
func (g *Graph) Moments(x *Node, axes ...int) (mean, variance *Node) {
	m := g.grouped("moments", x, axes)
	if !m.matrix.ok() {
		return m.matrix, m.matrix
	}
	left := x.shape.without(m.axes)
	mean = g.meanOf(m.matrix, m.axis)
	spread := g.Square(g.Sub(m.matrix, mean))
	return g.Reshape(mean, left...), g.Reshape(g.meanOf(spread, m.axis), left...)
}

// meanOf is the mean over one axis of a matrix, which stays with length 1. A mean of
// many rows, which is summed in the plan's precision, is a mean of means.
func (g *Graph) meanOf(a *Node, axis int) *Node {
	if axis == 1 {
		return g.column(g.Mean(a, 1))
	}
	n, cols := a.shape[0], a.shape[1]
	part := int(math.Sqrt(float64(n)))
	for n%part != 0 {
		part--
	}
	return g.Reshape(g.Mean(g.Mean(g.Reshape(a, n/part, part, cols), 1), 0), 1, cols)
}

func (g *Graph) normalize(op opcode, x *Node, eps float64, axes []int) *Node {
	name := g.table[op].name
	m := g.grouped(name, x, axes)
	if !m.matrix.ok() {
		return m.matrix
	}
	if !(eps >= 0) {
		return g.errorf(name, "eps is %v, want a number that is not negative", eps)
	}
	return g.ungrouped(g.add(op, attr{num: eps, axes: []int{m.axis}}, m.matrix), x.shape, m)
}

// A grouping is an array as a matrix each of whose rows (axis 1) or columns (axis 0)
// holds the elements that are taken together.
type grouping struct {
	matrix *Node
	axis   int
	axes   []int // of the array
	order  []int // of its axes in the matrix; nil: their own
}

// grouped makes that matrix, without a copy where the axes are the last or the first.
func (g *Graph) grouped(what string, x *Node, axes []int) grouping {
	if !x.ok() {
		return grouping{matrix: x}
	}
	axes = x.shape.chosen(axes)
	if err := x.shape.has(axes); err != nil {
		return grouping{matrix: g.errorf(what, "%v", err)}
	}
	var kept []int
	size := 1
	for i, d := range x.shape {
		if slices.Contains(axes, i) {
			size *= d
		} else {
			kept = append(kept, i)
		}
	}
	rows, m := x.shape.Len()/size, grouping{axes: axes, axis: 1}
	last, first := slices.Concat(kept, axes), slices.Concat(axes, kept)
	switch {
	case x.shape.contiguous(last):
	case x.shape.contiguous(first):
		m.axis = 0
		rows, size = size, rows
	default:
		m.order = last
		x = g.Transpose(x, last...)
	}
	m.matrix = g.shaped(x, Shape{rows, size})
	return m
}

// ungrouped gives a matrix laid out as m the shape of the array that m was made of.
func (g *Graph) ungrouped(a *Node, shape Shape, m grouping) *Node {
	if m.order == nil {
		return g.shaped(a, shape)
	}
	permuted, inverse := make(Shape, len(shape)), make([]int, len(shape))
	for i, k := range m.order {
		permuted[i], inverse[k] = shape[k], i
	}
	return g.Transpose(g.shaped(a, permuted), inverse...)
}

// shaped is a in another shape, or a itself if it has the shape.
func (g *Graph) shaped(a *Node, shape Shape) *Node {
	if !a.ok() || slices.Equal(a.shape, shape) {
		return a
	}
	return g.Reshape(a, shape...)
}

// scaleShape has length 1 along the axis that is normalised.
func scaleShape(n *Node) (Shape, error) {
	x := n.args[1].shape
	if !slices.Equal(n.args[0].shape, x) {
		return nil, fmt.Errorf("shapes %v and %v are not the same", n.args[0].shape, x)
	}
	return n.perGroup(), nil
}

// perGroup is the shape of an array with one element for each row or column of the
// first argument.
func (n *Node) perGroup() Shape {
	s := slices.Clone(n.args[0].shape)
	s[n.attr.axes[0]] = 1
	return s
}

// byGroups is the number of groups where they are rows, which lie one after another;
// columns are not taken apart.
func byGroups(n *Node) int {
	if n.attr.axes[0] == 0 {
		return 1
	}
	return n.shape[0]
}

func groupsOf(n *Node) int { return n.perGroup().Len() }

func normalizeGradShape(n *Node) (Shape, error) {
	z, r, d := n.args[0].shape, n.args[1].shape, n.args[2].shape
	if !slices.Equal(z, d) || !slices.Equal(r, n.perGroup()) {
		return nil, fmt.Errorf("shapes %v, %v and %v do not fit one another", z, r, d)
	}
	return z, nil
}

func standardize[T Float](c *call[T]) {
	width, eps := c.n.shape[1], c.n.attr.num
	if c.n.attr.axes[0] == 0 {
		kernel.StandardizeColumns(c.out, c.args[0], width, eps, c.room)
	} else {
		kernel.StandardizeRows(c.out, c.args[0], width, eps, c.room)
	}
}

func standardizeGrad[T Float](c *call[T]) {
	z, r, d, width := c.args[0], c.args[1], c.args[2], c.n.shape[1]
	if c.n.attr.axes[0] == 0 {
		kernel.StandardizeColumnsGrad(c.out, d, z, width, r)
	} else {
		kernel.StandardizeRowsGrad(c.out, d, z, width, r)
	}
}

func rmsNormalize[T Float](c *call[T]) {
	kernel.RMSRows(c.out, c.args[0], c.n.shape[1], c.n.attr.num, c.room)
}

func rmsNormalizeGrad[T Float](c *call[T]) {
	kernel.RMSRowsGrad(c.out, c.args[2], c.args[0], c.n.shape[1], c.args[1])
}

// meanOver is the mean of a b over the rows or columns that n normalises.
func (g *Graph) meanOver(n, a, b *Node) *Node { return g.meanOf(g.Mul(a, b), n.attr.axes[0]) }

// z is the gradient of n/r, for groups of n elements, so its derivative in x is a
// symmetric matrix: r (d - mean(d) - z mean(z d)), without mean(d) if nothing is
// centred.
func normalizeRule(g *Graph, n *Node, _ int, d *Node) *Node {
	op := opStandardizeGrad
	if n.op == opRMSNormalize {
		op = opRMSNormalizeGrad
	}
	r := g.add(opNormalizeScale, n.attr, n, n.args[0])
	return g.add(op, n.attr, n, r, d)
}

// The derivative of r in x is -r^2 z/n. The argument z says no more than where r is.
func scaleJVP(g *Graph, n *Node, _ int, c *Node) *Node {
	return g.Neg(g.Mul(g.Square(n), g.meanOver(n, n.args[0], c)))
}

func scaleVJP(g *Graph, n *Node, _ int, d *Node) *Node {
	z := n.args[0]
	count := float64(z.shape[n.attr.axes[0]])
	return g.Mul(g.Scale(-1/count, g.Mul(g.Square(n), d)), z)
}

// The value r (d - mean(d) - z mean(z d)) is linear and symmetric in d and linear in r;
// its tangent in z is -r (c mean(z d) + z mean(c d)), and that of the adjoint d for z.
func normalizeGradJVP(g *Graph, n *Node, i int, c *Node) *Node {
	z, r, d := n.args[0], n.args[1], n.args[2]
	switch i {
	case 0:
		return g.Neg(g.Mul(r, g.Add(g.Mul(c, g.meanOver(n, z, d)), g.Mul(z, g.meanOver(n, c, d)))))
	case 1:
		return g.Mul(n, g.Div(c, r))
	}
	return g.add(n.op, n.attr, z, r, c)
}

func normalizeGradVJP(g *Graph, n *Node, i int, c *Node) *Node {
	z, r, d := n.args[0], n.args[1], n.args[2]
	switch i {
	case 0:
		return g.Neg(g.Mul(r, g.Add(g.Mul(c, g.meanOver(n, z, d)), g.Mul(d, g.meanOver(n, z, c)))))
	case 1:
		return g.sumTo(g.Div(g.Mul(n, c), r), r.shape)
	}
	return g.add(n.op, n.attr, z, r, c)
}
