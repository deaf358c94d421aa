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
