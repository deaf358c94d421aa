package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A step emits an instruction, or a few; it may take a register of the free ones.
type step struct {
	takes bool
	emit  func()
}

// emit emits steps, with others spread evenly among them as far as registers allow.
func (m *narrowKernel) emit(steps []step, others ...step) {
	done := 0
	for i, s := range steps {
		for done < len(others) && done*len(steps) <= i*len(others) && !(others[done].takes && len(m.free) == 0) {
			others[done].emit()
			done++
		}
		s.emit()
	}
	for _, s := range others[done:] {
		s.emit()
	}
}

func (m *narrowKernel) take() reg.VecVirtual {
	v := m.free[0]
	m.free = m.free[1:]
	return v
}

func (m *narrowKernel) give(v reg.VecVirtual) { m.free = append(m.free, v) }

// makeGroup gives the steps that make the next columns of A, as many as a part has
// elements, and where they will be: column c, half h at [c][h].
func (m *narrowKernel) makeGroup() (group [][]reg.VecVirtual, steps []step) {
	w := m.part()
	group = make([][]reg.VecVirtual, w)
	for c := range group {
		group[c] = make([]reg.VecVirtual, m.halves())
	}
	for h := range m.halves() {
		rows := make([]reg.VecVirtual, w) // in part q, what is next of row q*w+c
		for c := range rows {
			for q := range m.lanes() / w {
				row := m.panelRow(h*m.lanes() + q*w + c)
				steps = append(steps, step{q == 0, func() {
					if q == 0 {
						rows[c] = m.take()
					}
					m.loadPart(q, row, rows[c])
				}})
			}
		}
		columns := rows
		for distance := 1; distance < w; distance *= 2 {
			low, high := m.VUNPCKLPD, m.VUNPCKHPD
			if w == 4 && distance == 1 {
				low, high = m.VUNPCKLPS, m.VUNPCKHPS
			}
			in, mixed := columns, make([]reg.VecVirtual, w)
			columns = mixed
			for i := range w / 2 {
				at, out := i%distance+i/distance*2*distance, mixed[2*i:]
				steps = append(steps,
					step{true, func() {
						out[0] = m.take()
						low(in[at+distance], in[at], out[0])
					}},
					step{false, func() {
						out[1] = in[at+distance]
						high(in[at+distance], in[at], out[1])
						m.give(in[at])
					}})
			}
		}
		steps = append(steps, step{false, func() {
			for c, v := range columns {
				group[c][h] = v
			}
		}})
	}
	for _, b := range m.bases {
		steps = append(steps, step{false, func() { m.ADDQ(operand.U8(16), b) }})
	}
	return group, steps
}

// useGroup gives the steps that add the products of a group of columns of A.
func (m *narrowKernel) useGroup(group [][]reg.VecVirtual) (steps []step) {
	for _, column := range group {
		steps = append(steps, m.useColumn(column)...)
	}
	return steps
}

// useColumn gives the steps that add the products of a column of A, whose registers
// are free then.
func (m *narrowKernel) useColumn(column []reg.VecVirtual) (steps []step) {
	do := func(f func()) { steps = append(steps, step{false, f}) }
	for j, s := range m.sums {
		do(func() { m.broadcast(m.row(m.factors[j/5], j%5), m.factor) })
		for h := range s {
			do(func() { m.fma(column[h], m.factor, s[h]) })
		}
	}
	for _, f := range m.factors {
		do(func() { m.ADDQ(m.acs, f) })
	}
	do(func() { m.free = append(m.free, column...) })
	return steps
}

// loadPart loads what is next of a row as part q of v; q goes up from 0.
func (m *narrowKernel) loadPart(q int, row operand.Mem, v reg.VecVirtual) {
	broadcast := choose(m.double, m.VBROADCASTF64X2, m.VBROADCASTF32X4)
	switch {
	case m.wide && q == 0:
		choose(m.double, m.VBROADCASTF64X2_Z, m.VBROADCASTF32X4_Z)(row, m.masks[0], v)
	case m.wide:
		broadcast(row, m.masks[q], v)
	case q == 0 && m.masks == nil:
		m.VBROADCASTF128(row, v)
	case q == 0:
		m.loadMasked(m.masks[0], row, v)
	case m.masks == nil:
		m.VINSERTF128(operand.U8(1), row, v, v)
	default:
		x := m.XMM()
		choose(m.double, m.VMASKMOVPD, m.VMASKMOVPS)(row, m.masks[0].(reg.VecVirtual).AsX(), x)
		m.VINSERTF128(operand.U8(1), x, v, v)
	}
}

// move moves a group to the registers of another, of the same pool.
func (m *narrowKernel) move(from, to [][]reg.VecVirtual) {
	type pair struct{ from, to reg.VecVirtual }
	var pending []pair
	used := map[reg.VecVirtual]bool{} // holds what is still to be moved, or has been
	for c := range from {
		for h := range from[c] {
			used[from[c][h]], used[to[c][h]] = true, true
			if from[c][h] != to[c][h] {
				pending = append(pending, pair{from[c][h], to[c][h]})
			}
		}
	}
	source := func(v reg.VecVirtual) bool {
		for _, p := range pending {
			if p.from == v {
				return true
			}
		}
		return false
	}
	for len(pending) > 0 {
		ready := 0
		for ready < len(pending) && source(pending[ready].to) {
			ready++
		}
		if ready == len(pending) { // only cycles are left: open one
			for _, v := range m.free {
				if !used[v] {
					m.VMOVAPS(pending[0].from, v)
					pending[0].from, used[v] = v, true
					break
				}
			}
			continue
		}
		m.VMOVAPS(pending[ready].from, pending[ready].to)
		pending = append(pending[:ready], pending[ready+1:]...)
	}
}
