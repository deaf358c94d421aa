package graph

import (
	"slices"
)

// simplify replaces expressions by cheaper ones of equal value, for finite numbers.
func simplify(p *Program) *Program { return p.rewrite(simpler, kept) }

// simpler gives a node of the same value and shape, or nil.
func simpler(g *Graph, n *Node) *Node {
	if n.row.flags&elementwise != 0 {
		if m := absorbed(g, n); m != nil {
			return m
		}
		if m := folded(g, n); m != nil {
			return m
		}
	}
	switch n.op {
	case opAdd, opSub, opMul, opDiv, opGate:
		return simplerPair(g, n)
	case opSum:
		return simplerSum(g, n)
	case opBroadcast, opReshape, opTranspose:
		return simplerArray(g, n)
	case opMatMul:
		return simplerMatMul(g, n)
	case opConv, opConvInput, opConvWeight:
		return simplerProduct(g, n)
	}
	return nil
}

// absorbed moves a repetition behind an elementwise op, f(broadcast(x)) to
// broadcast(f(x)), and leaves it out where another argument brings it about. A number
// in the shape (1,...,1) counts as one repeated.
func absorbed(g *Graph, n *Node) *Node {
	for i, a := range n.args {
		if a.op != opBroadcast && !(a.op == opReshape && len(a.args[0].shape) == 0) {
			continue
		}
		args := slices.Clone(n.args)
		args[i] = a.args[0]
		return g.Broadcast(g.add(n.op, n.attr, args...), n.shape...)
	}
	return nil
}

// folded computes an elementwise op of constants.
func folded(g *Graph, n *Node) *Node {
	for _, a := range n.args {
		if a.op != opConst {
			return nil
		}
	}
	c := newCall[float64](n)
	c.out = make([]float64, 1)
	for i, a := range n.args {
		c.args[i] = []float64{a.attr.num}
	}
	n.row.value.f64(&c)
	return g.Const(c.out[0])
}

// is tells whether n is the constant v.
func (n *Node) is(v float64) bool { return n.op == opConst && n.attr.num == v }

// scaled gives c and x where n is c x, for a number c; else x is nil.
func (n *Node) scaled() (c float64, x *Node) {
	if n.op == opMul {
		for i, a := range n.args {
			if a.op == opConst {
				return a.attr.num, n.args[1-i]
			}
		}
	}
	return 0, nil
}

// negated gives x where n is -x.
func (n *Node) negated() *Node {
	if c, x := n.scaled(); c == -1 {
		return x
	}
	return nil
}
