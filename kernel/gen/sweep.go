package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A sweepLoop is a loop over vectors.
type sweepLoop struct {
	name string
	emit func(s *sweepKernel)
}

// sweeps are all loops. The place of one is the number by which kernel asks for it.
var sweeps = []sweepLoop{
	{"adam", (*sweepKernel).adam},
	{"axpy", (*sweepKernel).axpy},
	{"scale", (*sweepKernel).scale},
	{"dot", (*sweepKernel).dot},
	{"sum", (*sweepKernel).sum},
	{"largest", (*sweepKernel).largest},
	{"addRows", (*sweepKernel).addRows},
	pair("add", func(s *sweepKernel, a, b reg.Register) reg.Register { return s.plus(b, a) }),
	pair("sub", func(s *sweepKernel, a, b reg.Register) reg.Register { return s.minus(a, b) }),
	pair("mul", func(s *sweepKernel, a, b reg.Register) reg.Register { return s.times(b, a) }),
	pair("div", func(s *sweepKernel, a, b reg.Register) reg.Register { return s.over(a, b) }),
	pair("addReLU", func(s *sweepKernel, a, b reg.Register) reg.Register { return s.relu(s.plus(b, a)) }),
	pair("gate", (*sweepKernel).gate),
	single("relu", (*sweepKernel).relu),
	nearly("exp", (*sweepKernel).exp),
	nearly("sigmoid", (*sweepKernel).sigmoid),
	nearly("tanh", (*sweepKernel).tanh),
}

// Offsets of the fields of kernel's sweep.
const (
	sweepDst = 8 * iota
	sweepA
	sweepB
	sweepC
	sweepN
	sweepResult
	sweepScalars
)

// A sweepKernel is the function for all loops while it is emitted. Its unit is that
// of the arithmetic; in memory an element has stored bytes, fewer where float32 is
// computed in float64.
type sweepKernel struct {
	*unit
	stored  int
	p       reg.Register  // the sweep
	n       reg.GPVirtual // the elements left
	at      reg.Register  // the bytes done
	partial reg.Register  // the mask of a vector that is not whole, else nil
}

// sweep emits the loops over vectors, one function for all.
func (u *unit) sweep() {
	u.function("sweep", "func(s *byte, l int)")
	s := &sweepKernel{unit: u, stored: u.size(), p: u.arg("s"), n: u.GP64(), at: u.GP64()}
	u.MOVQ(at(s.p, sweepN), s.n)
	u.XORQ(s.at, s.at)
	l := u.arg("l")
	for i, sweep := range sweeps {
		u.CMPQ(l, operand.U8(i))
		u.JEQ(operand.LabelRef(sweep.name))
	}
	u.RET()
	for _, sweep := range sweeps {
		u.Label(sweep.name)
		sweep.emit(s)
		u.VZEROUPPER()
		u.RET()
	}
}

// inDouble is s with arithmetic in float64.
func (s *sweepKernel) inDouble() *sweepKernel {
	d, u := *s, *s.unit
	u.double = true
	d.unit = &u
	return &d
}

// each emits a loop over whole vectors, and the same once more for the rest.
func (s *sweepKernel) each(name string, emit func()) {
	loop, rest, done := name+"_loop", name+"_rest", name+"_done"
	s.Label(loop)
	s.CMPQ(s.n, operand.U8(s.lanes()))
	s.JLT(operand.LabelRef(rest))
	s.partial = nil
	emit()
	s.next()
	s.JMP(operand.LabelRef(loop))
	s.Label(rest)
	s.TESTQ(s.n, s.n)
	s.JEQ(operand.LabelRef(done))
	s.partial = s.mask(s.n, s.stored)
	emit()
	s.Label(done)
}

// next moves on by a vector.
func (s *sweepKernel) next() {
	s.ADDQ(operand.U8(s.lanes()*s.stored), s.at)
	s.SUBQ(operand.U8(s.lanes()), s.n)
}

func (s *sweepKernel) pointer(offset int) reg.Register {
	r := s.GP64()
	s.MOVQ(at(s.p, offset), r)
	return r
}

func (s *sweepKernel) scalar(i int) reg.Register {
	v := s.vec()
	s.broadcast(at(s.p, sweepScalars+i*s.size()), v)
	return v
}

// get loads a vector; what its mask leaves out is zero.
func (s *sweepKernel) get(from reg.Register) reg.Register {
	v, m := s.vec(), indexed(from, s.at, 1)
	switch {
	case s.stored == s.size() && s.partial == nil:
		s.load(m, v)
	case s.stored == s.size():
		s.loadMasked(s.partial, m, v)
	case s.partial == nil:
		s.VCVTPS2PD(m, v)
	case s.wide:
		s.VCVTPS2PD_Z(m, s.partial, v)
	default:
		single := s.XMM()
		s.VMASKMOVPS(m, s.partial, single)
		s.VCVTPS2PD(single, v)
	}
	return v
}

// put stores a vector.
func (s *sweepKernel) put(v, to reg.Register) {
	u := s.unit
	if s.stored != s.size() {
		u, v = s.narrowed(v)
	}
	if s.partial == nil {
		u.store(v, indexed(to, s.at, 1))
	} else {
		u.storeMasked(s.partial, v, indexed(to, s.at, 1))
	}
}

// narrowed is a vector of float64 as one of float32, with its unit.
func (s *sweepKernel) narrowed(v reg.Register) (*unit, reg.Register) {
	u := *s.unit
	u.double = false
	if s.wide {
		half := s.YMM()
		s.VCVTPD2PS(v, half)
		return &u, half
	}
	half := s.XMM()
	s.VCVTPD2PSY(v, half)
	return &u, half
}
