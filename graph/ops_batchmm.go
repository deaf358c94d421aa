package graph

import (
	"fmt"

	"basin/kernel"
)

// BatchMatMul multiplies the matrices of a stack a with those of a stack b, (B,m,k)
// times (B,k,n), each of them transposed first where ta or tb says so.
func (g *Graph) BatchMatMul(a, b *Node, ta, tb bool) *Node {
	return g.add(opBatchMatMul, attr{ta: ta, tb: tb}, a, b)
}

func batchMatMulShape(n *Node) (Shape, error) {
	a, b := n.args[0].shape, n.args[1].shape
	if len(a) != 3 || len(b) != 3 || a[0] != b[0] {
		return nil, fmt.Errorf("shapes %v and %v are not two stacks of as many matrices", a, b)
	}
	m, k := oriented(a[1:], n.attr.ta)
	kb, cols := oriented(b[1:], n.attr.tb)
	if k != kb {
		return nil, fmt.Errorf("inner lengths differ: %v%s times %v%s", a, prime(n.attr.ta), b, prime(n.attr.tb))
	}
	return Shape{a[0], m, cols}, nil
}

func batchMatMulFlops(n *Node) float64 {
	_, k := oriented(n.args[0].shape[1:], n.attr.ta)
	return 2 * float64(n.shape.Len()) * float64(k)
}

func batchMatMul[T Float](c *call[T]) {
	a, b := c.n.args[0].shape, c.n.args[1].shape
	m, k := oriented(a[1:], c.n.attr.ta)
	n := c.n.shape[2]
	ars, acs := oriented(Shape{a[2], 1}, c.n.attr.ta)
	brs, bcs := oriented(Shape{b[2], 1}, c.n.attr.tb)
	for i := range len(c.out) / (m * n) {
		kernel.MatMul(c.scratch, c.out[i*m*n:][:m*n], n, c.args[0][i*m*k:][:m*k], ars, acs, c.args[1][i*k*n:][:k*n], brs, bcs, m, n, k, false)
	}
}

func batchMatMulVJP(g *Graph, n *Node, i int, d *Node) *Node {
	return productVJP(g.BatchMatMul, n, i, d)
}
