package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A rowLoop goes through rows that lie one after another.
type rowLoop struct {
	*sweepKernel
	name string
	step reg.Register // bytes from row to row
	e, z reg.Register // the rows of dst and a
}

// rows emits a loop over rows; emit does one of them.
func rows(name string, emit func(r *rowLoop)) sweepLoop {
	return sweepLoop{name, func(s *sweepKernel) {
		r := &rowLoop{s, name, s.GP64(), s.pointer(sweepDst), s.pointer(sweepA)}
		s.MOVQ(at(s.p, sweepN), r.step)
		s.SHLQ(operand.U8(choose(s.double, 3, 2)), r.step)
		loop := name + "_row"
		s.Label(loop)
		emit(r)
		s.ADDQ(r.step, r.e)
		s.ADDQ(r.step, r.z)
		s.DECQ(at(s.p, sweepRows))
		s.JNE(operand.LabelRef(loop))
	}}
}

// pass starts at the row's first element.
func (r *rowLoop) pass() {
	r.MOVQ(at(r.p, sweepN), r.n)
	r.XORQ(r.at, r.at)
}

// largest is the largest element of the row z, everywhere in a vector.
func (r *rowLoop) largest() reg.Register {
	top := r.vec()
	r.broadcast(r.number(math.Inf(-1)).Mem, top)
	r.pass()
	r.each(r.name+"_largest", func() {
		v := r.getElse(r.z, top)
		choose(r.double, r.VMAXPD, r.VMAXPS)(v, top, top)
	})
	x := r.fold(top, func(x, y, out reg.Register) { choose(r.double, r.VMAXPD, r.VMAXPS)(x, y, out) })
	return r.everywhere(x)
}

// everywhere repeats the first element of x.
func (u *unit) everywhere(x reg.Register) reg.Register {
	v := u.vec()
	choose(u.double, u.VBROADCASTSD, u.VBROADCASTSS)(x, v)
	return v
}

// getElse is get, with what the mask leaves out from other.
func (s *sweepKernel) getElse(from, other reg.Register) reg.Register {
	v := s.get(from)
	if s.partial == nil {
		return v
	}
	if s.wide {
		choose(s.double, s.VBLENDMPD, s.VBLENDMPS)(v, other, s.partial, v)
	} else {
		choose(s.double, s.VBLENDVPD, s.VBLENDVPS)(s.partial, v, other, v)
	}
	return v
}

// exps sets e to the exponentials of z - most, and place, unless nil, to the
// number of the last element that is most.
func (r *rowLoop) exps(most, place reg.Register) {
	if place != nil {
		r.XORQ(place, place)
	}
	r.pass()
	r.each(r.name+"_exps", func() {
		z := r.get(r.z)
		if place != nil {
			r.last(z, most, place)
		}
		r.put(r.exp(r.minus(z, most), -r.low()), r.e)
	})
}

// last sets place to the number of the last element of z that is most, if there is one.
func (r *rowLoop) last(z, most, place reg.Register) {
	found, number := r.GP64(), r.GP64()
	if r.wide {
		r.KMOVW(r.compared(z, equal, most), found.As32())
	} else {
		v := r.vec()
		r.compare(z, equal, most, v)
		choose(r.double, r.VMOVMSKPD, r.VMOVMSKPS)(v, found.As32())
	}
	if r.partial != nil { // lanes left out hold zero, which may be the most
		some := r.GP32()
		if r.wide {
			r.KMOVW(r.partial, some)
		} else {
			choose(r.double, r.VMOVMSKPD, r.VMOVMSKPS)(r.partial, some)
		}
		r.ANDL(some, found.As32())
	}
	r.BSRQ(found, number)
	first := r.GP64()
	r.MOVQ(r.at, first)
	r.SHRQ(operand.U8(choose(r.stored == 8, 3, 2)), first)
	r.ADDQ(first, number)
	r.TESTQ(found, found)
	r.CMOVQNE(number, place)
}

// take gives element place of the row at p, in double precision, and puts zero there.
func (r *rowLoop) take(p, place reg.Register) reg.Register {
	v := r.element(p, place)
	zero := r.GP64()
	r.XORQ(zero, zero)
	if r.double {
		r.MOVQ(zero, indexed(p, place, r.stored))
	} else {
		r.MOVL(zero.As32(), indexed(p, place, r.stored))
	}
	return v
}

// element gives element place of the row at p, in double precision.
func (r *rowLoop) element(p, place reg.Register) reg.Register {
	v := r.XMM()
	if r.double {
		r.VMOVSD(indexed(p, place, r.stored), v)
		return v
	}
	r.VXORPS(v, v, v)
	r.VCVTSS2SD(indexed(p, place, r.stored), v, v)
	return v
}

// set puts x, a number in double precision, to element place of the row at p.
func (r *rowLoop) set(x, p, place reg.Register) {
	m := indexed(p, place, r.stored)
	if r.double {
		r.VMOVSD(x, m)
		return
	}
	v := r.XMM()
	r.VCVTSD2SS(x, x, v)
	r.VMOVSS(v, m)
}

// sum adds up the row at e, in double precision.
func (r *rowLoop) sum(what string) reg.Register {
	d := r.inDouble()
	r.pass()
	return d.totalOf(r.name+what, func() reg.Register { return d.get(r.e) })
}

// one is 1 in double precision, below in a vector.
func (r *rowLoop) one() reg.Register {
	v := r.XMM()
	r.VMOVSD(r.inDouble().number(1).Mem, v)
	return v
}

func (r *rowLoop) inverse(x reg.Register) reg.Register {
	v := r.XMM()
	r.VDIVSD(x, r.one(), v)
	return v
}

// multiply multiplies e by x, which is in double precision.
func (r *rowLoop) multiply(x reg.Register) {
	if !r.double {
		single := r.XMM()
		r.VCVTSD2SS(x, x, single)
		x = single
	}
	factor := r.everywhere(x)
	r.pass()
	r.each(r.name+"_multiply", func() { r.put(r.times(factor, r.get(r.e)), r.e) })
}

// softmax emits the loop of kernel.Softmax.
func (r *rowLoop) softmax() {
	r.exps(r.largest(), nil)
	r.multiply(r.inverse(r.sum("_sum")))
}

// crossEntropyGrad emits that of kernel.CrossEntropyGrad.
func (r *rowLoop) crossEntropyGrad() {
	r.exps(r.largest(), nil)
	label := r.label()
	own := r.take(r.e, label)
	others := r.sum("_sum")
	total := r.XMM()
	r.VADDSD(own, others, total)
	inverse := r.inverse(total)
	r.VMULSD(inverse, others, others)
	r.multiply(inverse)
	r.VXORPD(r.inDouble().signBit(), others, others)
	r.set(others, r.e, label)
}

// label is that of the row; the next call is about the next row.
func (r *rowLoop) label() reg.Register {
	p, label := r.pointer(sweepLabels), r.GP64()
	r.MOVQ(at(p, 0), label)
	r.ADDQ(operand.U8(8), at(r.p, sweepLabels))
	return label
}

// signBit is the sign of a number in double precision, in memory.
func (u *unit) signBit() operand.Mem {
	return u.table("signs"+u.elem(), func() {
		u.AddDatum(0, operand.U64(1<<63))
		u.AddDatum(8, operand.U64(1<<63))
	})
}

// crossEntropy emits the part of kernel.CrossEntropy that ends in the sums and the
// differences.
func (r *rowLoop) crossEntropy() {
	place := r.GP64()
	r.exps(r.largest(), place)
	r.take(r.e, place)
	sums, differences, zero := r.pointer(sweepB), r.pointer(sweepC), r.GP64()
	r.XORQ(zero, zero)
	r.set(r.sum("_sum"), sums, zero)
	difference := r.XMM()
	r.VSUBSD(r.element(r.z, r.label()), r.element(r.z, place), difference)
	r.set(difference, differences, zero)
	r.ADDQ(operand.U8(r.stored), at(r.p, sweepB))
	r.ADDQ(operand.U8(r.stored), at(r.p, sweepC))
}

// softmaxGrad emits the loop of kernel.SoftmaxGrad.
func (r *rowLoop) softmaxGrad() {
	place := r.GP64()
	r.exps(r.largest(), place)
	r.take(r.e, place)
	total := r.XMM()
	r.VADDSD(r.sum("_sum"), r.one(), total)
	inverse := r.inverse(total)
	d, x := r.inDouble(), r.pointer(sweepB)
	r.pass()
	mean := d.totalOf(r.name+"_dot", func() reg.Register { return d.times(d.get(r.e), d.get(x)) })
	r.VADDSD(r.element(x, place), mean, mean)
	r.VMULSD(inverse, mean, mean)
	factors, means := d.everywhere(inverse), d.everywhere(mean)
	r.pass()
	d.each(r.name+"_product", func() {
		d.put(d.times(d.times(factors, d.get(r.e)), d.minus(d.get(x), means)), r.e)
	})
	others := r.sum("_others")
	r.VXORPD(d.signBit(), others, others)
	r.set(others, r.e, place)
	r.ADDQ(r.step, at(r.p, sweepB))
}
