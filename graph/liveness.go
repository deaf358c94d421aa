package graph

import (
	"cmp"
	"slices"
)

// A place is where a buffer is kept.
type place uint8

const (
	inArena  place = iota // at an offset of the workspace
	inInput               // what the caller bound to an input
	inOutput              // what the caller bound to an output
	inConst               // a number of the plan's own
)

// A buffer is memory that holds one node after another, or one under several shapes.
type buffer struct {
	place place
	at    int     // offset, slot, or number of the output
	len   int     // in elements
	value float64 // of a constant
	// In use from the node that first writes it to the last that reads it, both
	// included.
	from, to int
}

// A memory says which buffer holds each node; labels have none.
type memory struct {
	of      []int // by node
	room    []int // by node, the buffer it works in; -1: none
	buffers []buffer
	arena   int // elements that the workspace must have
}

// layOut gives every node its memory. Offsets are multiples of align elements.
func (p *Program) layOut(align int) *memory {
	m := &memory{of: make([]int, len(p.g.nodes)), room: make([]int, len(p.g.nodes))}
	last := p.lastReads()
	outputs := map[*Node]int{}
	for k, n := range p.outputs {
		outputs[n.root()] = k
	}
	for i, n := range p.g.nodes {
		m.room[i] = -1
		if n.row.room != nil {
			m.room[i] = m.add(buffer{len: n.row.room(n), from: i, to: i})
		}
		b := buffer{len: n.shape.Len(), from: i, to: last[i]}
		k, isOutput := outputs[n]
		switch {
		case n.op == opLabels:
			m.of[i] = -1
			continue
		case n.row.flags&view != 0:
			m.of[i] = m.of[n.args[0].id]
			continue
		case n.row.flags&aside != 0:
			m.of[i] = m.room[n.args[0].id]
			m.buffers[m.of[i]].to = last[i]
			continue
		case n.op == opInput:
			b.place, b.at = inInput, n.attr.slot
		case n.op == opConst:
			b.place, b.value = inConst, n.attr.num
		case isOutput:
			b.place, b.at = inOutput, k
		}
		if n.op == opPart { // written with the others of its region
			b.from = n.args[0].id
		}
		if from := m.heir(n); from >= 0 {
			b.from = m.buffers[from].from
			m.buffers[from], m.of[i] = b, from
			continue
		}
		m.of[i] = m.add(b)
	}
	m.pack(align)
	return m
}

func (m *memory) add(b buffer) int {
	m.buffers = append(m.buffers, b)
	return len(m.buffers) - 1
}

// root is the node whose memory n shows, perhaps under another shape.
func (n *Node) root() *Node {
	for n.row.flags&view != 0 {
		n = n.args[0]
	}
	return n
}

// lastReads gives, for each node, the last one that reads its memory; what an
// output shows is read after the end.
func (p *Program) lastReads() []int {
	last := make([]int, len(p.g.nodes))
	for i := range last {
		last[i] = i
	}
	for _, n := range p.outputs {
		last[n.id] = len(last)
	}
	for i, n := range slices.Backward(p.g.nodes) {
		read := i
		if n.row.flags&view != 0 {
			read = last[i]
		}
		for _, a := range n.args {
			last[a.id] = max(last[a.id], read)
		}
	}
	return last
}

// heir finds a buffer that n may write to while it reads it, because nothing reads
// it afterwards: that of an argument of equal size of an elementwise op or of a
// region, or of the last argument of an op that accumulates. It gives -1 if there is
// none.
func (m *memory) heir(n *Node) int {
	writer := n
	if n.op == opPart {
		writer = n.args[0]
	}
	for j, a := range writer.args {
		k := m.of[a.id]
		if k < 0 || m.buffers[k].place != inArena || m.buffers[k].to != writer.id {
			continue
		}
		switch {
		case writer.op == opFused:
			if m.overwrites(writer, n.attr.slot, k) {
				return k
			}
		case n.row.flags&elementwise != 0 && m.buffers[k].len == n.shape.Len():
			return k
		case n.row.flags&accumulates != 0 && j == len(n.args)-1 && !m.read(n.args[:j], k):
			return k
		}
	}
	return -1
}

// overwrites tells whether out k of a region may be written to buffer b, which holds
// some of the arguments.
func (m *memory) overwrites(n *Node, k, b int) bool {
	for j, a := range n.args {
		if m.of[a.id] == b && !n.attr.region.overwrites(n.args, k, j) {
			return false
		}
	}
	return true
}

// read tells whether one of the nodes is held by buffer k.
func (m *memory) read(nodes []*Node, k int) bool {
	return slices.ContainsFunc(nodes, func(n *Node) bool { return m.of[n.id] == k })
}

// pack gives the buffers of the arena their offsets, the largest first, each at the
// lowest place where it meets no other that is in use at the same time.
func (m *memory) pack(align int) {
	var todo, placed []*buffer
	for i := range m.buffers {
		if m.buffers[i].place == inArena {
			todo = append(todo, &m.buffers[i])
		}
	}
	slices.SortStableFunc(todo, func(a, b *buffer) int { return cmp.Compare(b.len, a.len) })
	for _, b := range todo {
		b.at = 0
		for _, o := range placed { // in order of offset
			if o.to < b.from || b.to < o.from {
				continue
			}
			if b.at+b.len <= o.at {
				break
			}
			b.at = max(b.at, (o.at+o.len+align-1)/align*align)
		}
		i, _ := slices.BinarySearchFunc(placed, b, func(x, y *buffer) int { return cmp.Compare(x.at, y.at) })
		placed = slices.Insert(placed, i, b)
		m.arena = max(m.arena, b.at+b.len)
	}
}
