package graph

import "slices"

// An Entry is a node of a program as people are shown it.
type Entry struct {
	Name    string // as in Program.String
	Op      string // with what it knows beside its arguments
	Args    []string
	Scope   string
	Shape   Shape
	Flops   float64
	Runs    bool     // whether it is computed by itself
	Given   bool     // whether it is an input or a constant
	View    bool     // whether it shows the memory of its argument
	Output  bool     // whether the caller is given it
	Members []string // of a fused node, its ops in order
}

// Entries lists the nodes in order.
func (p *Program) Entries() []Entry {
	var list []Entry
	for _, n := range p.g.nodes {
		e := Entry{
			Name: n.tag(), Op: n.describe(), Scope: n.scope, Shape: n.shape,
			Runs: n.row.value.f64 != nil, Given: n.row.arity == 0 && n.op != opNoise, View: n.row.flags&view != 0, Output: slices.Contains(p.outputs, n),
		}
		for _, a := range n.args {
			e.Args = append(e.Args, a.tag())
		}
		if n.row.flops != nil {
			e.Flops = n.row.flops(n)
		}
		if r := n.attr.region; r != nil {
			for _, m := range r.members() {
				e.Members = append(e.Members, m.row.name)
			}
		}
		list = append(list, e)
	}
	return list
}

// An Extent is a part of a workspace and what it holds, one node after another, from
// the node that first writes it to the last that reads it. Lengths are in elements.
type Extent struct {
	Offset, Len int
	From, To    int // places in Entries, both included
	Holds       []string
}

// Memory gives the workspace that a plan of the program needs, and how it is used. The
// program must be the last of Stages.
func (p *Program) Memory() (extents []Extent, size int) {
	m := p.layOut(lineElements)
	of := make([]int, len(m.buffers))
	for i, b := range m.buffers {
		if of[i] = -1; b.place == inArena && b.len > 0 {
			of[i] = len(extents)
			extents = append(extents, Extent{Offset: b.at, Len: b.len, From: b.from, To: min(b.to, len(p.g.nodes)-1)})
		}
	}
	hold := func(buffer int, n *Node) {
		if buffer >= 0 && of[buffer] >= 0 {
			e := &extents[of[buffer]]
			e.Holds = append(e.Holds, n.tag())
		}
	}
	for i, n := range p.g.nodes {
		if n.row.flags&view == 0 {
			hold(m.of[i], n)
		}
		hold(m.room[i], n)
	}
	return extents, m.arena
}
