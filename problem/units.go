package problem

// A UnitGroup is hidden units that can be renumbered: any permutation of the N indices,
// made along all of its axes at once, leaves the function of the parameters as it is.
// Groups are independent of one another.
type UnitGroup struct {
	N    int
	Axes []UnitAxis // no block twice
}

// A UnitAxis says where a block has the units of a group: the entries
//
//	(o N + u) Inner + i, i = 0..Inner-1, o = 0, 1, ...
//
// belong to unit u. Rows of a matrix have its columns for Inner, columns have 1. A layer
// that sees flattened pictures has the channels along a part of an axis.
type UnitAxis struct {
	Block int // of the layout
	Inner int
}

// A Symmetric objective knows hidden units whose numbers mean nothing. What evaluation
// needs beside the parameters, State, must be calibrated anew with them.
type Symmetric interface {
	// Units lists the groups, in the order of the blocks in which they are first. There
	// may be more symmetries than these.
	Units() []UnitGroup
}

// Renumber sets dst to x with unit order[k] of the group in the place of unit k. The
// two must not overlap.
func (g *UnitGroup) Renumber(l *Layout, dst, x []float64, order []int) {
	copy(dst, x)
	for _, a := range g.Axes {
		to, from := View(dst, l.Blocks[a.Block]), View(x, l.Blocks[a.Block])
		for o := 0; o < len(to); o += g.N * a.Inner {
			for k, u := range order {
				copy(to[o+k*a.Inner:][:a.Inner], from[o+u*a.Inner:])
			}
		}
	}
}
