package graph

import "slices"

// fuse joins an op with the only use of its value, where one loop can do both:
// relu(a + b), the slope of gelu, and a b + c for a product of matrices; and a
// cross-entropy with its gradient, which are made of the same exponentials.
func fuse(p *Program) *Program {
	uses := p.uses()
	only := func(n *Node, op opcode) bool { return n.op == op && uses[n.id] == 1 }
	graded := p.graded()
	return p.rewrite(nil, func(g *Graph, n *Node, args []*Node) *Node {
		switch n.op {
		case opCrossEntropy, opCrossEntropyGrad:
			both, ok := graded[[2]*Node(n.args)]
			if !ok {
				break
			}
			if both == nil {
				both = g.add(opCrossEntropyBoth, attr{}, args...)
				graded[[2]*Node(n.args)] = both
			}
			if n.op == opCrossEntropyGrad {
				return g.add(opGradLeft, attr{}, both)
			}
			return both
		case opReLU:
			if only(n.args[0], opAdd) {
				return g.add(opAddReLU, attr{}, args[0].args...)
			}
		case opAdd:
			if cdf := slopeOfGELU(n, only); cdf >= 0 {
				return g.add(opGELUSlope, attr{}, args[cdf].args...)
			}
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

// slopeOfGELU tells which argument is normcdf(x), where n is normcdf(x) + x normpdf(x) and
// has the only use of its parts; -1 elsewhere.
func slopeOfGELU(n *Node, only func(*Node, opcode) bool) int {
	for i, cdf := range n.args {
		product := n.args[1-i]
		if !only(cdf, opNormCDF) || !only(product, opMul) {
			continue
		}
		for j, density := range product.args {
			if x := cdf.args[0]; product.args[1-j] == x && only(density, opNormPDF) && density.args[0] == x {
				return i
			}
		}
	}
	return -1
}

// graded has the arguments of which both the cross-entropy and its gradient are needed.
func (p *Program) graded() map[[2]*Node]*Node {
	losses, graded := map[[2]*Node]bool{}, map[[2]*Node]*Node{}
	for _, n := range p.g.nodes {
		if n.op == opCrossEntropy {
			losses[[2]*Node(n.args)] = true
		}
	}
	for _, n := range p.g.nodes {
		if n.op == opCrossEntropyGrad && losses[[2]*Node(n.args)] {
			graded[[2]*Node(n.args)] = nil
		}
	}
	return graded
}
