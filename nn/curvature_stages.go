package nn

import (
	"bytes"
	"slices"
	"unsafe"

	"basin/problem"
)

// maxStages is how many bytes an engine sets aside for first stages.
const maxStages = 256 << 20

// stages keeps what the first stages of products have left at the last point. What
// it was made of is compared by content, so that nothing need tell it of a change.
type stages[T problem.Float] struct {
	point []T // the last one, with the state of evaluation there
	list  []*stage[T]
	bytes int
	call  int // number of the present call
	limit int // bytes; 0: maxStages
}

// matter is what a first stage depends on beside the point.
type matter[T problem.Float] struct {
	key      planKey
	examples *Examples[T]
	lo       int // the first of key.rows examples
	noise    uint64
}

// A stage is what a first stage has left, and of what: its matter has a copy of the
// examples, from 0 on.
type stage[T problem.Float] struct {
	matter[T]
	stale bool // of another point
	used  int  // the last call that used it
	bytes int
	kept  []T
}

// visit begins a call at x, where the state of evaluation is given.
func (k *stages[T]) visit(x, state []T) {
	k.call++
	if n := len(x); len(k.point) == n+len(state) && same(k.point[:n], x) && same(k.point[n:], state) {
		return
	}
	k.point = append(append(k.point[:0], x...), state...)
	for _, s := range k.list {
		s.stale = true
	}
}

// find gives the memory for size numbers that the first stage of a matter is to
// leave, and whether they are there already; nil where no memory can be kept. A
// stage that this call or the last one used is not given up, so that an objective
// of more chunks than there is room for still finds those that it kept.
func (k *stages[T]) find(m matter[T], size int) (kept []T, ready bool) {
	var free *stage[T]
	for _, s := range k.list {
		switch {
		case s.key != m.key:
		case s.stale:
			free = s
		case s.lo == m.lo && s.noise == m.noise && s.holds(m.examples):
			s.used = k.call
			return s.kept, true
		}
	}
	if free == nil {
		if free = k.add(m, size); free == nil {
			return nil, false
		}
	}
	free.lo, free.noise, free.stale, free.used = m.lo, m.noise, false, k.call
	free.examples.take(m.examples, m.lo)
	return free.kept, false
}

// add makes room for another stage, if need be by giving up others, the stale first
// and then those that were not used for longest.
func (k *stages[T]) add(m matter[T], size int) *stage[T] {
	needs := size*int(unsafe.Sizeof(T(0))) + m.examples.bytes()/m.examples.N*m.key.rows
	limit := k.limit
	if limit == 0 {
		limit = maxStages
	}
	for k.bytes+needs > limit {
		victim := -1
		for i, o := range k.list {
			if !o.stale && o.used >= k.call-1 {
				continue
			}
			if victim < 0 || !k.list[victim].stale && (o.stale || o.used < k.list[victim].used) {
				victim = i
			}
		}
		if victim < 0 {
			return nil
		}
		k.bytes -= k.list[victim].bytes
		k.list = slices.Delete(k.list, victim, victim+1)
	}
	s := &stage[T]{matter: m, bytes: needs, kept: make([]T, size)}
	s.examples = m.examples.Room(m.key.rows)
	k.list, k.bytes = append(k.list, s), k.bytes+needs
	return s
}

// holds tells whether the stage was made of these examples.
func (s *stage[T]) holds(ex *Examples[T]) bool {
	own, lo := s.examples, s.lo
	return sameRows(own.Labels, ex.Labels, lo, own.N, ex.N) && sameRows(own.Targets, ex.Targets, lo, own.N, ex.N) &&
		sameRows(own.Tokens, ex.Tokens, lo, own.N, ex.N) && sameRows(own.X, ex.X, lo, own.N, ex.N)
}

// take copies examples lo, lo+1, ... of all.
func (ex *Examples[T]) take(all *Examples[T], lo int) {
	copy(ex.X, rowsOf(all.X, lo, ex.N, all.N))
	copy(ex.Tokens, rowsOf(all.Tokens, lo, ex.N, all.N))
	copy(ex.Labels, rowsOf(all.Labels, lo, ex.N, all.N))
	copy(ex.Targets, rowsOf(all.Targets, lo, ex.N, all.N))
}

// bytes is the memory that the examples take.
func (ex *Examples[T]) bytes() int {
	return int(unsafe.Sizeof(T(0)))*(len(ex.X)+len(ex.Targets)) + int(unsafe.Sizeof(0))*(len(ex.Labels)+len(ex.Tokens))
}

// rowsOf is the part of v, which holds n examples, of count of them from lo on.
func rowsOf[V any](v []V, lo, count, n int) []V {
	width := len(v) / n
	return v[lo*width : (lo+count)*width]
}

func sameRows[V any](own, v []V, lo, count, n int) bool { return same(own, rowsOf(v, lo, count, n)) }

// same tells whether two slices have the same bits.
func same[V any](a, b []V) bool {
	return len(a) == len(b) && bytes.Equal(bitsOf(a), bitsOf(b))
}

func bitsOf[V any](v []V) []byte {
	var one V
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(one)))
}
