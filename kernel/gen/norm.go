package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// zeroed is v with zero in the lanes that a mask leaves out.
func (s *sweepKernel) zeroed(v reg.Register) reg.Register {
	if s.partial == nil {
		return v
	}
	if s.wide {
		out := s.vec()
		choose(s.double, s.VMOVAPD_Z, s.VMOVAPS_Z)(v, s.partial, out)
		return out
	}
	mask := s.partial
	if s.stored != s.size() {
		mask = s.vec()
		s.VPMOVSXDQ(s.partial, mask)
	}
	return s.and(mask, v)
}

// length is the number of elements of a row, in double precision.
func (r *rowLoop) length() reg.Register {
	v := r.XMM()
	r.VXORPD(v, v, v)
	r.VCVTSI2SDQ(at(r.p, sweepN), v, v)
	return v
}

// average is the mean over the row of what term gives.
func (r *rowLoop) average(d *sweepKernel, what string, term func() reg.Register) reg.Register {
	r.pass()
	sum := d.totalOf(r.name+what, term)
	r.VDIVSD(r.length(), sum, sum)
	return sum
}

// standardize emits the loop of kernel.StandardizeRows, or of RMSRows.
func standardize(centred bool) func(r *rowLoop) {
	return func(r *rowLoop) {
		d, mean := r.inDouble(), reg.Register(nil)
		get := func() reg.Register { return d.get(r.z) }
		if centred {
			mean = d.everywhere(r.average(d, "_mean", get))
			get = func() reg.Register { return d.zeroed(d.minus(d.get(r.z), mean)) }
		}
		scale := r.average(d, "_squares", func() reg.Register {
			x := get()
			return d.times(x, x)
		})
		r.VADDSD(at(r.p, sweepResult), scale, scale)
		r.VSQRTSD(scale, scale, scale)
		scale = r.inverse(scale)
		factor := d.everywhere(scale)
		r.pass()
		d.each(r.name+"_apply", func() { d.put(d.times(factor, get()), r.e) })
		to, zero := r.pointer(sweepB), r.GP64()
		r.XORQ(zero, zero)
		r.set(scale, to, zero)
		r.ADDQ(operand.U8(r.stored), at(r.p, sweepB))
	}
}

// standardizeGrad emits the loop of kernel.StandardizeRowsGrad, or of RMSRowsGrad.
func standardizeGrad(centred bool) func(r *rowLoop) {
	return func(r *rowLoop) {
		d, mean := r.inDouble(), reg.Register(nil)
		get := func() reg.Register { return d.get(r.z) }
		if centred {
			mean = d.everywhere(r.average(d, "_mean", get))
			get = func() reg.Register { return d.minus(d.get(r.z), mean) }
		}
		z := r.pointer(sweepB)
		along := d.everywhere(r.average(d, "_dot", func() reg.Register { return d.times(d.get(r.z), d.get(z)) }))
		scales, zero := r.pointer(sweepC), r.GP64()
		r.XORQ(zero, zero)
		factor := d.everywhere(r.element(scales, zero))
		r.pass()
		d.each(r.name+"_apply", func() {
			d.put(d.times(factor, d.minus(get(), d.times(along, d.get(z)))), r.e)
		})
		r.ADDQ(r.step, at(r.p, sweepB))
		r.ADDQ(operand.U8(r.stored), at(r.p, sweepC))
	}
}
