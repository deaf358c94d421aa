package graph

import (
	"fmt"

	"basin/kernel"
)

// Embed gives the rows of a table that tokens name: row i is table[tokens[i]].
func (g *Graph) Embed(table, tokens *Node) *Node { return g.add(opEmbed, attr{}, table, tokens) }

// EmbedGrad is the adjoint of Embed: row v of its v rows is the sum of the rows of d
// whose token is v, added in their order.
func (g *Graph) EmbedGrad(d, tokens *Node, v int) *Node {
	return g.add(opEmbedGrad, attr{width: v}, d, tokens)
}

func embedShape(n *Node) (Shape, error) {
	table, tokens := n.args[0].shape, n.args[1].shape
	if len(table) != 2 {
		return nil, fmt.Errorf("table %v is no matrix, tokens %v", table, tokens)
	}
	return Shape{tokens[0], table[1]}, nil
}

func embedGradShape(n *Node) (Shape, error) {
	d, tokens := n.args[0].shape, n.args[1].shape
	if len(d) != 2 || d[0] != tokens[0] || n.attr.width < 1 {
		return nil, fmt.Errorf("rows of %v and tokens %v do not pair in a table of %d", d, tokens, n.attr.width)
	}
	return Shape{n.attr.width, d[1]}, nil
}

func embed[T Float](c *call[T]) { kernel.GatherRows(c.out, c.args[0], c.labels, c.n.shape[1]) }

func embedGrad[T Float](c *call[T]) {
	clear(c.out)
	kernel.ScatterRows(c.out, c.args[0], c.labels, c.n.shape[1])
}

func embedVJP(g *Graph, n *Node, _ int, d *Node) *Node {
	return g.EmbedGrad(d, n.args[1], n.args[0].shape[0])
}

func embedGradVJP(g *Graph, n *Node, _ int, d *Node) *Node { return g.Embed(d, n.args[1]) }
