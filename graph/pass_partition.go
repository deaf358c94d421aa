package graph

// partition cuts long sums of columns into parts that can be added up apart.
func partition(p *Program) *Program {
	return p.rewrite(nil, func(g *Graph, n *Node, args []*Node) *Node {
		if n.op != opSum {
			return kept(g, n, args)
		}
		rows, cols, ok := columns(n)
		if !ok || partsOf(rows, cols) == 1 {
			return kept(g, n, args)
		}
		parts := g.add(opSumParts, attr{num: 1, axes: n.attr.axes}, args...)
		return g.add(opSum, attr{num: n.attr.num, axes: []int{0}}, parts)
	})
}
