package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The loops of kernel.Exp, Sigmoid and Tanh for float32, operation by operation; in
// float64 there are none.

func nearly(name string, f func(s *sweepKernel, x reg.Register) reg.Register) sweepLoop {
	return sweepLoop{name, func(s *sweepKernel) {
		if !s.double {
			single(name, f).emit(s.inDouble())
		}
	}}
}

func (s *sweepKernel) exp(x reg.Register) reg.Register {
	return s.expNear(s.clamp(x, 90))
}

func (s *sweepKernel) sigmoid(x reg.Register) reg.Register {
	e := s.expNear(s.clamp(x, 40))
	return s.over(e, s.plus(s.number(1), e))
}

// clamp brings x into the range from -110 to most.
func (s *sweepKernel) clamp(x reg.Register, most float64) reg.Register {
	return s.result(s.VMAXPD, s.least(x, most), s.held(-110))
}

// least is the smaller of x and most. NaN passes, as the operand that comes first.
func (s *sweepKernel) least(x reg.Register, most float64) reg.Register {
	return s.result(s.VMINPD, x, s.held(most))
}

func (s *sweepKernel) tanh(x reg.Register) reg.Register {
	one := s.number(1)
	u := s.least(s.abs(x), 20)
	far := s.minus(s.held(1), s.over(s.held(2), s.plus(one, s.expNear(s.plus(u, u)))))
	q := s.times(u, u)
	p := s.minus(s.held(1.0/3), s.times(s.number(2.0/15), q))
	series := s.minus(u, s.times(s.times(u, q), p))
	limit := s.number(1.0 / 64)
	t := s.or(s.keep(series, u, less, limit), s.keep(far, u, notLess, limit))
	return s.or(t, s.and(s.bits(1<<63), x))
}

func (s *sweepKernel) expNear(x reg.Register) reg.Register {
	round := s.number(3 << 51)
	t := s.plus(round, s.times(s.number(math.Log2E), x))
	r := s.minus(x, s.times(s.number(math.Ln2), s.minus(t, round)))
	q := s.times(r, r)
	times := func(c float64, x reg.Register) reg.Register { return s.times(s.number(c), x) }
	plus := func(c float64, x reg.Register) reg.Register { return s.plus(s.number(c), x) }
	low := s.plus(plus(1, r), s.times(q, plus(0.5, times(1.0/6, r))))
	end := s.plus(plus(1.0/720, times(1.0/5040, r)), times(1.0/40320, q))
	high := s.plus(plus(1.0/24, times(1.0/120, r)), s.times(q, end))
	s.VPADDQ(s.bits(1023), t, t)
	s.VPSLLQ(operand.U8(52), t, t)
	return s.times(t, s.plus(low, s.times(s.times(q, q), high)))
}
