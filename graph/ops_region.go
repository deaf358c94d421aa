package graph

import (
	"fmt"
	"slices"

	"basin/kernel"
)

func fusedShape(n *Node) (Shape, error) {
	r := n.attr.region
	for i, a := range n.args {
		if s, ok := broadcast(a.shape, r.space); !ok || !slices.Equal(s, r.space) {
			return nil, fmt.Errorf("argument %d of shape %v does not broadcast to %v", i+1, a.shape, r.space)
		}
	}
	if r.tile(n.args) == nil {
		return nil, fmt.Errorf("there is no way through %v", r.space)
	}
	return r.outs[0].shape, nil
}

// part is an out of a region beside the first.
func partShape(n *Node) (Shape, error) {
	r := n.args[0].attr.region
	if r == nil || n.attr.slot < 1 || n.attr.slot >= len(r.outs) {
		return nil, fmt.Errorf("%v has no part %d", n.args[0], n.attr.slot)
	}
	return r.outs[n.attr.slot].shape, nil
}

func fusedFlops(n *Node) (sum float64) {
	for _, op := range n.attr.region.members() {
		if op.row.flops != nil {
			sum += op.row.flops(op)
		}
	}
	return sum
}

func fusedParts(n *Node) int {
	t := n.attr.region.tile(n.args)
	return (t.rows + t.part - 1) / t.part
}

func fusedRegisters(n *Node) int {
	t := n.attr.region.tile(n.args)
	return t.registers*t.block*t.cols + len(n.attr.region.outs)*beside(t.cols)*t.cols
}

// sums is the room in which out k, a sum of parts, is added up.
func (c *call[T]) sums(k int) []T {
	t := c.tiling
	n := beside(t.cols) * t.cols
	return c.own[t.registers*t.block*t.cols+k*n:][:n]
}

// A desk is what a region needs to compute a block: the values there, and the call of
// one op on them.
type desk[T Float] struct {
	values [][]T
	op     call[T]
	flat   *walk
}

// fusedLoop computes parts c.lo to c.hi of a region.
func fusedLoop[T Float](c *call[T]) {
	r, t, d := c.n.attr.region, c.tiling, c.desk
	d.values = d.values[:0]
	size := t.block * t.cols
	for v, k := range t.register {
		var held []T
		if k >= 0 {
			held = c.own[k*size:][:size]
		}
		if v < len(t.loads) && t.loads[v].kind == still {
			arrange(t, &t.loads[v], held, c.args[v], 0)
		}
		d.values = append(d.values, held)
	}
	if d.flat == nil {
		d.flat = newWalk(Shape{2}, []int{1}, []int{1}, []int{1})
		d.op.args = make([][]T, 0, mostMoved)
	}
	d.op.walk, d.op.scratch = d.flat, c.scratch
	for p := c.lo; p < c.hi; p++ {
		from, to := p*t.part, min((p+1)*t.part, t.rows)
		for k, o := range r.outs {
			switch {
			case o.fold == nil || t.byRows[k]:
			case o.fold.op == opSumParts:
				clear(c.sums(k))
			default:
				clear(c.outs[k])
			}
		}
		for row := from; row < to; row += t.block {
			fusedBlock(c, p, row, min(t.block, to-row), row+t.block >= to)
		}
		for k, o := range r.outs {
			switch {
			case o.fold == nil || o.fold.attr.num == 1:
			case t.byRows[k]:
				kernel.Scale(c.outs[k][from:to], T(o.fold.attr.num))
			default:
				kernel.Scale(c.outs[k], T(o.fold.attr.num))
			}
		}
	}
}

// fusedBlock computes rows of part p from row on; they may be its last.
func fusedBlock[T Float](c *call[T], p, row, rows int, last bool) {
	r, t, d := c.n.attr.region, c.tiling, c.desk
	at, n := row*t.cols, rows*t.cols
	for j := range t.loads {
		switch l := &t.loads[j]; l.kind {
		case whole:
			d.values[j] = c.args[j][at:][:n]
		case still:
			d.values[j] = d.values[j][:n]
		case moving:
			d.values[j] = d.values[j][:n]
			arrange(t, l, d.values[j], c.args[j], row)
		}
	}
	d.flat.run = n
	for i := range t.moves {
		m := &t.moves[i]
		d.op.n, d.op.out = m.op, c.valueAt(m.value, at, n)
		if m.slope > 0 {
			d.op.outs = append(d.op.outs[:0], d.op.out, c.valueAt(m.slope, at, n))
		}
		d.op.args = d.op.args[:0]
		for _, a := range m.args {
			d.op.args = append(d.op.args, d.values[a][:n])
		}
		for j := len(m.args) - m.rows; j < len(m.args); j++ {
			d.op.args[j] = d.op.args[j][:min(n, beside(t.cols)*t.cols)]
		}
		c.moves[i](&d.op)
	}
	for k, o := range r.outs {
		switch {
		case o.fold == nil:
		case t.byRows[k]:
			for i := range rows {
				c.outs[k][row+i] = T(kernel.Sum(d.values[o.value][i*t.cols:][:t.cols]))
			}
		case o.fold.op == opSumParts:
			rest := addBeside(c.sums(k), d.values[o.value][:n])
			if last {
				addUp(c.outs[k][p*t.cols:][:t.cols], c.sums(k), rest)
			}
		default: // of one part
			kernel.AddRows(c.outs[k], d.values[o.value][:n], rows)
		}
	}
}

// valueAt is where n elements of value v go, which are at the given place of the space.
func (c *call[T]) valueAt(v, at, n int) []T {
	if k := c.tiling.stored[v]; k >= 0 {
		c.desk.values[v] = c.outs[k][at:][:n]
	}
	return c.desk.values[v][:n]
}

// arrange fills dst with an argument a, repeated as l says, from a row of the space on.
func arrange[T Float](t *tiling, l *load, dst, a []T, row int) {
	if t.cols == 1 { // one number
		fill(dst, a[0])
		return
	}
	if l.kind == still { // row after row the same
		if n := min(t.cols, len(dst)); l.step == 0 {
			fill(dst, a[0])
		} else {
			copy(dst[:n], a)
			double(dst, n)
		}
		return
	}
	at, index := l.start(row)
	for ; len(dst) > 0; dst = dst[t.cols:] {
		if l.step == 0 {
			fill(dst[:t.cols], a[at])
		} else {
			copy(dst[:t.cols], a[at:])
		}
		at = l.next(at, &index)
	}
}

// fill sets all of dst to v.
func fill[T Float](dst []T, v T) {
	n := min(16, len(dst))
	for i := range dst[:n] {
		dst[i] = v
	}
	double(dst, n)
}

// double repeats the first n elements of dst, twice as many time after time.
func double[T Float](dst []T, n int) {
	for ; n < len(dst); n *= 2 {
		copy(dst[n:], dst[:n])
	}
}
