package main

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A family of product kernels shares the width of its panel of B.
type family struct {
	vectors int // across the panel
	rows    int // of A at a time, at most; all smaller numbers exist too
}

// families keeps the sums of a tile, the panel's row, a factor of A and, where
// masks are vectors, the mask in registers. A tile of few rows is wide, so that
// enough sums are under way at once.
func families(wide bool) []family {
	if wide {
		return []family{{1, 18}, {2, 14}, {4, 6}}
	}
	return []family{{1, 12}, {2, 6}, {4, 2}}
}

// tileFields are those of kernel's tile, 8 bytes each.
var tileFields = []string{"c", "ldc", "a", "ars", "acs", "b", "brs", "rows", "count", "vectors", "last", "k", "accumulate", "jumps", "end"}

// mul emits the product of blocks of rows of A, one below the other, and a panel of B.
func (u *unit) mul() {
	u.function("mul", "func(t *byte)")
	m := &mulKernel{unit: u, t: u.arg("t")}
	m.mask = u.mask(m.field("last"), u.size())
	m.c, m.ldc = m.field("c"), m.elements("ldc")
	m.a, m.ars, m.acs, m.brs = m.field("a"), m.elements("ars"), m.elements("acs"), m.elements("brs")
	m.ars3, m.ars5, m.ars7 = u.GP64(), u.GP64(), u.GP64()
	u.LEAQ(indexed(m.ars, m.ars, 2), m.ars3)
	u.LEAQ(indexed(m.ars, m.ars, 4), m.ars5)
	u.LEAQ(indexed(m.ars, m.ars3, 2), m.ars7)
	families := families(u.wide)
	for _, f := range families[1:] {
		u.CMPQ(m.at("vectors"), operand.U8(f.vectors))
		u.JEQ(operand.LabelRef(u.label("vectors%d", f.vectors)))
	}
	for i, f := range families {
		if i > 0 {
			u.Label(u.label("vectors%d", f.vectors))
		}
		m.family = f
		m.dispatch(1, f.rows)
	}
	u.Label("done")
	u.VZEROUPPER()
	u.RET()
}

// A mulKernel is a product kernel while it is emitted.
type mulKernel struct {
	*unit
	family
	t                               reg.Register // the tile
	mask                            reg.Register
	c, ldc, a, ars, acs, brs, jumps reg.Register
	ars3, ars5, ars7                reg.Register
}

// at is the place of a field of the tile.
func (m *mulKernel) at(field string) operand.Mem { return at(m.t, 8*slices.Index(tileFields, field)) }

func (m *mulKernel) field(name string) reg.GPVirtual {
	r := m.GP64()
	m.MOVQ(m.at(name), r)
	return r
}

// elements is a field that counts elements, as bytes.
func (m *mulKernel) elements(name string) reg.GPVirtual { return m.scale(m.field(name)) }

// dispatch branches to the code for the number of rows, lo <= rows <= hi.
func (m *mulKernel) dispatch(lo, hi int) {
	if lo == hi {
		m.blocks(lo)
		return
	}
	mid := (lo + hi + 1) / 2
	m.CMPQ(m.at("rows"), operand.U32(uint32(mid)))
	above := m.name("from", mid)
	m.JGE(operand.LabelRef(above))
	m.dispatch(lo, mid-1)
	m.Label(above)
	m.dispatch(mid, hi)
}

// name gives a label within the family.
func (m *mulKernel) name(what string, rows int) string {
	return m.label("%s%dx%d", what, rows, m.vectors)
}

// blocks emits the loop over blocks of a fixed number of rows.
func (m *mulKernel) blocks(rows int) {
	sums := make([][]reg.VecVirtual, rows)
	loop := m.name("block", rows)
	m.Label(loop)
	for i := range sums {
		sums[i] = m.vecs(m.vectors)
		for _, s := range sums[i] {
			m.zero(s)
		}
	}
	m.prefetch(sums)
	m.products(sums)
	stored := m.name("store", rows)
	m.CMPB(m.at("accumulate"), operand.U8(0))
	m.JEQ(operand.LabelRef(stored))
	m.eachRow(sums, func(at func(j int) operand.Mem, row []reg.VecVirtual) {
		last := len(row) - 1
		for j, s := range row[:last] {
			m.add(at(j), s, s)
		}
		old := m.vec()
		m.loadMasked(m.mask, at(last), old)
		m.add(old, row[last], row[last])
	})
	m.Label(stored)
	m.whetherFull("put", sums, func(full bool) {
		m.eachRow(sums, func(at func(j int) operand.Mem, row []reg.VecVirtual) {
			last := len(row) - 1
			for j, s := range row[:last] {
				m.store(s, at(j))
			}
			if full {
				m.store(row[last], at(last))
			} else {
				m.storeMasked(m.mask, row[last], at(last))
			}
		})
	})
	m.advance(m.a, m.ars, rows)
	m.advance(m.c, m.ldc, rows)
	m.DECQ(m.at("count"))
	m.JNE(operand.LabelRef(loop))
	m.JMP(operand.LabelRef("done"))
}

// prefetch emits the fetching of the tile of C, which hides the way to memory
// behind the products. It is for prefetchDepth products or more.
func (m *mulKernel) prefetch(sums [][]reg.VecVirtual) {
	short := m.name("short", len(sums))
	m.CMPQ(m.at("k"), operand.U8(prefetchDepth))
	m.JLT(operand.LabelRef(short))
	m.eachRow(sums, func(at func(j int) operand.Mem, row []reg.VecVirtual) {
		for j := 0; j < m.vectors*m.bytes(); j += 64 {
			m.PREFETCHT0(at(j / m.bytes()))
		}
	})
	m.Label(short)
}

const prefetchDepth = 64

// products emits what adds the products to the sums.
func (m *mulKernel) products(sums [][]reg.VecVirtual) {
	// Row i of A is at up to 8 strides from base i/9.
	bases := make([]reg.Register, (len(sums)+8)/9)
	for g := range bases {
		bases[g] = m.GP64()
		if g == 0 {
			m.MOVQ(m.a, bases[0])
		} else {
			m.LEAQ(indexed(bases[g-1], m.ars, 8), bases[g])
			m.ADDQ(m.ars, bases[g])
		}
	}
	b, k := m.field("b"), m.field("k")
	m.jumps = m.field("jumps")
	m.whetherFull("sum", sums, func(full bool) { m.sum(sums, bases, b, k, !full) })
}

// whetherFull emits code for a panel whose last vector is full and for others. With
// AVX-512 masking costs nothing.
func (m *mulKernel) whetherFull(what string, sums [][]reg.VecVirtual, emit func(full bool)) {
	if m.wide {
		emit(false)
		return
	}
	ragged, done := m.name(what+"_ragged", len(sums)), m.name(what+"_done", len(sums))
	m.CMPQ(m.at("last"), operand.U8(m.lanes()))
	m.JNE(operand.LabelRef(ragged))
	emit(true)
	m.JMP(operand.LabelRef(done))
	m.Label(ragged)
	emit(false)
	m.Label(done)
}

// sum emits the loop of products for a panel whose last vector is masked or full.
func (m *mulKernel) sum(sums [][]reg.VecVirtual, bases []reg.Register, b, k reg.Register, masked bool) {
	loop := m.name(choose(masked, "masked", "full"), len(sums))
	m.Label(loop)
	panel := m.vecs(m.vectors)
	for j, v := range panel {
		if masked && j == m.vectors-1 {
			m.loadMasked(m.mask, at(b, j*m.bytes()), v)
		} else {
			m.load(at(b, j*m.bytes()), v)
		}
	}
	for i, row := range sums {
		factor := m.row(bases[i/9], i%9)
		if m.wide && m.vectors == 1 {
			m.fmaBroadcast(factor, panel[0], row[0])
			continue
		}
		v := m.vec()
		m.broadcast(factor, v)
		for j, s := range row {
			m.fma(v, panel[j], s)
		}
	}
	m.ADDQ(m.brs, b)
	for _, base := range bases {
		m.ADDQ(m.acs, base)
	}
	m.DECQ(k)
	m.JNE(operand.LabelRef(loop))
	m.jump(loop, bases, k)
}

// row is the place i < 9 strides of A after base.
func (m *mulKernel) row(base reg.Register, i int) operand.Mem {
	switch i {
	case 0:
		return at(base, 0)
	case 3, 6:
		return indexed(base, m.ars3, i/3)
	case 5:
		return indexed(base, m.ars5, 1)
	case 7:
		return indexed(base, m.ars7, 1)
	}
	return indexed(base, m.ars, i)
}

// eachRow emits code for each row of the tile of C.
func (m *mulKernel) eachRow(sums [][]reg.VecVirtual, emit func(at func(j int) operand.Mem, row []reg.VecVirtual)) {
	c := m.GP64()
	m.MOVQ(m.c, c)
	for i, row := range sums {
		if i > 0 {
			m.ADDQ(m.ldc, c)
		}
		emit(func(j int) operand.Mem { return at(c, j*m.bytes()) }, row)
	}
}

// advance adds rows strides to p.
func (m *mulKernel) advance(p, stride reg.Register, rows int) {
	by := m.GP64()
	m.IMUL3Q(operand.U32(uint32(rows)), stride, by)
	m.ADDQ(by, p)
}
