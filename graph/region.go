package graph

import (
	"slices"
	"strings"
)

// A region is elementwise ops over one shape, its space, that are computed together,
// one block of the space after another, so that what passes between them stays in the
// first-level cache. The arguments of the node that has it broadcast to the space.
// Its values are numbered: the arguments, then the ops in order.
type region struct {
	space Shape
	ops   []*Node     // whose arguments are given by args
	args  [][]int     // by op, values
	outs  []regionOut // the node's own value, and what its parts show
}

// A regionOut is a value that is needed outside, or a sum of one.
type regionOut struct {
	value int
	shape Shape
	fold  *Node // the sum that is taken; nil: none
}

// members are all nodes that the region takes the place of.
func (r *region) members() []*Node {
	list := slices.Clone(r.ops)
	for _, o := range r.outs {
		if o.fold != nil {
			list = append(list, o.fold)
		}
	}
	return list
}

// String names the ops.
func (r *region) String() string {
	var names []string
	for _, n := range r.members() {
		names = append(names, n.row.name)
	}
	return strings.Join(names, "+")
}

// stored gives the number of the out that keeps a value as it is; -1 if none does.
func (r *region) stored(value int) int {
	for k, o := range r.outs {
		if o.fold == nil && o.value == value {
			return k
		}
	}
	return -1
}

// overwrites tells whether out k may take the memory of argument j: it is whole, and
// nothing reads it after the move that computes the out.
func (r *region) overwrites(args []*Node, k, j int) bool {
	o := r.outs[k]
	if o.fold != nil || args[j].shape.Len() != r.space.Len() {
		return false
	}
	t := r.tile(args)
	return t.lastReads(r)[j] <= slices.IndexFunc(t.moves, func(m move) bool { return slices.Contains(m.values(), o.value) })
}
