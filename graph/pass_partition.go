package graph

// partition cuts long sums, of columns or over the pictures of a convolution, into parts
// that can be computed apart, and adds these up.
func partition(p *Program) *Program {
	return p.rewrite(nil, func(g *Graph, n *Node, args []*Node) *Node {
		if n.op == opConvWeight && n.args[0].shape[0] > convPart {
			return g.Sum(g.add(opConvWeightParts, n.attr, args...), 0)
		}
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
