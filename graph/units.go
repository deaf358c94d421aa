package graph

import (
	"slices"

	"basin/problem"
)

// Units finds the units of a network that can be renumbered: groups of indices along
// axes of params such that a permutation along all axes of a group leaves each of the
// fixed nodes as it is, its inputs and outputs. Inputs that are neither fixed nor among
// params, such as statistics of channels, are taken to be renumbered along.
//
// An index along an axis is written in digits, as reshaping makes of them: that of a row
// of flattened pictures in height, width and channel. Digits of different arrays are the
// same where an op pairs the elements they number, and fixed where it treats them
// differently. Those that stay free are the units.
func (g *Graph) Units(fixed []*Node, params ...*Node) []problem.UnitGroup {
	of := map[*Node][]index{}
	for _, n := range g.nodes {
		of[n] = n.axes(of)
	}
	for _, n := range fixed {
		fix(of[n]...)
	}
	var groups []problem.UnitGroup
	place := map[*digit]int{}
	for k, p := range params {
		inner := p.shape.Len()
		for _, a := range of[p] {
			for _, d := range a.digits() {
				inner /= d.size
				if d.fixed {
					continue
				}
				i, known := place[d]
				if !known {
					i = len(groups)
					place[d] = i
					groups = append(groups, problem.UnitGroup{N: d.size})
				}
				groups[i].Axes = append(groups[i].Axes, problem.UnitAxis{Block: k, Inner: inner})
			}
		}
	}
	return slices.DeleteFunc(groups, func(u problem.UnitGroup) bool {
		for i, a := range u.Axes[1:] {
			if a.Block == u.Axes[i].Block {
				return true
			}
		}
		return false
	})
}

// A digit is a part of an index. It is itself, or the same as another, or has been cut
// into smaller ones.
type digit struct {
	size  int
	same  *digit
	parts index
	fixed bool // whatever it has been cut into is fixed too
}

// An index runs along an axis, in digits with the outermost first; none has size 1.
type index []*digit

// free is an axis of so many elements, of which nothing is known.
func free(n int) index {
	if n == 1 {
		return nil
	}
	return index{{size: n}}
}

// digits are the digits as they now are.
func (a index) digits() (list index) {
	for _, d := range a {
		switch {
		case d.same != nil:
			list = append(list, index{d.same}.digits()...)
		case d.parts != nil:
			list = append(list, d.parts.digits()...)
		default:
			list = append(list, d)
		}
	}
	return list
}

// cut parts a digit into two, the inner one of the given size.
func (d *digit) cut(inner int) {
	d.parts = index{{size: d.size / inner, fixed: d.fixed}, {size: inner, fixed: d.fixed}}
}

// fix takes it that each value of an index means something of its own.
func fix(axes ...index) {
	for _, a := range axes {
		for _, d := range a.digits() {
			d.fixed = true
		}
	}
}

// equate takes the indices of two axes of the same length to be the same.
func equate(a, b index) {
	for {
		a, b = a.digits(), b.digits()
		if len(a) == 0 {
			return
		}
		p, q := a[len(a)-1], b[len(b)-1]
		switch {
		case p.size%q.size != 0 && q.size%p.size != 0:
			fix(a, b)
			return
		case p.size > q.size:
			p.cut(q.size)
			continue
		case p.size < q.size:
			q.cut(p.size)
			continue
		case p != q:
			p.fixed = p.fixed || q.fixed
			q.same = p
		}
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
}

// fresh are the axes of an array of which nothing is known.
func fresh(s Shape) []index {
	axes := make([]index, len(s))
	for i, n := range s {
		axes[i] = free(n)
	}
	return axes
}

// aligned are the axes of an array of shape s that each of the arguments, given by their
// axes, is repeated to.
func aligned(s Shape, args ...[]index) []index {
	axes := fresh(s)
	for _, arg := range args {
		for i, a := range arg {
			if len(a) > 0 {
				equate(axes[len(s)-len(arg)+i], a)
			}
		}
	}
	return axes
}

// split parts an index into several, of the given lengths.
func split(a index, lengths ...int) []index {
	parts := fresh(lengths)
	equate(a, slices.Concat(parts...))
	return parts
}

// axes are those of a node. They pair and fix the indices of its arguments as the op
// does the elements. An op that is not among these fixes all.
func (n *Node) axes(of map[*Node][]index) []index {
	var args [][]index
	for _, a := range n.args {
		args = append(args, of[a])
	}
	own := fresh(n.shape)
	switch n.op {
	case opInput, opConst:
		return own
	case opBroadcast, opStandardize, opRMSNormalize:
		return aligned(n.shape, args...)
	case opReshape:
		return split(slices.Concat(args[0]...), n.shape...)
	case opTranspose:
		for i, k := range n.attr.axes {
			own[i] = args[0][k]
		}
		return own
	case opSum:
		own = nil
		for i, a := range args[0] {
			if !slices.Contains(n.attr.axes, i) {
				own = append(own, a)
			}
		}
		return own
	case opMatMul:
		rows, inner := turned(args[0], n.attr.ta)
		along, columns := turned(args[1], n.attr.tb)
		equate(inner, along)
		return []index{rows, columns}
	case opEmbed:
		fix(args[0][0])
		fix(args[1]...)
		return []index{args[1][0], args[0][1]}
	case opConv:
		x, w := args[0], args[1]
		if n.attr.window.groups > 1 {
			break
		}
		fix(x[1], x[2], w[0], w[1], own[1], own[2])
		equate(x[3], w[2])
		return []index{x[0], own[1], own[2], w[3]}
	case opMaxPool, opAvgPool:
		x := args[0]
		fix(x[1], x[2], own[1], own[2])
		return []index{x[0], own[1], own[2], x[3]}
	case opHeads:
		x := args[0]
		parts := split(x[2], n.attr.parts, n.attr.heads, n.shape[2])
		fix(parts[0])
		return []index{slices.Concat(x[0], parts[1]), x[1], parts[2]}
	case opCausalAttention:
		// A permutation of the numbers of a head leaves its scores alone if that of its
		// queries is that of its keys.
		x := args[0]
		parts := split(x[2], 3, n.attr.heads, n.shape[2]/n.attr.heads)
		fix(x[1], parts[0])
		return []index{x[0], x[1], slices.Concat(parts[1], parts[2])}
	}
	if n.row.flags&elementwise != 0 {
		return aligned(n.shape, args...)
	}
	fix(own...)
	for _, a := range args {
		fix(a...)
	}
	return own
}

// turned are the rows and columns of a matrix, or of its transpose.
func turned(m []index, transposed bool) (rows, columns index) {
	if transposed {
		return m[1], m[0]
	}
	return m[0], m[1]
}
