package graph

import (
	"fmt"
	"slices"

	"basin/kernel"
)

// CausalSoftmax is the softmax of the first i+1 elements of each row i of the square
// matrices in z (...,T,T), and 0 in the rest of the row.
func (g *Graph) CausalSoftmax(z *Node) *Node { return g.add(opCausalSoftmax, attr{}, z) }

// CausalSoftmaxGrad multiplies each row of d by the derivative of CausalSoftmax there,
// a symmetric matrix.
func (g *Graph) CausalSoftmaxGrad(z, d *Node) *Node { return g.add(opCausalSoftmaxGrad, attr{}, z, d) }

func causalShape(n *Node) (Shape, error) {
	s := n.args[0].shape
	if k := len(s); k < 2 || s[k-1] != s[k-2] {
		return nil, fmt.Errorf("shape %v does not end in a square matrix", s)
	}
	return s, nil
}

func causalPairShape(n *Node) (Shape, error) {
	z, d := n.args[0].shape, n.args[1].shape
	if !slices.Equal(z, d) {
		return nil, fmt.Errorf("shapes %v and %v are not the same", z, d)
	}
	return causalShape(n)
}

func causalSoftmax[T Float](c *call[T]) {
	kernel.CausalSoftmax(c.out, c.args[0], c.n.shape[len(c.n.shape)-1], 1)
}

func causalSoftmaxGrad[T Float](c *call[T]) {
	n := c.n.shape[len(c.n.shape)-1]
	for at := 0; at < len(c.out); at += n {
		row, valid := c.out[at:][:n], at/n%n+1
		kernel.SoftmaxGrad(row[:valid], c.args[0][at:][:valid], c.args[1][at:][:valid], valid)
		clear(row[valid:])
	}
}

func causalSoftmaxRule(g *Graph, n *Node, _ int, d *Node) *Node {
	return g.CausalSoftmaxGrad(n.args[0], d)
}

func causalSoftmaxGradRule(g *Graph, n *Node, i int, c *Node) *Node {
	z, d := n.args[0], n.args[1]
	dp := g.CausalSoftmaxGrad(z, c)
	if i == 1 {
		return dp
	}
	return g.softmaxTwice(g.CausalSoftmax(z), dp, d)
}
