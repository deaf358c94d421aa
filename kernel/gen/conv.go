package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// jump emits the way from the end of a run of A's columns to the next run, as many
// bytes further as the list of jumps says; B goes on. There it enters the loop again.
func (m *mulKernel) jump(loop string, bases []reg.Register, k reg.Register) {
	last := loop + "last"
	m.CMPQ(m.jumps, m.at("end"))
	m.JEQ(operand.LabelRef(last))
	for _, base := range bases {
		m.ADDQ(at(m.jumps, 0), base)
	}
	m.ADDQ(operand.U8(8), m.jumps)
	m.MOVQ(m.at("k"), k)
	m.JMP(operand.LabelRef(loop))
	m.Label(last)
}

// unzip emits the kernel that deals the columns of rows out to panels of two vectors.
// It reads the rows from end to end, as memory likes it.
func (u *unit) unzip() {
	u.function("unzip", "func(dst *E, panel int, src *E, srs, k, panels int)")
	dst, panel, src, srs, k := u.arg("dst"), u.elements("panel"), u.arg("src"), u.elements("srs"), u.arg("k")
	panels := u.arg("panels")
	from, to, left := u.GP64(), u.GP64(), u.GP64()
	u.Label("row")
	u.MOVQ(src, from)
	u.MOVQ(dst, to)
	u.MOVQ(panels, left)
	u.Label("panel")
	for i := range 2 {
		v := u.vec()
		u.load(at(from, i*u.bytes()), v)
		u.store(v, at(to, i*u.bytes()))
	}
	u.ADDQ(operand.U32(uint32(2*u.bytes())), from)
	u.ADDQ(panel, to)
	u.DECQ(left)
	u.JNE(operand.LabelRef("panel"))
	u.ADDQ(srs, src)
	u.ADDQ(operand.U32(uint32(2*u.bytes())), dst)
	u.DECQ(k)
	u.JNE(operand.LabelRef("row"))
	u.VZEROUPPER()
	u.RET()
}
