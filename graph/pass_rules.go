package graph

import "slices"

// The rules of simplify: each gives a cheaper node of the same value, or nil.

func simplerPair(g *Graph, n *Node) *Node {
	a, b := n.args[0], n.args[1]
	if n.op == opMul && a.op == opConst || n.op == opAdd && a.is(0) {
		a, b = b, a
	}
	zero := func() *Node { return g.Broadcast(g.Const(0), n.shape...) }
	switch n.op {
	case opAdd:
		switch {
		case b.is(0):
			return a
		case b.negated() != nil:
			return g.Sub(a, b.negated())
		case a.negated() != nil:
			return g.Sub(b, a.negated())
		}
	case opSub:
		switch {
		case b.is(0):
			return a
		case a.is(0):
			return g.Neg(b)
		case b.negated() != nil:
			return g.Add(a, b.negated())
		}
	case opMul:
		switch {
		case b.is(0):
			return zero()
		case b.is(1):
			return a
		case b.op == opConst:
			if c, x := a.scaled(); x != nil {
				return g.Scale(c*b.attr.num, x)
			}
			return nil
		}
		// Factors move outwards, where they meet.
		for i, m := range n.args {
			if c, x := m.scaled(); x != nil && slices.Equal(m.shape, n.shape) {
				return g.Scale(c, g.Mul(x, n.args[1-i]))
			}
		}
	case opDiv:
		switch {
		case a.is(0):
			return zero()
		case b.is(1):
			return a
		}
	case opGate:
		if a.is(0) {
			return zero()
		}
	}
	return nil
}

func simplerSum(g *Graph, n *Node) *Node {
	a := n.args[0]
	count := a.shape.Len() / n.shape.Len()
	switch {
	case count == 1:
		return g.Scale(n.attr.num, g.Reshape(a, n.shape...))
	case a.op == opBroadcast && a.args[0].shape.Len() == 1:
		one := g.Reshape(a.args[0])
		return g.Broadcast(g.Scale(n.attr.num*float64(count), one), n.shape...)
	}
	if c, x := a.scaled(); x != nil {
		return g.sum(x, n.attr.num*c, n.attr.axes)
	}
	return nil
}

func simplerArray(g *Graph, n *Node) *Node {
	a := n.args[0]
	switch {
	case slices.Equal(a.shape, n.shape) && (n.op != opTranspose || slices.IsSorted(n.attr.axes)):
		return a
	case n.op == opTranspose && a.op == opTranspose:
		axes := make([]int, len(n.attr.axes))
		for i, k := range n.attr.axes {
			axes[i] = a.attr.axes[k]
		}
		return g.Transpose(a.args[0], axes...)
	case n.op == opBroadcast && a.shape.Len() == n.shape.Len():
		return g.Reshape(a, n.shape...)
	case n.op == opTranspose:
		return nil
	case n.op == a.op:
		return g.add(n.op, n.attr, a.args[0])
	case n.op == opReshape && a.op == opBroadcast && a.args[0].shape.Len() == 1:
		return g.Broadcast(g.Reshape(a.args[0]), n.shape...)
	case n.op == opBroadcast && a.op == opReshape && len(a.args[0].shape) == 0:
		return g.Broadcast(a.args[0], n.shape...)
	}
	return nil
}

// simplerProduct is for ops that are linear in each argument.
func simplerProduct(g *Graph, n *Node) *Node {
	for _, f := range n.args {
		if f.op == opBroadcast && f.args[0].is(0) {
			return g.Broadcast(f.args[0], n.shape...)
		}
	}
	return nil
}

func simplerMatMul(g *Graph, n *Node) *Node {
	if zero := simplerProduct(g, n); zero != nil {
		return zero
	}
	a, b := n.args[0], n.args[1]
	// A transposed matrix that is not the matrix itself has the order (1, 0).
	ta, tb := a.op == opTranspose, b.op == opTranspose
	if !ta && !tb {
		return nil
	}
	if ta {
		a = a.args[0]
	}
	if tb {
		b = b.args[0]
	}
	return g.MatMul(a, b, n.attr.ta != ta, n.attr.tb != tb)
}
