package graph

import "slices"

// The sizes, in elements, that a space is cut into. A block, with all that is computed
// from it, fits the first-level cache; a part is what one worker takes at a time, and
// what a sum of columns adds up on its own.
const (
	blockSize = 2048
	partSize  = 32768
	widestRow = 8192
	maxAxes   = 6 // over which rows lie
)

// cut tells how many rows are in a block and in a part: whole numbers of four times
// the rows that sums of columns take side by side, since kernel.AddRows adds four to
// one another.
func cut(cols int) (block, part int) {
	unit := 4 * beside(cols)
	block = max(1, blockSize/cols/unit) * unit
	return block, block * ((partSize + block*cols - 1) / (block * cols))
}

// partsOf is the number of parts of a space.
func partsOf(rows, cols int) int {
	_, part := cut(cols)
	return (rows + part - 1) / part
}

// A tiling is how a region goes through its space: as a matrix, by whole rows.
type tiling struct {
	rows, cols  int
	block, part int    // rows at a time
	loads       []load // by argument
	byRows      []bool // by out, whether it sums up each row, rather than the columns
	moves       []move
	register    []int // by value, the one that holds it in a block; -1: none
	stored      []int // by value, the out that keeps it; -1: none
	registers   int
}

// A load says how an argument gets to the ops.
type load struct {
	kind loadKind
	walk []axis // over the rows, outermost first
	step int    // within a row: 0 repeats one element
}

type axis struct{ len, stride int }

type loadKind uint8

const (
	whole  loadKind = iota // in place
	still                  // in a register that is the same in every block
	moving                 // in a register that is arranged for every block
)

// tile plans the way of a region whose arguments are those of a node; nil if there is
// none.
func (r *region) tile(args []*Node) *tiling {
	var strides [][]int
	for _, a := range args {
		strides = append(strides, a.shape.spread(r.space))
	}
	for _, o := range r.outs {
		if o.fold != nil {
			strides = append(strides, keeping(o.fold).spread(r.space))
		}
	}
	w := newWalk(r.space, strides...)
	t := &tiling{rows: 1, cols: w.run}
	for _, d := range w.dims {
		t.rows *= d
	}
	if len(w.dims) == 0 { // each is whole or one number
		t.rows, t.cols = t.cols, 1
	}
	if t.cols > widestRow || len(w.dims) > maxAxes {
		return nil
	}
	t.block, t.part = cut(t.cols)
	t.block = min(t.block, t.rows)
	for j, a := range args {
		l := loadOf(w, j)
		switch {
		case a.shape.Len() == r.space.Len():
			l.kind = whole
		case l.stands():
			l.kind = still
		default:
			l.kind = moving
		}
		t.loads = append(t.loads, l)
	}
	t.byRows = make([]bool, len(r.outs))
	j := len(args)
	for k, o := range r.outs {
		if o.fold == nil {
			continue
		}
		l := loadOf(w, j)
		if !t.folds(o.fold, l) {
			return nil
		}
		t.byRows[k] = l.step == 0
		j++
	}
	t.moves = r.moves(t.loads)
	t.assign(r)
	return t
}

// loadOf is how operand j goes through a walk.
func loadOf(w *walk, j int) load {
	l := load{step: w.step[j]}
	for i, d := range w.dims {
		l.walk = append(l.walk, axis{d, w.strides[i][j]})
	}
	return l
}

// start gives where a row begins, and its index on every axis.
func (l *load) start(row int) (at int, index [maxAxes]int) {
	for i, a := range slices.Backward(l.walk) {
		index[i] = row % a.len
		row /= a.len
		at += index[i] * a.stride
	}
	return at, index
}

// next goes from one row to the next.
func (l *load) next(at int, index *[maxAxes]int) int {
	for i, a := range slices.Backward(l.walk) {
		at += a.stride
		if index[i]++; index[i] < a.len {
			break
		}
		at -= a.stride * a.len
		index[i] = 0
	}
	return at
}

// stands tells whether every row is the first again.
func (l *load) stands() bool {
	return !slices.ContainsFunc(l.walk, func(a axis) bool { return a.stride != 0 })
}

// folds tells whether a sum, which goes through its result as l says, is one of whole
// rows, or of all columns in each part.
func (t *tiling) folds(sum *Node, l load) bool {
	if len(l.walk) == 0 {
		return false
	}
	if l.step == 0 {
		return sum.op == opSum && sum.shape.Len() == t.rows
	}
	parts := 1
	if sum.op == opSumParts {
		parts = sum.shape[0]
	}
	return l.stands() && sum.shape.Len() == parts*t.cols && parts == partsOf(t.rows, t.cols)
}

// lastReads gives, for each value, the last move that reads it, and len(t.moves) if a sum
// does.
func (t *tiling) lastReads(r *region) []int {
	last := make([]int, len(t.loads)+len(r.ops))
	for i, m := range t.moves {
		for _, v := range m.args {
			last[v] = i
		}
	}
	for _, o := range r.outs {
		if o.fold != nil {
			last[o.value] = len(t.moves)
		}
	}
	return last
}

// assign gives registers to the values that are kept nowhere else.
func (t *tiling) assign(r *region) {
	last := t.lastReads(r)
	t.register, t.stored = slices.Repeat([]int{-1}, len(last)), slices.Repeat([]int{-1}, len(last))
	fresh := func() int { t.registers++; return t.registers - 1 }
	for j, l := range t.loads {
		if l.kind != whole {
			t.register[j] = fresh()
		}
	}
	var free []int
	for i, m := range t.moves {
		for _, v := range m.args {
			if k := t.register[v]; v >= len(t.loads) && k >= 0 && last[v] == i && !slices.Contains(free, k) {
				free = append(free, k)
			}
		}
		for _, v := range m.values() {
			if t.stored[v] = r.stored(v); t.stored[v] >= 0 {
				continue
			}
			if n := len(free); n > 0 {
				t.register[v], free = free[n-1], free[:n-1]
			} else {
				t.register[v] = fresh()
			}
		}
	}
}
