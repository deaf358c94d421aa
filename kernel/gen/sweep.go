package main

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A sweepLoop is a loop over vectors.
type sweepLoop struct {
	name string
	emit func(s *sweepKernel)
}

// sweeps are all loops. The place of one is the number by which kernel asks for it.
var sweeps = slices.Concat(
	[]sweepLoop{
		{"adam", (*sweepKernel).adam},
		{"momentum", (*sweepKernel).momentum},
		{"signMomentum", (*sweepKernel).signMomentum},
		{"signDescent", (*sweepKernel).signDescent},
		{"resilient", (*sweepKernel).resilient},
		{"meanSquare", (*sweepKernel).meanSquare},
		{"axpy", (*sweepKernel).axpy},
		{"axpby", (*sweepKernel).axpby},
		{"scale", (*sweepKernel).scale},
		{"dot", (*sweepKernel).dot},
		{"axpyDot", (*sweepKernel).axpyDot},
		{"sum", (*sweepKernel).sum},
		{"largest", (*sweepKernel).largest},
		{"addRows", (*sweepKernel).addRows},
	},
	pair("add", func(s *sweepKernel, a, b reg.Register) reg.Register { return s.plus(b, a) }),
	pair("sub", func(s *sweepKernel, a, b reg.Register) reg.Register { return s.minus(a, b) }),
	pair("mul", func(s *sweepKernel, a, b reg.Register) reg.Register { return s.times(b, a) }),
	pair("div", func(s *sweepKernel, a, b reg.Register) reg.Register { return s.over(a, b) }),
	pair("quotient", (*sweepKernel).quotient),
	pair("max", (*sweepKernel).larger),
	pair("min", (*sweepKernel).smaller),
	pair("addReLU", func(s *sweepKernel, a, b reg.Register) reg.Register { return s.relu(s.plus(b, a)) }),
	pair("gate", func(s *sweepKernel, d, y reg.Register) reg.Register { return s.gate(d, y) }),
	[]sweepLoop{
		single("relu", simple, (*unit).relu),
		single("abs", simple, (*unit).abs),
		single("sign", simple, (*unit).sign),
		single("sqrt", simple, (*unit).root),
		single("cbrt", few, (*unit).cbrt),
		single("exp", deep, func(u *unit, x reg.Register) reg.Register { return u.exp(x, -u.low()) }),
		single("sigmoid", deep, (*unit).sigmoid),
		single("tanh", deep, (*unit).tanh),
		single("normPDF", deep, (*unit).normPDF),
		single("normCDF", deeper, (*unit).normCDF),
		single("gelu", deeper, (*unit).gelu),
		single("geluTanh", deep, (*unit).geluTanh),
		singleInDouble("log", simple, (*unit).log),
		singleInDouble("softplus", deeper, (*unit).softplus),
		rows("softmax", (*rowLoop).softmax),
		rows("softmaxGrad", (*rowLoop).softmaxGrad),
		rows("crossEntropy", (*rowLoop).crossEntropy),
		rows("crossEntropyGrad", (*rowLoop).crossEntropyGrad),
		{"addLog1p", (*sweepKernel).addLog1p},
		{"expsAcross", (*sweepKernel).expsAcross},
		{"sumsAcross", (*sweepKernel).sumsAcross},
		{"gradAcross", (*sweepKernel).gradAcross},
		rows("standardize", standardize(true)),
		rows("standardizeGrad", standardizeGrad(true)),
		rows("rms", standardize(false)),
		rows("rmsGrad", standardizeGrad(false)),
		repeated("affine", 1, 3, (*unit).affine),
		repeated("affineReLU", 1, 3, func(u *unit, x, r []reg.Register) reg.Register { return u.relu(u.affine(x, r)) }),
		repeated("mulCentered", 2, 1, (*unit).mulCentered),
		repeated("standardGrad", 2, 4, (*unit).standardGrad),
		single("geluSlope", deepest, (*unit).geluSlope),
		repeated("affineAddReLU", 2, 3, (*unit).affineAddReLU),
		repeated("addGate", 3, 0, (*unit).addGate),
		{"geluBoth", (*sweepKernel).geluBoth},
	},
)

// Strands are the vectors that a loop weaves: with AVX2 in float64 and in float32, and
// with AVX-512. What is deep takes many operations, one after the other, and registers.
type strands struct{ double, single, wide int }

var (
	simple  = strands{1, 1, 1}
	few     = strands{2, 2, 2}
	deep    = strands{2, 2, 4}
	deeper  = strands{1, 2, 2}
	deepest = strands{1, 1, 2}
)

// strands are those of n for the unit.
func (u *unit) strands(n strands) int {
	if u.wide {
		return n.wide
	}
	return choose(u.double, n.double, n.single)
}

// Offsets of the fields of kernel's sweep.
const (
	sweepDst = 8 * iota
	sweepA
	sweepB
	sweepC
	sweepN
	sweepRows
	sweepLabels
	sweepResult
	sweepD
	sweepE
	sweepF
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
	ahead   int           // the bytes from there to the present vector
	partial reg.Register  // the mask of a vector that is not whole, else nil
}

// sweep emits the loops over vectors, one function for all.
func (u *unit) sweep() {
	u.function("sweep", "func(s *byte, l int)")
	s := &sweepKernel{unit: u, stored: u.size(), p: u.arg("s"), n: u.GP64(), at: u.GP64()}
	u.MOVQ(at(s.p, sweepN), s.n)
	u.XORQ(s.at, s.at)
	l := u.arg("l")
	s.dispatch(l, 0, len(sweeps)-1)
	for _, sweep := range sweeps {
		u.Label(sweep.name)
		sweep.emit(s)
		u.VZEROUPPER()
		u.RET()
	}
}

// dispatch branches to the loop of number l, lo <= l <= hi.
func (s *sweepKernel) dispatch(l reg.Register, lo, hi int) {
	if lo == hi {
		s.JMP(operand.LabelRef(sweeps[lo].name))
		return
	}
	mid := (lo + hi + 1) / 2
	from := s.label("from%d", mid)
	s.CMPQ(l, operand.U8(mid))
	s.JGE(operand.LabelRef(from))
	s.dispatch(l, lo, mid-1)
	s.Label(from)
	s.dispatch(l, mid, hi)
}

// inDouble is s with arithmetic in float64.
func (s *sweepKernel) inDouble() *sweepKernel {
	d, u := *s, *s.unit
	u.double = true
	d.unit = &u
	return &d
}

// each emits a loop over whole vectors, and the same once more for the rest.
func (s *sweepKernel) each(name string, emit func()) { s.eachWoven(name, simple, emit) }

// eachWoven emits loops over several vectors at a time, over single ones, and the same
// once more for the rest.
func (s *sweepKernel) eachWoven(name string, n strands, emit func()) {
	rest, done := name+"_rest", name+"_done"
	s.partial = nil
	if k := s.strands(n); k > 1 {
		s.whole(name+"_woven", k, emit)
	}
	s.whole(name+"_loop", 1, emit)
	s.Label(rest)
	s.TESTQ(s.n, s.n)
	s.JEQ(operand.LabelRef(done))
	s.partial = s.mask(s.n, s.stored)
	emit()
	s.Label(done)
	s.partial, s.ahead = nil, 0
}

// whole emits a loop over whole vectors, so many at a time.
func (s *sweepKernel) whole(loop string, vectors int, emit func()) {
	done := loop + "_done"
	s.Label(loop)
	s.CMPQ(s.n, operand.U8(vectors*s.lanes()))
	s.JLT(operand.LabelRef(done))
	s.weave(vectors, func(i int) {
		s.ahead = i * s.lanes() * s.stored
		emit()
	})
	s.ahead = 0
	s.next(vectors)
	s.JMP(operand.LabelRef(loop))
	s.Label(done)
}

// next moves on by some vectors.
func (s *sweepKernel) next(vectors int) {
	s.ADDQ(operand.I32(int32(vectors*s.lanes()*s.stored)), s.at)
	s.SUBQ(operand.I32(int32(vectors*s.lanes())), s.n)
}

// here is the place of the present vector.
func (s *sweepKernel) here(p reg.Register) operand.Mem {
	m := indexed(p, s.at, 1)
	m.Disp = s.ahead
	return m
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
func (s *sweepKernel) get(from reg.Register) reg.Register { return s.fetch(s.here(from)) }

func (s *sweepKernel) fetch(m operand.Mem) reg.Register {
	v := s.vec()
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
		u.store(v, s.here(to))
	} else {
		u.storeMasked(s.partial, v, s.here(to))
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
