package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// axpy emits the loop of kernel.Axpy.
func (s *sweepKernel) axpy() {
	y, x, alpha := s.pointer(sweepDst), s.pointer(sweepA), s.scalar(0)
	s.each("axpy", func() { s.put(s.plus(s.times(alpha, s.get(x)), s.get(y)), y) })
}

// axpby emits the loop of kernel.Axpby.
func (s *sweepKernel) axpby() {
	y, x, beta, alpha := s.pointer(sweepDst), s.pointer(sweepA), s.scalar(0), s.scalar(1)
	s.each("axpby", func() { s.put(s.plus(s.times(alpha, s.get(x)), s.times(beta, s.get(y))), y) })
}

// scale emits the loop of kernel.Scale.
func (s *sweepKernel) scale() {
	x, alpha := s.pointer(sweepDst), s.scalar(0)
	s.each("scale", func() { s.put(s.times(alpha, s.get(x)), x) })
}

// dot emits the loop of kernel.Dot.
func (s *sweepKernel) dot() {
	a, b := s.pointer(sweepA), s.pointer(sweepB)
	d := s.inDouble()
	d.total("dot", func() reg.Register { return d.times(d.get(a), d.get(b)) })
}

// axpyDot emits the loop of kernel.AxpyDot.
func (s *sweepKernel) axpyDot() {
	y, x, z := s.pointer(sweepDst), s.pointer(sweepA), s.pointer(sweepB)
	d := s.inDouble()
	alpha := d.vec()
	d.broadcast(at(s.p, sweepResult), alpha)
	d.total("axpyDot", func() reg.Register {
		v := d.get(x)
		d.put(d.plus(d.times(alpha, v), d.get(y)), y)
		return d.times(v, d.get(z))
	})
}

// sum emits the loop of kernel.Sum.
func (s *sweepKernel) sum() {
	a := s.pointer(sweepA)
	d := s.inDouble()
	d.total("sum", func() reg.Register { return d.get(a) })
}

// slots is the number of accumulators of kernel's sums.
const slots = 32

// total emits a loop that adds up the vectors that term emits, in the order of
// kernel's sums.
func (s *sweepKernel) total(name string, term func() reg.Register) {
	s.VMOVSD(s.totalOf(name, term), at(s.p, sweepResult))
}

func (s *sweepKernel) totalOf(name string, term func() reg.Register) reg.Register {
	sums := s.vecs(slots / s.lanes())
	for _, v := range sums {
		s.zero(v)
	}
	loop, rest, folded := name+"_loop", name+"_rest", name+"_folded"
	s.Label(loop)
	s.CMPQ(s.n, operand.U8(slots))
	s.JLT(operand.LabelRef(rest))
	s.partial = nil
	for _, v := range sums {
		s.add(term(), v, v)
		s.next(1)
	}
	s.JMP(operand.LabelRef(loop))
	s.Label(rest)
	for _, v := range sums {
		s.CMPQ(s.n, operand.U8(0))
		s.JLE(operand.LabelRef(folded))
		s.partial = s.mask(s.atMost(s.n, s.lanes()), s.stored)
		s.add(term(), v, v)
		s.next(1)
	}
	s.Label(folded)
	for half := len(sums) / 2; half > 0; half /= 2 {
		for i, v := range sums[:half] {
			s.add(sums[half+i], v, v)
		}
	}
	s.partial = nil
	return s.fold(sums[0], func(x, y, out reg.Register) { s.add(x, y, out) })
}

// largest emits the loop of kernel.AbsMax. As whole numbers the bits of magnitudes
// are in the order of what they stand for, with infinity and then NaN on top.
func (s *sweepKernel) largest() {
	a := s.pointer(sweepA)
	top := s.vec()
	s.zero(top)
	s.each("largest", func() { s.most(s.abs(s.get(a)), top, top) })
	v := s.fold(top, s.most)
	if s.double {
		s.VMOVQ(v, at(s.p, sweepResult))
	} else {
		s.VMOVD(v, at(s.p, sweepResult))
	}
}

// most puts the larger of x and y, as positive whole numbers, element by element.
func (u *unit) most(x, y, out reg.Register) {
	switch {
	case !u.double:
		u.VPMAXUD(x, y, out)
	case u.wide:
		u.VPMAXUQ(x, y, out)
	default:
		above := choose(x.Size() == 16, u.XMM(), u.YMM())
		u.VPCMPGTQ(y, x, above)
		u.VBLENDVPD(above, x, y, out)
	}
}

// fold combines the halves of v, then the halves of that, down to one element.
func (u *unit) fold(v reg.VecVirtual, op func(x, y, out reg.Register)) reg.Register {
	y := v.AsY()
	if u.wide {
		high := u.YMM()
		u.VEXTRACTF64X4(operand.U8(1), v, high)
		op(high, y, y)
	}
	x, high := v.AsX(), u.XMM()
	u.VEXTRACTF128(operand.U8(1), y, high)
	op(high, x, x)
	u.VPSHUFD(operand.U8(0x4e), x, high)
	op(high, x, x)
	if !u.double {
		u.VPSHUFD(operand.U8(0xb1), x, high)
		op(high, x, x)
	}
	return x
}
