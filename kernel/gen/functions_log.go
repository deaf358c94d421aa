package main

import (
	"math"

	"github.com/mmcloughlin/avo/reg"
)

// Logarithms, as in kernel/functions_log.go. The unit is one of float64.

var logTerms = []float64{
	6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
	1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01,
}

// logNormal is log x + less log 2 for a normal number x > 0; less may be nil.
func (u *unit) logNormal(x, less reg.Register) reg.Register {
	const low = 0x3fe6a09e << 32
	n := u.plusInt(u.bits(1023<<52-low), x)
	k := u.minus(u.or(u.bits(1075<<52), u.right(n, 52)), u.number(1<<52+1023))
	if less != nil {
		k = u.minus(k, less)
	}
	f := u.minus(u.plusInt(u.bits(low), u.and(u.bits(1<<52-1), n)), u.number(1))
	s := u.over(f, u.plus(u.number(2), f))
	z := u.times(s, s)
	half := u.times(u.times(u.number(0.5), f), f)
	sum := u.times(s, u.plus(half, u.times(z, u.polynomial(u.powers(z, len(logTerms)), logTerms))))
	sum = u.plus(sum, u.times(u.number(u.logRest()), k))
	return u.plus(u.times(u.number(u.logHigh()), k), u.plus(f, u.minus(sum, half)))
}

func (u *unit) log(x reg.Register) reg.Register {
	normal := u.number(0x1p-1022)
	y := u.either(u.times(u.number(0x1p54), x), x, x, less, normal)
	v := u.logNormal(y, u.keep(u.held(54), x, less, normal))
	v = u.either(v, x, x, less, u.number(math.Inf(1)))
	atZero := u.either(u.held(math.Inf(-1)), u.held(math.NaN()), x, equal, u.number(0))
	return u.either(v, atZero, x, above, u.number(0))
}

// log1p is log(1 + x) for x from 0 on.
func (u *unit) log1p(x reg.Register) reg.Register {
	one := u.number(1)
	y := u.plus(one, x)
	lost := u.over(u.minus(x, u.minus(y, one)), y)
	return u.plus(lost, u.logNormal(y, nil))
}

func (u *unit) softplus(x reg.Register) reg.Register {
	t := u.greatest(u.or(u.bits(1<<63), x), u.held(u.low()))
	return u.plus(u.log1p(u.expSum(t, nil)), u.greatest(x, u.held(0)))
}

// addLog1p emits the loop that ends kernel.CrossEntropy, dst = a + log1p(dst).
func (s *sweepKernel) addLog1p() {
	d := s.inDouble()
	dst, a := s.pointer(sweepDst), s.pointer(sweepA)
	d.each("addLog1p", func() { d.put(d.plus(d.get(a), d.log1p(d.get(dst))), dst) })
}
