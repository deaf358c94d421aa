package main

import (
	"slices"

	"github.com/mmcloughlin/avo/ir"
)

// weave emits what emit does for each of n vectors, to be woven instruction by
// instruction: a processor looks only so far ahead for work that waits on nothing, and
// in a chain of dependent operations on one vector there is none.
func (u *unit) weave(n int, emit func(i int)) {
	u.Comment(weaveStart)
	for i := range n {
		if i > 0 {
			u.Comment(weaveNext)
		}
		emit(i)
	}
	u.Comment(weaveEnd)
}

// Marks between the strands, which woven removes.
const (
	weaveStart = "weave"
	weaveNext  = "strand"
	weaveEnd   = "woven"
)

// woven takes an instruction of each strand in turn.
func woven(nodes []ir.Node) []ir.Node {
	var out []ir.Node
	var strands [][]ir.Node
	for _, n := range nodes {
		switch c, _ := n.(*ir.Comment); {
		case c != nil && slices.Equal(c.Lines, []string{weaveStart}), c != nil && slices.Equal(c.Lines, []string{weaveNext}):
			strands = append(strands, nil)
		case c != nil && slices.Equal(c.Lines, []string{weaveEnd}):
			for i := 0; i < len(slices.MaxFunc(strands, func(a, b []ir.Node) int { return len(a) - len(b) })); i++ {
				for _, s := range strands {
					if i < len(s) {
						out = append(out, s[i])
					}
				}
			}
			strands = nil
		case strands != nil:
			last := len(strands) - 1
			strands[last] = append(strands[last], n)
		default:
			out = append(out, n)
		}
	}
	return out
}
