package main

import "github.com/mmcloughlin/avo/reg"

// adam emits the loop of kernel.Adam, operation by operation.
func (s *sweepKernel) adam() {
	dp, mp, vp, xp := s.pointer(sweepDst), s.pointer(sweepA), s.pointer(sweepB), s.pointer(sweepC)
	beta1, rest1, beta2, rest2 := s.scalar(0), s.scalar(1), s.scalar(2), s.scalar(3)
	step, root, eps, decay, apart := s.scalar(4), s.scalar(5), s.scalar(6), s.scalar(7), s.scalar(8)
	s.each("adam", func() {
		x := s.get(xp)
		g := s.plus(s.times(decay, x), s.get(dp))
		m := s.flush(s.plus(s.times(rest1, g), s.times(beta1, s.get(mp))))
		s.put(m, mp)
		v := s.flush(s.plus(s.times(s.times(rest2, g), g), s.times(beta2, s.get(vp))))
		s.put(v, vp)
		den := s.plus(eps, s.times(root, s.root(v)))
		move := s.keep(s.over(s.times(step, m), den), den, notEqual, s.number(0))
		s.put(s.minus(s.times(apart, x), move), dp)
	})
}

// flush puts zero for numbers below the smallest normal one.
func (s *sweepKernel) flush(x reg.Register) reg.Register {
	return s.keep(x, s.abs(x), notLess, s.number(choose(s.double, 0x1p-1022, 0x1p-126)))
}
