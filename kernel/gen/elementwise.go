package main

import "github.com/mmcloughlin/avo/reg"

// pair emits a loop dst = f(a, b).
func pair(name string, f func(s *sweepKernel, a, b reg.Register) reg.Register) sweepLoop {
	return sweepLoop{name, func(s *sweepKernel) {
		dst, a, b := s.pointer(sweepDst), s.pointer(sweepA), s.pointer(sweepB)
		s.each(name, func() { s.put(f(s, s.get(a), s.get(b)), dst) })
	}}
}

// single emits a loop dst = f(a), singleInDouble one with f computed in float64.
func single(name string, n strands, f func(u *unit, a reg.Register) reg.Register) sweepLoop {
	return sweepLoop{name, func(s *sweepKernel) {
		dst, a := s.pointer(sweepDst), s.pointer(sweepA)
		s.eachWoven(name, n, func() { s.put(f(s.unit, s.get(a)), dst) })
	}}
}

func singleInDouble(name string, n strands, f func(u *unit, a reg.Register) reg.Register) sweepLoop {
	return sweepLoop{name, func(s *sweepKernel) { single(name, n, f).emit(s.inDouble()) }}
}

func (u *unit) relu(x reg.Register) reg.Register {
	return u.keep(x, x, notAtMost, u.number(0))
}

func (s *sweepKernel) gate(d, y reg.Register) reg.Register {
	return s.keep(d, y, above, s.number(0))
}

// addRows emits dst += (r0 + r1) + (r2 + r3) for rows a, b, c, and one as far from c
// as c is from b.
func (s *sweepKernel) addRows() {
	dst, a, b, c := s.pointer(sweepDst), s.pointer(sweepA), s.pointer(sweepB), s.pointer(sweepC)
	d := s.GP64()
	s.LEAQ(indexed(c, c, 1), d)
	s.SUBQ(b, d)
	s.each("addRows", func() {
		rows := s.plus(s.plus(s.get(a), s.get(b)), s.plus(s.get(c), s.get(d)))
		s.put(s.plus(rows, s.get(dst)), dst)
	})
}
