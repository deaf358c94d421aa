package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// narrowMost is the number of columns that the narrow product takes at most: its
// sums, the columns of A and what they are made of must fit the registers.
const narrowMost = 10

// halves is the number of vectors down a block of rows.
func (u *unit) halves() int { return choose(u.wide, 2, 1) }

// part is the number of elements in 16 bytes.
func (u *unit) part() int { return 16 / u.size() }

// A narrowKernel is a narrow product while it is emitted. It is the transpose of
// what mul does: vectors go down the rows of A, the panel, and the factors that are
// broadcast are those of B. A group of columns of A is made in registers of 16 bytes
// of each row.
type narrowKernel struct {
	*mulKernel
	sums    [][]reg.VecVirtual // of each column of C, by halves
	factors []reg.Register     // columns 0 and 5 of B
	factor  reg.VecVirtual     // broadcast
	bases   []reg.Register     // rows 0, 8, ... of A, or 0 where there are none
	odd     []reg.Register     // 1, 3, 5 and 7 strides of A
	masks   []reg.Register     // what to load of a part, in its place in a vector; nil for all
	free    []reg.VecVirtual   // registers for columns of A
}

// narrow emits the product of blocks of rows of A and a few columns of B.
func (u *unit) narrow() {
	u.function("narrow", "func(t *byte)")
	m := &narrowKernel{mulKernel: &mulKernel{unit: u, t: u.arg("t")}}
	m.dispatchColumns(m.field("rows"), 1, narrowMost)
	u.Label("done")
	u.VZEROUPPER()
	u.RET()
}

// dispatchColumns branches to the code for n columns, lo <= n <= hi.
func (m *narrowKernel) dispatchColumns(n reg.Register, lo, hi int) {
	if lo == hi {
		m.columns(lo)
		return
	}
	mid := (lo + hi + 1) / 2
	m.CMPQ(n, operand.U8(mid))
	above := m.label("from%d", mid)
	m.JGE(operand.LabelRef(above))
	m.dispatchColumns(n, lo, mid-1)
	m.Label(above)
	m.dispatchColumns(n, mid, hi)
}

// columns emits the loop over blocks of rows for a fixed number of columns.
func (m *narrowKernel) columns(n int) {
	block := m.label("block%d", n)
	m.Label(block)
	m.t = m.arg("t")
	m.sums = make([][]reg.VecVirtual, n)
	for j := range m.sums {
		m.sums[j] = m.vecs(m.halves())
		for _, s := range m.sums[j] {
			m.VXORPS(s, s, s) // avo knows that this reads nothing
		}
	}
	m.setPanel()
	m.setFactors()
	k := m.field("k")
	if m.wide {
		m.sumOverlapped(k)
	} else {
		m.sumInTurn(k)
	}
	m.t = m.arg("t") // its register has been put to use
	m.storeColumns()
	rows := operand.U32(uint32(m.halves() * m.lanes()))
	by := m.elements("brs")
	m.IMUL3Q(rows, by, by)
	m.ADDQ(by, m.at("b"))
	ldc, one := m.elements("ldc"), m.GP64()
	m.MOVQ(operand.U32(uint32(m.size())), one)
	m.CMPB(m.at("vectors"), operand.U8(0))
	m.CMOVQNE(one, ldc)
	m.IMUL3Q(rows, ldc, ldc)
	m.ADDQ(ldc, m.at("c"))
	m.SUBQ(operand.U8(m.halves()*m.lanes()), m.at("count"))
	m.JG(operand.LabelRef(block))
	m.JMP(operand.LabelRef("done"))
}

// setPanel makes the registers that the rows of A are found with.
func (m *narrowKernel) setPanel() {
	one := m.elements("brs")
	three, five, seven := m.GP64(), m.GP64(), m.GP64()
	m.LEAQ(indexed(one, one, 2), three)
	m.LEAQ(indexed(one, one, 4), five)
	m.LEAQ(indexed(three, one, 4), seven)
	m.odd = []reg.Register{one, three, five, seven}
	first, left := m.field("b"), m.field("count")
	m.bases = []reg.Register{first}
	for 8*len(m.bases) < m.halves()*m.lanes() {
		next := m.GP64()
		m.LEAQ(indexed(m.bases[len(m.bases)-1], one, 8), next)
		m.CMPQ(left, operand.U8(8*len(m.bases)))
		m.CMOVQLE(first, next) // what these rows give is not stored
		m.bases = append(m.bases, next)
	}
}

// panelRow is the place of row i of A.
func (m *narrowKernel) panelRow(i int) operand.Mem {
	base := m.bases[i/8]
	switch i % 8 {
	case 0:
		return at(base, 0)
	case 2, 4:
		return indexed(base, m.odd[0], i%8)
	case 6:
		return indexed(base, m.odd[1], 2)
	}
	return indexed(base, m.odd[i%8/2], 1)
}

// setFactors makes the registers that the factors of B are found with.
func (m *narrowKernel) setFactors() {
	m.ars, m.acs, m.ars3 = m.elements("ars"), m.elements("acs"), m.GP64()
	m.LEAQ(indexed(m.ars, m.ars, 2), m.ars3)
	m.factors = []reg.Register{m.field("a")}
	if len(m.sums) > 5 {
		next := m.GP64()
		m.LEAQ(indexed(m.factors[0], m.ars, 4), next)
		m.ADDQ(m.ars, next)
		m.factors = append(m.factors, next)
	}
	m.factor = m.vec()
}

// sumInTurn emits the products: a group of columns of A is made, then used.
func (m *narrowKernel) sumInTurn(k reg.GPVirtual) {
	n := len(m.sums)
	loop, ragged, done := m.label("loop%d", n), m.label("ragged%d", n), m.label("summed%d", n)
	m.free, m.masks = m.vecs(m.halves()*m.part()+1), nil
	m.SUBQ(operand.U8(m.part()), k)
	m.JLT(operand.LabelRef(ragged))
	m.Label(loop)
	group, steps := m.makeGroup()
	m.emit(steps)
	m.emit(m.useGroup(group))
	m.SUBQ(operand.U8(m.part()), k)
	m.JGE(operand.LabelRef(loop))
	m.Label(ragged)
	m.ADDQ(operand.U8(m.part()), k)
	m.JE(operand.LabelRef(done))
	m.masks = []reg.Register{m.unit.mask(k, m.size())}
	group, steps = m.makeGroup()
	m.emit(steps)
	m.useRagged(group, k, done)
	m.Label(done)
}

// sumOverlapped emits the products: while a group is used the next one is made, so
// that shuffles and products, which different units execute, always mix.
func (m *narrowKernel) sumOverlapped(k reg.GPVirtual) {
	n := len(m.sums)
	loop, part, full := m.label("loop%d", n), m.label("part%d", n), m.label("full%d", n)
	ragged, done := m.label("ragged%d", n), m.label("summed%d", n)
	m.free = m.vecs(m.halves()*m.part() + 3)
	m.masks = nil
	for range 4 {
		m.masks = append(m.masks, m.K())
	}
	m.setMasks(k, m.label("whole%d", n))
	group, steps := m.makeGroup()
	m.emit(steps)
	canonical := group
	m.SUBQ(operand.U8(m.part()), k)
	m.JLT(operand.LabelRef(ragged))
	m.Label(loop)
	m.CMPQ(k, operand.U8(m.part()))
	m.JGE(operand.LabelRef(full))
	m.TESTQ(k, k)
	m.JNE(operand.LabelRef(part))
	for _, b := range m.bases { // there is no next group: make this one again
		m.SUBQ(operand.U8(16), b)
	}
	m.JMP(operand.LabelRef(full))
	m.Label(part)
	m.setMasks(k, m.label("none%d", n))
	m.Label(full)
	next, steps := m.makeGroup()
	m.emit(m.useGroup(group), steps...)
	m.move(next, canonical)
	m.SUBQ(operand.U8(m.part()), k)
	m.JGE(operand.LabelRef(loop))
	m.Label(ragged)
	m.ADDQ(operand.U8(m.part()), k)
	m.JE(operand.LabelRef(done))
	m.useRagged(canonical, k, done)
	m.Label(done)
}

// setMasks makes the masks of the first n elements of the parts, or of all if those
// are fewer. The label is a new one.
func (m *narrowKernel) setMasks(n reg.GPVirtual, label string) {
	bits := m.GP32()
	m.MOVL(operand.U32(1<<m.part()-1), bits)
	m.CMPQ(n, operand.U8(m.part()))
	m.JGE(operand.LabelRef(label))
	m.BZHIL(n.As32(), bits, bits)
	m.Label(label)
	for q, k := range m.masks {
		if q > 0 {
			m.SHLL(operand.U8(m.part()), bits)
		}
		m.KMOVW(bits, k)
	}
}

// useRagged emits the products of the first columns of a group, one at least and not
// all, k in number, and goes to done.
func (m *narrowKernel) useRagged(group [][]reg.VecVirtual, k reg.Register, done string) {
	for c := range m.part() - 1 {
		m.emit(m.useColumn(group[c]))
		if c < m.part()-2 {
			m.DECQ(k)
			m.JE(operand.LabelRef(done))
		}
	}
}

// storeColumns emits the storing of the sums, columns of C.
func (m *narrowKernel) storeColumns() {
	n := len(m.sums)
	along, stored := m.label("along%d", n), m.label("stored%d", n)
	m.CMPB(m.at("vectors"), operand.U8(0))
	m.JNE(operand.LabelRef(along))
	for first := 0; first < n; first += m.lanes() {
		m.storeRows(first, stored)
	}
	m.JMP(operand.LabelRef(stored))
	m.Label(along)
	m.storeAlong(stored)
	m.Label(stored)
}

// storeRows emits the storing of rows of C, of a vector from column first on.
func (m *narrowKernel) storeRows(first int, stored string) {
	n := len(m.sums)
	group := m.sums[first:min(first+m.lanes(), n)]
	mask := m.fixedMask(len(group))
	c, ldc, left := m.GP64(), m.elements("ldc"), m.field("count")
	m.MOVQ(m.at("c"), c)
	skip := m.label("stored%dx%d", n, first)
	for h := range m.halves() {
		columns := make([]reg.VecVirtual, len(group))
		for j, s := range group {
			columns[j] = s[h]
		}
		rows := m.transpose(columns)
		for i := 0; i < len(rows); i += 8 {
			rows := rows[i:min(i+8, len(rows))]
			add := m.label("store%dx%dx%d", n, first, h*m.lanes()+i)
			m.CMPB(m.at("accumulate"), operand.U8(0))
			m.JEQ(operand.LabelRef(add))
			row := m.GP64()
			m.MOVQ(c, row)
			for _, v := range rows {
				old := m.vec()
				m.loadMasked(mask, at(row, first*m.size()), old)
				m.add(old, v, v)
				m.ADDQ(ldc, row)
			}
			m.Label(add)
			for _, v := range rows {
				m.storeFirst(len(group), mask, v, at(c, first*m.size()))
				m.ADDQ(ldc, c)
			}
			m.SUBQ(operand.U8(8), left)
			m.JLE(operand.LabelRef(skip))
		}
	}
	m.Label(skip)
}

// storeAlong emits the storing of C where its columns are contiguous and ldc apart.
func (m *narrowKernel) storeAlong(stored string) {
	n := len(m.sums)
	c, ldc, left := m.GP64(), m.elements("ldc"), m.field("count")
	m.MOVQ(m.at("c"), c)
	for h := range m.halves() {
		mask := m.unit.mask(m.atMost(left, m.lanes()), m.size())
		column := m.GP64()
		m.MOVQ(c, column)
		add := m.label("along%dx%d", n, h)
		m.CMPB(m.at("accumulate"), operand.U8(0))
		m.JEQ(operand.LabelRef(add))
		for _, s := range m.sums {
			old := m.vec()
			m.loadMasked(mask, at(column, 0), old)
			m.add(old, s[h], s[h])
			m.ADDQ(ldc, column)
		}
		m.MOVQ(c, column)
		m.Label(add)
		put := func(store func(v reg.Register, to operand.Mem)) {
			for _, s := range m.sums {
				store(s[h], at(column, 0))
				m.ADDQ(ldc, column)
			}
		}
		masked := func(v reg.Register, to operand.Mem) { m.storeMasked(mask, v, to) }
		if m.wide {
			put(masked)
		} else {
			ragged, done := m.label("ragged%dx%d", n, h), m.label("put%dx%d", n, h)
			m.CMPQ(left, operand.U8(m.lanes()))
			m.JLT(operand.LabelRef(ragged))
			put(m.store)
			m.JMP(operand.LabelRef(done))
			m.Label(ragged)
			put(masked)
			m.Label(done)
		}
		m.ADDQ(operand.U8(m.bytes()), c)
		m.SUBQ(operand.U8(m.lanes()), left)
		m.JLE(operand.LabelRef(stored))
	}
}
