package graph

import (
	"math"
	"slices"
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

// A group is the elements at, at+step, ... of an array, n of them.
type group struct{ at, step, n int }

// groups calls f for each of a node's.
func (n *Node) groups(f func(group)) {
	rows, cols := n.shape[0], n.shape[1]
	if n.attr.axes[0] == 1 {
		for i := range rows {
			f(group{i * cols, 1, cols})
		}
		return
	}
	for j := range cols {
		f(group{j, cols, rows})
	}
}

// scaleOf gives the mean that is subtracted from a group and the factor r.
func scaleOf[T Float](c *call[T], x []T, o group) (mean, r float64) {
	var sum float64
	if c.n.centred() {
		for i := range o.n {
			sum += float64(x[o.at+i*o.step])
		}
		mean = sum / float64(o.n)
	}
	sum = 0
	for i := range o.n {
		v := float64(x[o.at+i*o.step]) - mean
		sum += v * v
	}
	return mean, 1 / math.Sqrt(sum/float64(o.n)+c.n.attr.num)
}

func (n *Node) centred() bool { return n.op == opStandardize || n.op == opStandardizeGrad }

func normalize[T Float](c *call[T]) {
	x := c.args[0]
	c.n.groups(func(o group) {
		mean, r := scaleOf(c, x, o)
		for i := range o.n {
			k := o.at + i*o.step
			c.out[k] = T((float64(x[k]) - mean) * r)
		}
	})
}

func normalizeGrad[T Float](c *call[T]) {
	x, d := c.args[0], c.args[1]
	c.n.groups(func(o group) {
		mean, r := scaleOf(c, x, o)
		var dMean, along float64
		for i := range o.n {
			k := o.at + i*o.step
			dMean += float64(d[k])
			along += float64(d[k]) * (float64(x[k]) - mean)
		}
		dMean /= float64(o.n)
		along *= r * r / float64(o.n)
		if !c.n.centred() {
			dMean = 0
		}
		for i := range o.n {
			k := o.at + i*o.step
			c.out[k] = T(r * (float64(d[k]) - dMean - (float64(x[k])-mean)*along))
		}
	})
}

// z is the gradient of n/r, for groups of n elements, so its derivative is a symmetric
// matrix: r (d - mean(d) - z mean(z d)), without mean(d) if nothing is centred.
func normalizeRule(g *Graph, n *Node, _ int, d *Node) *Node {
	op := opStandardizeGrad
	if n.op == opRMSNormalize {
		op = opRMSNormalizeGrad
	}
	return g.add(op, n.attr, n.args[0], d)
}

// The op is linear and symmetric in d. Its derivative in x, in the direction c, is with
// D = (dz/dx) d and C = (dz/dx) c
//
//	-r (D mean(z c) + C mean(z d) + z mean(d C)),
//
// the third derivative of n/r, which is symmetric in c, d and the place of the result,
// and so its own adjoint.
func normalizeGradRule(g *Graph, n *Node, i int, c *Node) *Node {
	x, d := n.args[0], n.args[1]
	dc := g.add(n.op, n.attr, x, c)
	if i == 1 {
		return dc
	}
	axis := n.attr.axes[0]
	mean := func(a *Node) *Node { return g.meanOf(a, axis) }
	centred := x
	op := opRMSNormalize
	if n.centred() {
		op = opStandardize
		centred = g.Sub(x, mean(x))
	}
	z := g.add(op, n.attr, x)
	r := g.Pow(g.Add(mean(g.Square(centred)), g.Const(n.attr.num)), -0.5)
	sum := g.Add(g.Mul(n, mean(g.Mul(z, c))), g.Mul(dc, mean(g.Mul(z, d))))
	sum = g.Add(sum, g.Mul(z, mean(g.Mul(d, dc))))
	return g.Neg(g.Mul(r, sum))
}
