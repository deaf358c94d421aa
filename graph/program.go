package graph

import (
	"fmt"
	"strings"
)

// A Program is the part of a graph that some outputs need, on its way to a plan.
type Program struct {
	g       *Graph
	outputs []*Node
}

// newProgram copies what the outputs need, so that passes leave the graph alone.
func newProgram(g *Graph, outputs []*Node) *Program {
	return (&Program{g, outputs}).rewrite(nil, kept)
}

// rewrite copies the program, node by node after their arguments; f gives what
// takes the place of n, whose arguments are already replaced by args, and reduce, if
// given, what takes the place of any node made. Nodes that no output needs are left
// out.
func (p *Program) rewrite(reduce func(g *Graph, n *Node) *Node, f func(g *Graph, n *Node, args []*Node) *Node) *Program {
	q := New()
	q.inputs, q.reduce = p.g.inputs, reduce
	by := make([]*Node, len(p.g.nodes))
	for id, needed := range p.g.below(p.outputs, len(p.g.nodes)) {
		if !needed {
			continue
		}
		n := p.g.nodes[id]
		q.scope = n.scope
		by[id] = f(q, n, replace(n.args, by))
	}
	q.scope, q.reduce = "", nil
	return &Program{q, replace(p.outputs, by)}
}

func replace(nodes, by []*Node) []*Node {
	out := make([]*Node, len(nodes))
	for i, n := range nodes {
		out[i] = by[n.id]
	}
	return out
}

// kept replaces a node by itself.
func kept(g *Graph, n *Node, args []*Node) *Node { return g.add(n.op, n.attr, args...) }

// uses counts how often each node is an argument or an output.
func (p *Program) uses() []int {
	count := make([]int, len(p.g.nodes))
	for _, n := range p.g.nodes {
		for _, a := range n.args {
			count[a.id]++
		}
	}
	for _, n := range p.outputs {
		count[n.id]++
	}
	return count
}

// String lists the nodes, one a line: "v7 = matmul b' v3 v5 : (128,64)  # layer2".
func (p *Program) String() string {
	var b strings.Builder
	for _, n := range p.g.nodes {
		fmt.Fprintf(&b, "%s = %s", n.tag(), n.describe())
		for _, a := range n.args {
			fmt.Fprintf(&b, " %s", a.tag())
		}
		fmt.Fprintf(&b, " : %v", n.shape)
		if n.scope != "" {
			fmt.Fprintf(&b, "  # %s", n.scope)
		}
		b.WriteByte('\n')
	}
	b.WriteString("outputs")
	for _, n := range p.outputs {
		fmt.Fprintf(&b, " %s", n.tag())
	}
	return b.String() + "\n"
}

// tag is what a node is called.
func (n *Node) tag() string { return fmt.Sprintf("v%d", n.id) }

// describe is the op with what it knows beside its arguments.
func (n *Node) describe() string {
	a := n.attr
	s := n.row.name
	if a.name != "" {
		s += " " + a.name
	}
	if a.axes != nil {
		s += strings.ReplaceAll(fmt.Sprint(a.axes), " ", ",")
	}
	if a.ta {
		s += " a'"
	}
	if a.tb {
		s += " b'"
	}
	if a.heads > 0 {
		s += fmt.Sprintf(" %d heads", a.heads)
	}
	if a.parts > 1 {
		s += fmt.Sprintf(" part %d/%d", a.part+1, a.parts)
	}
	if a.num != 0 && !((n.op == opSum || n.op == opSumParts) && a.num == 1) || n.op == opConst || n.op == opPow {
		s += fmt.Sprintf(" %g", a.num)
	}
	if a.region != nil {
		s += " " + a.region.String()
	}
	if n.op == opPart {
		s += fmt.Sprintf(" %d", a.slot)
	}
	return s
}
