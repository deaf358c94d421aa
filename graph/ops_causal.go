package graph

import (
	"fmt"
	"slices"

	"basin/kernel"
)

// CausalSoftmax is the softmax of the first i+1 elements of each row i of the square
// matrices in z (...,T,T), and 0 in the rest of the row.
func (g *Graph) CausalSoftmax(z *Node) *Node { return g.add(opCausalSoftmax, attr{}, z) }

// causalGrad multiplies each row of d by the derivative of CausalSoftmax, a symmetric
// matrix, where its result is p: p (d - <p, d>).
func (g *Graph) causalGrad(p, d *Node) *Node { return g.add(opCausalSoftmaxGrad, attr{}, p, d) }

func causalShape(n *Node) (Shape, error) {
	s := n.args[0].shape
	if k := len(s); k < 2 || s[k-1] != s[k-2] {
		return nil, fmt.Errorf("shape %v does not end in a square matrix", s)
	}
	return s, nil
}

func causalPairShape(n *Node) (Shape, error) {
	p, d := n.args[0].shape, n.args[1].shape
	if !slices.Equal(p, d) {
		return nil, fmt.Errorf("shapes %v and %v are not the same", p, d)
	}
	return causalShape(n)
}

func causalSoftmax[T Float](c *call[T]) {
	kernel.CausalSoftmax(c.out, c.args[0], c.n.shape[len(c.n.shape)-1], 1)
}

func causalSoftmaxGrad[T Float](c *call[T]) {
	kernel.CausalSoftmaxGrad(c.out, c.args[0], c.args[1], c.n.shape[len(c.n.shape)-1], 1)
}

func causalSoftmaxRule(g *Graph, n *Node, _ int, d *Node) *Node { return g.causalGrad(n, d) }

// The op is linear and symmetric in d. In p, which is zero above the diagonal, its
// tangent is c (d - <p, d>) - p <c, d>, and that of the adjoint p <c, d> is d <p, c>;
// what this has above the diagonal meets the derivative of CausalSoftmax, which is zero
// there.
func causalSoftmaxGradJVP(g *Graph, n *Node, i int, c *Node) *Node {
	p, d := n.args[0], n.args[1]
	if i == 1 {
		return g.causalGrad(p, c)
	}
	return g.softmaxTwice(p, c, d)
}

func causalSoftmaxGradVJP(g *Graph, n *Node, i int, c *Node) *Node {
	p, d := n.args[0], n.args[1]
	if i == 1 {
		return g.causalGrad(p, c)
	}
	along := func(a *Node) *Node { return g.lastSum(g.Mul(p, a)) }
	return g.Sub(g.Mul(c, g.Sub(d, along(d))), g.Mul(d, along(c)))
}
