package graph

import (
	"fmt"
	"strings"
)

// deadcode leaves out what no output needs.
func deadcode(p *Program) *Program { return p.rewrite(nil, kept) }

// cse computes once what is computed in the same way twice.
func cse(p *Program) *Program {
	seen := map[string]*Node{}
	return p.rewrite(nil, func(g *Graph, n *Node, args []*Node) *Node {
		if n.row.flags&commutative != 0 && args[0].id > args[1].id {
			args[0], args[1] = args[1], args[0]
		}
		key := expression(n, args)
		have := seen[key]
		if have == nil {
			have = kept(g, n, args)
			seen[key] = have
		}
		return have
	})
}

// expression spells out all on which the value of a node depends.
func expression(n *Node, args []*Node) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %+v", n.op, n.attr)
	for _, a := range args {
		fmt.Fprintf(&b, " %d", a.id)
	}
	return b.String()
}

// ownOutputs gives each output memory of its own, which the caller provides: a copy
// where it is an input, a constant, left in a room, or shares memory with another output.
func ownOutputs(p *Program) *Program {
	q := p.rewrite(nil, kept)
	taken := map[*Node]bool{}
	for i, n := range q.outputs {
		root := n.root()
		if taken[root] || root.op == opInput || root.op == opConst || root.row.flags&aside != 0 {
			q.outputs[i] = q.g.add(opCopy, attr{}, n)
			continue
		}
		taken[root] = true
	}
	return q
}
