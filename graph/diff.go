package graph

import (
	"fmt"
	"slices"
)

// Gradient gives the derivative of y, which has one element, with respect to each
// of wrt. These may be any nodes that y is made of, one of another too.
func (g *Graph) Gradient(y *Node, wrt ...*Node) []*Node {
	if y.ok() && len(y.shape) != 0 {
		y = g.errorf("gradient", "%v is no scalar", y)
	}
	return g.Cotangent([]*Node{y}, []*Node{g.Const(1)}, wrt)
}

// Cotangent gives J'dy for the Jacobian J of ys with respect to xs: the gradient of
// the inner product of ys and dys (reverse accumulation).
func (g *Graph) Cotangent(ys, dys, xs []*Node) []*Node {
	if bad := g.unfit("cotangent", ys, dys, xs); bad != nil {
		return slices.Repeat([]*Node{bad}, len(xs))
	}
	defer g.Scope(g.scope)
	size := len(g.nodes)
	adjoint := make([]*Node, size)
	sum := func(n, d *Node) {
		if have := adjoint[n.id]; have != nil {
			d = g.Add(have, d)
		}
		adjoint[n.id] = d
	}
	for i, y := range ys {
		sum(y, dys[i])
	}
	varies := g.above(xs, size)
	for id := size - 1; id >= 0; id-- {
		n, d := g.nodes[id], adjoint[id]
		if d == nil || !varies[id] {
			continue
		}
		g.scope = n.scope
		for i, a := range n.args {
			if varies[a.id] && n.row.flat>>i&1 == 0 {
				sum(a, n.row.vjp(g, n, i, d))
			}
		}
	}
	return g.filled(xs, adjoint)
}

// Tangent gives J dx for the Jacobian J of ys with respect to xs: the rate of change
// of ys as xs, each taken as independent of the others, move along dxs (forward
// accumulation).
func (g *Graph) Tangent(ys, xs, dxs []*Node) []*Node {
	if bad := g.unfit("tangent", xs, dxs, ys); bad != nil {
		return slices.Repeat([]*Node{bad}, len(ys))
	}
	defer g.Scope(g.scope)
	size := len(g.nodes)
	tangent := make([]*Node, size)
	for i, x := range xs {
		tangent[x.id] = dxs[i]
	}
	for id, needed := range g.below(ys, size) {
		n := g.nodes[id]
		if !needed || tangent[id] != nil {
			continue
		}
		g.scope = n.scope
		for i, a := range n.args {
			if tangent[a.id] == nil || n.row.flat>>i&1 != 0 {
				continue
			}
			d := n.row.jvp(g, n, i, tangent[a.id])
			if have := tangent[id]; have != nil {
				d = g.Add(have, d)
			}
			tangent[id] = d
		}
	}
	return g.filled(ys, tangent)
}

// filled gives the derivative of each node, zero where there is none.
func (g *Graph) filled(nodes, of []*Node) []*Node {
	out := make([]*Node, len(nodes))
	for i, n := range nodes {
		if out[i] = of[n.id]; out[i] == nil {
			out[i] = g.Broadcast(g.Const(0), n.shape...)
		}
	}
	return out
}

// unfit gives a node that could not be made if one of the nodes is, or if the
// shapes of the directions are not those of the nodes that move along them.
func (g *Graph) unfit(what string, nodes, directions, others []*Node) *Node {
	if len(nodes) != len(directions) {
		panic("graph: as many directions are needed as nodes")
	}
	for _, n := range slices.Concat(nodes, directions, others) {
		if !n.ok() {
			return n
		}
	}
	for i, n := range nodes {
		if d := directions[i]; !slices.Equal(n.shape, d.shape) {
			return g.errorf(what, "%v along %v, which has another shape", n, d)
		}
	}
	return nil
}

// above marks the nodes that depend on xs, among the first size.
func (g *Graph) above(xs []*Node, size int) []bool {
	marks := make([]bool, size)
	for _, x := range xs {
		marks[x.id] = true
	}
	for id, n := range g.nodes[:size] {
		for _, a := range n.args {
			marks[id] = marks[id] || marks[a.id]
		}
	}
	return marks
}

// below marks the nodes that ys depend on, among the first size.
func (g *Graph) below(ys []*Node, size int) []bool {
	marks := make([]bool, size)
	for _, y := range ys {
		marks[y.id] = true
	}
	for id := size - 1; id >= 0; id-- {
		if marks[id] {
			for _, a := range g.nodes[id].args {
				marks[a.id] = true
			}
		}
	}
	return marks
}

func (n *Node) String() string {
	if n.attr.name != "" {
		return fmt.Sprintf("%s %v", n.attr.name, n.shape)
	}
	return fmt.Sprintf("v%d %v", n.id, n.shape)
}
