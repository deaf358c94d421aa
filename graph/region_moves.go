package graph

import (
	"slices"

	"basin/kernel"
)

// A move computes a value of a region in a block by one loop: that of an op, or one that
// joins several ops, with the same bits, where what passes between them has no other use.
// The last of its arguments are rows: they are the same in every row of the space.
type move struct {
	value int
	slope int   // another value that it computes; 0: none
	op    *Node // the last of the ops
	loops loops
	args  []int
	rows  int
}

// mostMoved is the largest number of arguments.
const mostMoved = 6

// moves lists them in order of the last ops.
func (r *region) moves(loads []load) []move {
	f := newJoiner(r, loads)
	var list []move
	for i, op := range r.ops {
		v := len(loads) + i
		if slices.ContainsFunc(list, func(m move) bool { return m.slope == v }) {
			continue
		}
		m := f.joined(v)
		if m.args == nil {
			m = move{loops: op.row.value, args: r.args[i]}
		}
		m.value, m.op = v, op
		list = append(list, m)
	}
	needed := make([]bool, len(loads)+len(r.ops))
	for _, o := range r.outs {
		needed[o.value] = true
	}
	kept := len(list)
	for i := len(list) - 1; i >= 0; i-- {
		if !slices.ContainsFunc(list[i].values(), func(v int) bool { return needed[v] }) {
			continue
		}
		for _, v := range list[i].args {
			needed[v] = true
		}
		kept--
		list[kept] = list[i]
	}
	return list[kept:]
}

// values are those that the move computes.
func (m *move) values() []int {
	if m.slope > 0 {
		return []int{m.value, m.slope}
	}
	return []int{m.value}
}

// A joiner looks for ops that one loop computes.
type joiner struct {
	*region
	loads []load
	uses  []int // by value
}

func newJoiner(r *region, loads []load) *joiner {
	f := &joiner{r, loads, make([]int, len(loads)+len(r.ops))}
	for _, list := range r.args {
		for _, v := range list {
			f.uses[v]++
		}
	}
	for _, o := range r.outs {
		f.uses[o.value]++
	}
	return f
}

// joined is the move that computes value v and others before it; it has no arguments if
// there is none.
func (f *joiner) joined(v int) move {
	switch f.opOf(v) {
	case opAdd:
		if args := f.affine(v); args != nil {
			return move{loops: loops{affine[float32], affine[float64]}, args: args, rows: 3}
		}
	case opGELU:
		if slope := f.slopeOf(v); slope > 0 {
			return move{loops: loops{geluBoth[float32], geluBoth[float64]}, args: f.argsOf(v), slope: slope}
		}
	case opAddReLU:
		if args := f.affine(v); args != nil {
			return move{loops: loops{affineReLU[float32], affineReLU[float64]}, args: args, rows: 3}
		}
		y, args, ok := f.either(v, func(a int) []int {
			if !f.passes(a, opAdd) {
				return nil
			}
			return f.affine(a)
		})
		if ok {
			return move{loops: loops{affineAddReLU[float32], affineAddReLU[float64]}, args: slices.Insert(args, 1, y), rows: 3}
		}
	case opGate:
		if sum, y := f.argsOf(v)[0], f.argsOf(v)[1]; f.passes(sum, opAdd) {
			return move{loops: loops{addGate[float32], addGate[float64]}, args: append(slices.Clone(f.argsOf(sum)), y)}
		}
	case opMul:
		if args := f.standardGrad(v); args != nil {
			return move{loops: loops{standardGrad[float32], standardGrad[float64]}, args: args, rows: 4}
		}
		if d, c, ok := f.either(v, f.centered); ok {
			return move{loops: loops{mulCentered[float32], mulCentered[float64]}, args: []int{d, c[0], c[1]}, rows: 1}
		}
	}
	return move{}
}

func affine[T Float](c *call[T]) {
	kernel.Affine(c.out, c.args[0], c.args[1], c.args[2], c.args[3])
}

func affineReLU[T Float](c *call[T]) {
	kernel.AffineReLU(c.out, c.args[0], c.args[1], c.args[2], c.args[3])
}

func affineAddReLU[T Float](c *call[T]) {
	kernel.AffineAddReLU(c.out, c.args[0], c.args[1], c.args[2], c.args[3], c.args[4])
}

func geluBoth[T Float](c *call[T]) { kernel.GELUBoth(c.out, c.outs[1], c.args[0]) }

func addGate[T Float](c *call[T]) { kernel.AddGate(c.out, c.args[0], c.args[1], c.args[2]) }

func mulCentered[T Float](c *call[T]) {
	kernel.MulCentered(c.out, c.args[0], c.args[1], c.args[2])
}

func standardGrad[T Float](c *call[T]) {
	kernel.StandardGrad(c.out, c.args[0], c.args[1], c.args[2], c.args[3], c.args[4], c.args[5])
}

// affine gives x, center, scale and shift where v is a sum of (x - center) scale and shift.
func (f *joiner) affine(v int) []int {
	shift, scaled, ok := f.either(v, func(a int) []int {
		if !f.passes(a, opMul) {
			return nil
		}
		return f.scaled(a)
	})
	if !ok || !f.isRow(shift) {
		return nil
	}
	return append(scaled, shift)
}

// slopeOf is the value after v, the GELU of one, that is its slope there; 0 if there is
// none.
func (f *joiner) slopeOf(v int) int {
	for i, op := range f.ops {
		if w := len(f.loads) + i; w > v && op.op == opGELUSlope && f.args[i][0] == f.argsOf(v)[0] {
			return w
		}
	}
	return 0
}

// standardGrad gives d, x, mean, center, slope and scale where v is
// ((d - mean) - (x - center) slope) scale.
func (f *joiner) standardGrad(v int) []int {
	scale, args, ok := f.either(v, func(a int) []int {
		if !f.passes(a, opSub) {
			return nil
		}
		left, right := f.argsOf(a)[0], f.argsOf(a)[1]
		if !f.passes(right, opMul) {
			return nil
		}
		d, s := f.centered(left), f.scaled(right)
		if d == nil || s == nil {
			return nil
		}
		return []int{d[0], s[0], d[1], s[1], s[2]}
	})
	if !ok || !f.isRow(scale) {
		return nil
	}
	return append(args, scale)
}

// scaled gives x, center and scale where a is (x - center) scale.
func (f *joiner) scaled(a int) []int {
	scale, c, ok := f.either(a, f.centered)
	if !ok || !f.isRow(scale) {
		return nil
	}
	return append(c, scale)
}

// centered gives x and center where a is x - center and has no other use.
func (f *joiner) centered(a int) []int {
	if !f.passes(a, opSub) {
		return nil
	}
	args := f.argsOf(a)
	if f.isRow(args[0]) || !f.isRow(args[1]) {
		return nil
	}
	return []int{args[0], args[1]}
}

// either tries both arguments of an op that computes v, whose arguments may change places,
// and gives the other with what was found.
func (f *joiner) either(v int, find func(a int) []int) (other int, found []int, ok bool) {
	args := f.argsOf(v)
	for i, a := range args {
		if found := find(a); found != nil {
			return args[1-i], found, true
		}
	}
	return 0, nil, false
}

// opOf is the op that computes a value; arguments have none.
func (f *joiner) opOf(v int) opcode {
	if v < len(f.loads) {
		return opInvalid
	}
	return f.ops[v-len(f.loads)].op
}

func (f *joiner) argsOf(v int) []int { return f.args[v-len(f.loads)] }

// passes tells whether a value is computed by an op and read once.
func (f *joiner) passes(v int, op opcode) bool { return f.opOf(v) == op && f.uses[v] == 1 }

// isRow tells whether a value is the same in every row.
func (f *joiner) isRow(v int) bool { return v < len(f.loads) && f.loads[v].kind == still }
