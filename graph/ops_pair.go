package graph

import "fmt"

// Elementwise ops of two arrays broadcast as numpy's do.

// Add is a + b.
func (g *Graph) Add(a, b *Node) *Node { return g.add(opAdd, attr{}, a, b) }

// Sub is a - b.
func (g *Graph) Sub(a, b *Node) *Node { return g.add(opSub, attr{}, a, b) }

// Mul is a * b, element by element.
func (g *Graph) Mul(a, b *Node) *Node { return g.add(opMul, attr{}, a, b) }

// Div is a / b.
func (g *Graph) Div(a, b *Node) *Node { return g.add(opDiv, attr{}, a, b) }

// Gate is a where y > 0, else 0. It is constant in y.
func (g *Graph) Gate(a, y *Node) *Node { return g.add(opGate, attr{}, a, y) }

// Scale is c a.
func (g *Graph) Scale(c float64, a *Node) *Node { return g.Mul(a, g.Const(c)) }

// Neg is -a.
func (g *Graph) Neg(a *Node) *Node { return g.Scale(-1, a) }

func pairShape(n *Node) (Shape, error) {
	a, b := n.args[0].shape, n.args[1].shape
	s, ok := broadcast(a, b)
	if !ok {
		return nil, fmt.Errorf("shapes %v and %v do not broadcast", a, b)
	}
	return s, nil
}

func pairWalk(n *Node) *walk {
	return newWalk(n.shape, n.shape.strides(), n.args[0].shape.spread(n.shape), n.args[1].shape.spread(n.shape))
}

func addJVP(g *Graph, n *Node, _ int, d *Node) *Node { return g.Broadcast(d, n.shape...) }

func addVJP(g *Graph, n *Node, i int, d *Node) *Node { return g.sumTo(d, n.args[i].shape) }

func subJVP(g *Graph, n *Node, i int, d *Node) *Node {
	if i == 1 {
		d = g.Neg(d)
	}
	return g.Broadcast(d, n.shape...)
}

func subVJP(g *Graph, n *Node, i int, d *Node) *Node {
	d = g.sumTo(d, n.args[i].shape)
	if i == 1 {
		d = g.Neg(d)
	}
	return d
}

// replaced is the tangent of an op that is linear in argument i: the op itself.
func replaced(g *Graph, n *Node, i int, d *Node) *Node {
	args := make([]*Node, len(n.args))
	copy(args, n.args)
	args[i] = d
	return g.add(n.op, n.attr, args...)
}

func mulVJP(g *Graph, n *Node, i int, d *Node) *Node {
	return g.sumTo(g.Mul(d, n.args[1-i]), n.args[i].shape)
}

// (a/b)' = a'/b - (a/b) b'/b
func divJVP(g *Graph, n *Node, i int, d *Node) *Node {
	q := g.Div(d, n.args[1])
	if i == 1 {
		q = g.Neg(g.Mul(q, n))
	}
	return g.Broadcast(q, n.shape...)
}

func divVJP(g *Graph, n *Node, i int, d *Node) *Node {
	q := g.Div(d, n.args[1])
	if i == 1 {
		q = g.Neg(g.Mul(q, n))
	}
	return g.sumTo(q, n.args[i].shape)
}

func gateVJP(g *Graph, n *Node, _ int, d *Node) *Node {
	return g.sumTo(g.Gate(d, n.args[1]), n.args[0].shape)
}
