package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// repeated emits a loop over rows of n elements of dst and of whole operands x, a and b. Of
// operands r, from c on, there is one row, which is taken again and again.
func repeated(name string, whole, rows int, f func(u *unit, x, r []reg.Register) reg.Register) sweepLoop {
	return sweepLoop{name, func(s *sweepKernel) {
		pointers := func(offsets ...int) (list []reg.Register) {
			for _, o := range offsets {
				list = append(list, s.pointer(o))
			}
			return list
		}
		get := func(from []reg.Register) (list []reg.Register) {
			for _, p := range from {
				list = append(list, s.get(p))
			}
			return list
		}
		x := pointers([]int{sweepDst, sweepA, sweepB}[:1+whole]...)
		r := pointers([]int{sweepC, sweepD, sweepE, sweepF}[:rows]...)
		step := s.line()
		s.Label(name + "_row")
		s.eachWoven(name, few, func() { s.put(f(s.unit, get(x[1:]), get(r)), x[0]) })
		for _, p := range x {
			s.ADDQ(step, p)
		}
		s.MOVQ(at(s.p, sweepN), s.n)
		s.XORQ(s.at, s.at)
		s.DECQ(at(s.p, sweepRows))
		s.JNE(operand.LabelRef(name + "_row"))
	}}
}

// affine is (x - center) scale + shift.
func (u *unit) affine(x, r []reg.Register) reg.Register {
	return u.plus(r[2], u.times(r[1], u.minus(x[0], r[0])))
}

// mulCentered is d (x - center), for x = (d, x).
func (u *unit) mulCentered(x, r []reg.Register) reg.Register {
	return u.times(u.minus(x[1], r[0]), x[0])
}

// standardGrad is ((d - mean) - (x - center) slope) scale, for x = (d, x) and r = (mean,
// center, slope, scale).
func (u *unit) standardGrad(x, r []reg.Register) reg.Register {
	return u.times(r[3], u.minus(u.minus(x[0], r[0]), u.times(r[2], u.minus(x[1], r[1]))))
}
