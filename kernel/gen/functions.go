package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Functions of an element, operation by operation as in kernel/functions.go, where the
// constants are explained.

var expTerms = []float64{
	1. / 2, 1. / 6, 1. / 24, 1. / 120, 1. / 720, 1. / 5040, 1. / 40320, 1. / 362880,
	1. / 3628800, 1. / 39916800, 1. / 479001600, 1. / 6227020800,
}

func (u *unit) bias() int     { return choose(u.double, 1023, 127) }
func (u *unit) fraction() int { return choose(u.double, 52, 23) }
func (u *unit) low() float64  { return choose(u.double, -750.0, -110) }

func (u *unit) logHigh() float64 { return choose(u.double, 0x1.62e42feep-1, 0x1.63p-1) }

func (u *unit) logRest() float64 {
	return choose(u.double, 1.90821492927058770002e-10, -2.12194440054690583e-4)
}

// expm1 gives e^r - 1, and what power and scaled take for k: with AVX-512 k itself.
func (u *unit) expm1(x, y reg.Register) (m, t reg.Register) {
	t = u.times(u.number(math.Log2E), x)
	k := t
	if u.wide {
		k = u.vec()
		choose(u.double, u.VRNDSCALEPD, u.VRNDSCALEPS)(operand.U8(8), t, k)
		t = k
	} else {
		round := u.number(choose(u.double, 3<<51+2*1023.0, 3<<22+2*127))
		t = u.plus(round, t)
		k = u.minus(t, round)
	}
	r := u.minus(x, u.times(u.number(u.logHigh()), k))
	r = u.minus(r, u.times(u.number(u.logRest()), k))
	if y != nil {
		r = u.plus(y, r)
	}
	terms := choose(u.double, expTerms, expTerms[:6])
	powers := u.powers(r, len(terms))
	return u.plus(u.times(powers[1], u.polynomial(powers, terms)), r), t
}

// scaled is p 2^k.
func (u *unit) scaled(p, t reg.Register) reg.Register {
	if u.wide {
		v := u.vec()
		choose(u.double, u.VSCALEFPD, u.VSCALEFPS)(t, p, v)
		return v
	}
	n := u.and(u.bits(choose[uint64](u.double, 1<<12-1, 1<<9-1)), t)
	half := u.right(n, 1)
	p = u.times(u.left(half, u.fraction()), p)
	return u.times(u.left(u.minusInt(n, half), u.fraction()), p)
}

// power is 2^k, for k of less than the bias.
func (u *unit) power(t reg.Register) reg.Register {
	if u.wide {
		return u.scaled(u.held(1), t)
	}
	return u.left(u.minusInt(t, u.bits(uint64(u.bias()))), u.fraction())
}

// expSum is e^(x+y).
func (u *unit) expSum(x, y reg.Register) reg.Register {
	m, t := u.expm1(x, y)
	return u.scaled(u.plus(u.number(1), m), t)
}

// exp is e^x, taken to be constant beyond low and most.
func (u *unit) exp(x reg.Register, most float64) reg.Register {
	x = u.greatest(x, u.held(u.low()))
	return u.expSum(u.least(x, u.held(most)), nil)
}

func (u *unit) sigmoid(x reg.Register) reg.Register {
	e := u.exp(x, 40)
	return u.over(e, u.plus(u.number(1), e))
}

func (u *unit) tanh(x reg.Register) reg.Register {
	v := u.least(u.abs(x), u.held(choose(u.double, 20.0, 10)))
	m, t := u.expm1(u.plus(v, v), nil)
	p := u.power(t)
	m = u.plus(u.times(p, m), u.minus(p, u.number(1)))
	return u.signed(u.over(m, u.plus(u.number(2), m)), x)
}

func (u *unit) sign(x reg.Register) reg.Register {
	return u.either(u.signed(u.held(1), x), x, u.abs(x), above, u.number(0))
}
