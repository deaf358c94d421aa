package main

import "github.com/mmcloughlin/avo/operand"

// peakSums is the number of sums under way in the probe: more than the latency of
// a fused multiply-add times the number of execution units.
const peakSums = 12

// peak emits the probe of the rate of fused multiply-adds.
func (u *unit) peak() {
	u.function("peak", "func(times int)")
	times := u.arg("times")
	x := u.vec()
	u.zero(x)
	sums := u.vecs(peakSums)
	for _, s := range sums {
		u.zero(s)
	}
	u.Label("loop")
	for _, s := range sums {
		u.fma(x, x, s)
	}
	u.DECQ(times)
	u.JNE(operand.LabelRef("loop"))
	u.VZEROUPPER()
	u.RET()
}
