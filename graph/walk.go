package graph

// A walk goes through several operands over one index space, whole runs of the
// last axis at a time. Axes that every operand steps through alike are merged, so
// that the runs are as long as they can be.
type walk struct {
	run  int   // length of a run
	rows int   // runs that are taken together
	hop  []int // per operand, the stride from one of them to the next; nil: they lie side by side, or are one
	step []int // per operand, the stride within a run
	pos  []int // per operand, where the present run starts

	dims    []int   // lengths of the outer axes, outermost first
	strides [][]int // [axis][operand]
	at      []int   // present index on the outer axes
}

// newWalk plans a walk over shape; strides[k] are those of operand k.
func newWalk(shape Shape, strides ...[]int) *walk {
	w := &walk{run: 1, rows: 1, step: make([]int, len(strides)), pos: make([]int, len(strides))}
	for i, d := range shape {
		if d == 1 {
			continue
		}
		st := make([]int, len(strides))
		for k := range st {
			st[k] = strides[k][i]
		}
		if last := len(w.dims) - 1; last >= 0 && merges(w.strides[last], st, d) {
			w.dims[last] *= d
			w.strides[last] = st
			continue
		}
		w.dims, w.strides = append(w.dims, d), append(w.strides, st)
	}
	if last := len(w.dims) - 1; last >= 0 {
		w.run, w.step = w.dims[last], w.strides[last]
		w.dims, w.strides = w.dims[:last], w.strides[:last]
	}
	w.at = make([]int, len(w.dims))
	return w
}

// inRows makes w take the runs along the innermost of its outer axes together.
func (w *walk) inRows() *walk {
	if last := len(w.dims) - 1; last >= 0 {
		w.rows, w.hop = w.dims[last], w.strides[last]
		w.dims, w.strides, w.at = w.dims[:last], w.strides[:last], w.at[:last]
	}
	return w
}

// merges tells whether an axis of length d and the one outside it are one axis to
// all operands.
func merges(outer, inner []int, d int) bool {
	for k := range outer {
		if outer[k] != inner[k]*d {
			return false
		}
	}
	return true
}

// first goes to the first run.
func (w *walk) first() bool {
	clear(w.at)
	clear(w.pos)
	return true
}

// next goes to the next run and reports false after the last.
func (w *walk) next() bool {
	for i := len(w.dims) - 1; i >= 0; i-- {
		w.at[i]++
		for k, s := range w.strides[i] {
			w.pos[k] += s
		}
		if w.at[i] < w.dims[i] {
			return true
		}
		w.at[i] = 0
		for k, s := range w.strides[i] {
			w.pos[k] -= s * w.dims[i]
		}
	}
	return false
}

// runOf is the present run of operand k, stored in a: one element if it repeats.
func runOf[T Float](w *walk, k int, a []T) []T {
	if w.step[k] == 0 {
		return a[w.pos[k]:][:1]
	}
	return a[w.pos[k]:][:w.run]
}
