package graph

import "slices"

// fuse joins an op with the only use of its value, where one loop can do both:
// relu(a + b), and a b + c for a product of matrices.
func fuse(p *Program) *Program {
	uses := p.uses()
	only := func(n *Node, op opcode) bool { return n.op == op && uses[n.id] == 1 }
	return p.rewrite(nil, func(g *Graph, n *Node, args []*Node) *Node {
		switch n.op {
		case opReLU:
			if only(n.args[0], opAdd) {
				return g.add(opAddReLU, attr{}, args[0].args...)
			}
		case opAdd:
			for i, m := range n.args {
				c := args[1-i]
				if only(m, opMatMul) && slices.Equal(c.shape, n.shape) {
					return g.add(opMatMulAdd, args[i].attr, args[i].args[0], args[i].args[1], c)
				}
			}
		}
		return kept(g, n, args)
	})
}
