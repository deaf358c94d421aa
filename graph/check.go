package graph

import (
	"fmt"
	"slices"
)

// check tells which invariant of programs is broken: a node has its id as place, an
// op with as many arguments as its row says, all of them before it, and the shape
// that its row gives; what shows a room is of a node that has one; each slot has one
// input; outputs are nodes of the program.
func (p *Program) check() error {
	if err := p.g.Err(); err != nil {
		return err
	}
	slots := map[int]int{}
	for i, n := range p.g.nodes {
		if n.id != i || n.op == opInvalid || n.op >= numOps || n.row != &p.g.table[n.op] {
			return fmt.Errorf("node %d is malformed: %v", i, n)
		}
		if n.row.arity >= 0 && len(n.args) != n.row.arity {
			return fmt.Errorf("v%d: %s has %d arguments", i, n.row.name, len(n.args))
		}
		for _, a := range n.args {
			if a.id >= i || p.g.nodes[a.id] != a {
				return fmt.Errorf("v%d: argument %v does not come before it", i, a)
			}
		}
		if s, err := n.row.shape(n); err != nil || !slices.Equal(s, n.shape) {
			return fmt.Errorf("v%d: %s of shape %v, its row gives %v, %v", i, n.row.name, n.shape, s, err)
		}
		if n.row.flags&aside != 0 && n.args[0].row.room == nil {
			return fmt.Errorf("v%d: %s of %v, which has no room", i, n.row.name, n.args[0])
		}
		if n.op == opInput || n.op == opLabels {
			if j, twice := slots[n.attr.slot]; twice {
				return fmt.Errorf("v%d and v%d are the same input", j, i)
			}
			slots[n.attr.slot] = i
		}
	}
	for _, n := range p.outputs {
		if n.id >= len(p.g.nodes) || p.g.nodes[n.id] != n {
			return fmt.Errorf("output %v is no node of the program", n)
		}
	}
	return nil
}
