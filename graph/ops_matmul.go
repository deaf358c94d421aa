package graph

import (
	"fmt"

	"basin/kernel"
)

// MatMul is the product of the matrices a and b, either of them transposed first
// where ta or tb says so. Nothing is copied to transpose it.
func (g *Graph) MatMul(a, b *Node, ta, tb bool) *Node {
	return g.add(opMatMul, attr{ta: ta, tb: tb}, a, b)
}

// product gives the sizes of an m x k by k x n product.
func product(n *Node) (m, cols, k int, err error) {
	a, b := n.args[0].shape, n.args[1].shape
	if len(a) != 2 || len(b) != 2 {
		return 0, 0, 0, fmt.Errorf("shapes %v and %v are not both matrices", a, b)
	}
	m, k = oriented(a, n.attr.ta)
	kb, cols := oriented(b, n.attr.tb)
	if k != kb {
		return 0, 0, 0, fmt.Errorf("inner lengths differ: %v%s times %v%s", a, prime(n.attr.ta), b, prime(n.attr.tb))
	}
	return m, cols, k, nil
}

func oriented(s Shape, transposed bool) (rows, cols int) {
	if transposed {
		return s[1], s[0]
	}
	return s[0], s[1]
}

func prime(transposed bool) string {
	if transposed {
		return "'"
	}
	return ""
}

func matMulShape(n *Node) (Shape, error) {
	m, cols, _, err := product(n)
	return Shape{m, cols}, err
}

// matmul_add has a third argument, to which the product is added.
func matMulAddShape(n *Node) (Shape, error) {
	s, err := matMulShape(n)
	if c := n.args[2].shape; err == nil && (len(c) != 2 || c[0] != s[0] || c[1] != s[1]) {
		return nil, fmt.Errorf("product %v added to %v", s, c)
	}
	return s, err
}

func matMulFlops(n *Node) float64 {
	_, _, k, _ := product(n)
	return 2 * float64(n.shape.Len()) * float64(k)
}

func matMul[T Float](c *call[T]) {
	a, b := c.n.args[0].shape, c.n.args[1].shape
	m, k := oriented(a, c.n.attr.ta)
	n := c.n.shape[1]
	ars, acs := oriented(Shape{a[1], 1}, c.n.attr.ta)
	brs, bcs := oriented(Shape{b[1], 1}, c.n.attr.tb)
	adds := len(c.args) == 3
	if adds && &c.out[0] != &c.args[2][0] {
		copy(c.out, c.args[2])
	}
	kernel.MatMul(c.scratch, c.out, n, c.args[0], ars, acs, c.args[1], brs, bcs, m, n, k, adds)
}

func matMulVJP(g *Graph, n *Node, i int, d *Node) *Node { return productVJP(g.MatMul, n, i, d) }

// productVJP is the rule of a product of matrices, or of stacks of them: the four
// cases of dA = dC op(B)' and dB = op(A)' dC, transposed where the factor is.
func productVJP(times func(a, b *Node, ta, tb bool) *Node, n *Node, i int, d *Node) *Node {
	a, b, ta, tb := n.args[0], n.args[1], n.attr.ta, n.attr.tb
	switch {
	case i == 0 && !ta:
		return times(d, b, false, !tb)
	case i == 0:
		return times(b, d, tb, true)
	case !tb:
		return times(a, d, !ta, false)
	default:
		return times(d, a, true, ta)
	}
}
