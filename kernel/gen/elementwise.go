package main

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pair emits three loops dst = f(a, b): of vectors, with one element for all of b, and
// with one for all of a.
func pair(name string, f func(s *sweepKernel, a, b reg.Register) reg.Register) []sweepLoop {
	loop := func(name string, offsets ...int) sweepLoop {
		return sweepLoop{name, func(s *sweepKernel) {
			dst := s.pointer(sweepDst)
			a, b := s.operand(sweepA, offsets), s.operand(sweepB, offsets)
			s.each(name, func() { s.put(f(s, a(), b()), dst) })
		}}
	}
	return []sweepLoop{loop(name), loop(name+"OneB", sweepB), loop(name+"OneA", sweepA)}
}

// operand gives the vectors of an operand, which is one element if its offset is listed.
func (s *sweepKernel) operand(offset int, ones []int) func() reg.Register {
	p := s.pointer(offset)
	if !slices.Contains(ones, offset) {
		return func() reg.Register { return s.get(p) }
	}
	v := s.vec()
	s.broadcast(at(p, 0), v)
	return func() reg.Register { return v }
}

// larger and smaller give NaN where either is.
func (s *sweepKernel) larger(a, b reg.Register) reg.Register {
	return s.either(a, s.greatest(b, a), a, notEqual, a)
}

func (s *sweepKernel) smaller(a, b reg.Register) reg.Register {
	return s.either(a, s.least(b, a), a, notEqual, a)
}

func (s *sweepKernel) quotient(a, b reg.Register) reg.Register {
	return s.either(s.minus(a, a), s.over(a, b), b, equal, s.number(0))
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

func (u *unit) gate(d, y reg.Register) reg.Register {
	return u.keep(d, y, above, u.number(0))
}

// addRows emits dst += (r0 + r1) + (r2 + r3) for rows a, b, c, and one as far from c
// as c is from b, and so on for the rows below them, four at a time.
func (s *sweepKernel) addRows() {
	dst, a, b, c := s.pointer(sweepDst), s.pointer(sweepA), s.pointer(sweepB), s.pointer(sweepC)
	d, four := s.GP64(), s.line()
	s.LEAQ(indexed(c, c, 1), d)
	s.SUBQ(b, d)
	s.SHLQ(operand.U8(2), four)
	s.Label("addRows_four")
	s.each("addRows", func() {
		rows := s.plus(s.plus(s.get(a), s.get(b)), s.plus(s.get(c), s.get(d)))
		s.put(s.plus(rows, s.get(dst)), dst)
	})
	for _, row := range []reg.Register{a, b, c, d} {
		s.ADDQ(four, row)
	}
	s.MOVQ(at(s.p, sweepN), s.n)
	s.XORQ(s.at, s.at)
	s.DECQ(at(s.p, sweepRows))
	s.JNE(operand.LabelRef("addRows_four"))
}
