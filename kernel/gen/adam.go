package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// flushing emits a loop in which denormal numbers count as zero, operands and results
// alike, and leaves the processor as it was.
func (s *sweepKernel) flushing(emit func()) {
	const zeros = 1<<15 | 1<<6 // flush to zero, denormals are zeros
	before, during := at(s.p, sweepResult), at(s.p, sweepResult+4)
	mode := s.GP32()
	s.STMXCSR(before)
	s.MOVL(before, mode)
	s.ORL(operand.U32(zeros), mode)
	s.MOVL(mode, during)
	s.LDMXCSR(during)
	emit()
	s.LDMXCSR(before)
}

// adam emits the loop of kernel.Adam, operation by operation.
func (s *sweepKernel) adam() {
	dp, mp, vp, xp := s.pointer(sweepDst), s.pointer(sweepA), s.pointer(sweepB), s.pointer(sweepC)
	beta1, rest1, beta2, rest2 := s.scalar(0), s.scalar(1), s.scalar(2), s.scalar(3)
	step, root, eps, decay, apart := s.scalar(4), s.scalar(5), s.scalar(6), s.scalar(7), s.scalar(8)
	s.flushing(func() {
		s.each("adam", func() {
			x := s.get(xp)
			g := s.plus(s.times(decay, x), s.get(dp))
			m := s.plus(s.times(rest1, g), s.times(beta1, s.get(mp)))
			s.put(m, mp)
			v := s.plus(s.times(s.times(rest2, g), g), s.times(beta2, s.get(vp)))
			s.put(v, vp)
			den := s.plus(eps, s.times(root, s.root(v)))
			move := s.keep(s.over(s.times(step, m), den), den, notEqual, s.number(0))
			s.put(s.minus(s.times(apart, x), move), dp)
		})
	})
}

// momentum emits the loop of kernel.Momentum.
func (s *sweepKernel) momentum() {
	dp, mp, xp := s.pointer(sweepDst), s.pointer(sweepA), s.pointer(sweepC)
	decay, keep, fresh := s.scalar(0), s.scalar(1), s.scalar(2)
	now, mean, step := s.scalar(3), s.scalar(4), s.scalar(5)
	s.flushing(func() {
		s.each("momentum", func() {
			g := s.plus(s.times(decay, s.get(xp)), s.get(dp))
			m := s.plus(s.times(fresh, g), s.times(keep, s.get(mp)))
			s.put(m, mp)
			s.put(s.times(step, s.plus(s.times(mean, m), s.times(now, g))), dp)
		})
	})
}

// signMomentum emits the loop of kernel.SignMomentum.
func (s *sweepKernel) signMomentum() {
	dp, mp, xp := s.pointer(sweepDst), s.pointer(sweepA), s.pointer(sweepC)
	old, now, keep, fresh := s.scalar(0), s.scalar(1), s.scalar(2), s.scalar(3)
	step, apart := s.scalar(4), s.scalar(5)
	s.flushing(func() {
		s.each("signMomentum", func() {
			g, m := s.get(dp), s.get(mp)
			u := s.plus(s.times(now, g), s.times(old, m))
			s.put(s.plus(s.times(fresh, g), s.times(keep, m)), mp)
			s.put(s.signStep(u, s.get(xp), step, apart), dp)
		})
	})
}

// signDescent emits the loop of kernel.SignDescent.
func (s *sweepKernel) signDescent() {
	dp, xp := s.pointer(sweepDst), s.pointer(sweepC)
	step, apart := s.scalar(0), s.scalar(1)
	s.flushing(func() {
		s.each("signDescent", func() { s.put(s.signStep(s.get(dp), s.get(xp), step, apart), dp) })
	})
}

// meanSquare emits the loop of kernel.MeanSquare.
func (s *sweepKernel) meanSquare() {
	vp, gp := s.pointer(sweepDst), s.pointer(sweepA)
	keep, fresh := s.scalar(0), s.scalar(1)
	s.flushing(func() {
		s.each("meanSquare", func() {
			g := s.get(gp)
			s.put(s.plus(s.times(s.times(fresh, g), g), s.times(keep, s.get(vp))), vp)
		})
	})
}

// resilient emits the loop of kernel.Resilient.
func (s *sweepKernel) resilient() {
	dp, hp, qp := s.pointer(sweepDst), s.pointer(sweepA), s.pointer(sweepB)
	shrink, grow, low, high, course := s.scalar(0), s.scalar(1), s.scalar(2), s.scalar(3), s.scalar(4)
	s.flushing(func() {
		s.each("resilient", func() {
			g, h := s.times(s.number(1), s.get(dp)), s.times(s.number(1), s.get(hp)) // without denormal numbers
			agree := s.times(s.sign(s.get(qp)), s.sign(g))
			h = s.either(s.times(grow, h), s.either(s.times(shrink, h), h, agree, less, s.number(0)), agree, above, s.number(0))
			h = s.smaller(s.larger(h, low), high)
			s.put(h, hp)
			g = s.keep(g, agree, notLess, s.number(0))
			s.put(g, qp)
			step := s.either(s.signed(s.times(course, h), g), g, s.abs(g), above, s.number(0))
			s.put(s.minus(s.held(0), step), dp)
		})
	})
}

func (s *sweepKernel) signStep(u, x, step, apart reg.Register) reg.Register {
	return s.minus(s.times(apart, x), s.times(step, s.sign(u)))
}
