package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Loops over many short rows of a matrix that has been transposed: a line has one element
// of each row, as many as the sweep says, and a vector goes across so many rows.

// line is the number of bytes from line to line.
func (s *sweepKernel) line() reg.GPVirtual {
	step := s.GP64()
	s.MOVQ(at(s.p, sweepN), step)
	s.SHLQ(operand.U8(choose(s.stored == 8, 3, 2)), step)
	return step
}

// named tells labels of whole vectors from those of the rest.
func (s *sweepKernel) named(label string) string {
	return label + choose(s.partial == nil, "", "_partial")
}

// down emits a loop down the lines of the present vector, from the first on, and up one
// from the last back to the first.
func (s *sweepKernel) down(label string, step reg.Register, emit func(l *sweepKernel)) *sweepKernel {
	l := *s
	l.at = s.GP64()
	s.MOVQ(s.at, l.at)
	l.passLines(label, func() {
		emit(&l)
		l.ADDQ(step, l.at)
	})
	return &l
}

func (s *sweepKernel) up(label string, step reg.Register, emit func()) {
	s.passLines(label, func() {
		s.SUBQ(step, s.at)
		emit()
	})
}

func (s *sweepKernel) passLines(label string, emit func()) {
	label = s.named(label)
	count := s.GP64()
	s.MOVQ(at(s.p, sweepRows), count)
	s.Label(label)
	emit()
	s.DECQ(count)
	s.JNE(operand.LabelRef(label))
}

// expsAcross emits the loop of kernel's expsAcross. When the last element that is the
// largest is found, it is looked for no more, since nothing equals NaN.
func (s *sweepKernel) expsAcross() {
	e, z, terms, largest, step := s.pointer(sweepDst), s.pointer(sweepA), s.pointer(sweepB), s.pointer(sweepC), s.line()
	zero := s.held(0)
	s.each("expsAcross", func() {
		top := s.held(math.Inf(-1))
		l := s.down("expsAcross_largest", step, func(l *sweepKernel) {
			choose(l.double, l.VMAXPD, l.VMAXPS)(l.get(z), top, top)
		})
		s.put(top, largest)
		wanted := s.plus(top, zero)
		l.up("expsAcross_exps", step, func() {
			v := l.get(z)
			x := l.exp(l.minus(v, top), -l.low())
			l.put(x, e)
			l.put(l.either(zero, x, v, equal, wanted), terms)
			l.add(l.keep(l.held(math.NaN()), v, equal, wanted), wanted, wanted)
		})
	})
}

// sumsAcross emits the loop of kernel's sumsAcross.
func (s *sweepKernel) sumsAcross() {
	d := s.inDouble()
	dst, a := s.pointer(sweepDst), s.newLines(sweepA)
	d.each("sumsAcross", func() { d.put(d.sumAcross("sumsAcross", a), dst) })
}

// gradAcross emits the loop of kernel's gradAcross.
func (s *sweepKernel) gradAcross() {
	d := s.inDouble()
	e, factors, labels := s.newLines(sweepDst), s.pointer(sweepB), s.pointer(sweepC)
	d.each("gradAcross", func() {
		others := d.sumAcross("gradAcross", e)
		inverse := d.over(d.held(1), d.plus(others, d.get(labels)))
		d.put(inverse, factors)
		d.put(d.or(d.bits(1<<63), d.times(inverse, others)), labels)
	})
	s.MOVQ(at(s.p, sweepN), s.n)
	s.XORQ(s.at, s.at)
	first := s.pointer(sweepDst)
	s.each("gradAcross_times", func() {
		factor := s.get(factors)
		s.down("gradAcross_times_down", e.strides[0], func(l *sweepKernel) {
			l.put(l.times(factor, l.get(first)), first)
		})
	})
}

// lines are up to mostAcross lines, found from two of them that are 8 apart.
type lines struct {
	bases   [2]reg.GPVirtual
	strides [4]reg.GPVirtual // 1, 3, 5 and 7 lines
}

// mostAcross is kernel's.
const mostAcross = 16

func (s *sweepKernel) newLines(offset int) *lines {
	one := s.line()
	three, five, seven, next := s.GP64(), s.GP64(), s.GP64(), s.GP64()
	s.LEAQ(indexed(one, one, 2), three)
	s.LEAQ(indexed(one, one, 4), five)
	s.LEAQ(indexed(three, one, 4), seven)
	first := s.pointer(offset).(reg.GPVirtual)
	s.LEAQ(indexed(first, one, 8), next)
	return &lines{[2]reg.GPVirtual{first, next}, [4]reg.GPVirtual{one, three, five, seven}}
}

// sumAcross adds up lines in double precision, in the order of kernel's sums.
func (s *sweepKernel) sumAcross(label string, of *lines) reg.Register {
	sum, here := s.vec(), *of
	for i, base := range of.bases {
		here.bases[i] = s.GP64()
		s.LEAQ(indexed(base, s.at, 1), here.bases[i])
	}
	done := s.named(label + "_summed")
	for n := mostAcross; n > 1; n /= 2 {
		other := s.named(s.label("%s_not%d", label, n))
		s.CMPQ(at(s.p, sweepRows), operand.U8(n))
		s.JNE(operand.LabelRef(other))
		x := s.tree(&here, 0, 1, n)
		s.VMOVAPD(x, sum)
		s.JMP(operand.LabelRef(done))
		s.Label(other)
	}
	s.VMOVAPD(s.fetch(here.place(0)), sum)
	s.Label(done)
	return sum
}

// tree adds up every stride-th of n lines from line i on.
func (s *sweepKernel) tree(of *lines, i, stride, n int) reg.Register {
	if stride == n {
		return s.fetch(of.place(i))
	}
	return s.plus(s.tree(of, i, 2*stride, n), s.tree(of, i+stride, 2*stride, n))
}

// place is that of line i < mostAcross.
func (l *lines) place(i int) operand.Mem {
	base := l.bases[i/8]
	switch i % 8 {
	case 0:
		return at(base, 0)
	case 1, 2, 4:
		return indexed(base, l.strides[0], i%8)
	case 6:
		return indexed(base, l.strides[1], 2)
	}
	return indexed(base, l.strides[i%8/2], 1)
}
