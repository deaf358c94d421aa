package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Arithmetic on vectors, with a new vector for the result. x may be in memory.

func (u *unit) result(op instruction, x operand.Op, y reg.Register) reg.Register {
	v := u.vec()
	op(x, y, v)
	return v
}

func (u *unit) plus(x operand.Op, y reg.Register) reg.Register {
	return u.result(choose(u.double, u.VADDPD, u.VADDPS), x, y)
}

func (u *unit) times(x operand.Op, y reg.Register) reg.Register {
	return u.result(choose(u.double, u.VMULPD, u.VMULPS), x, y)
}

// minus is y - x, over is y / x.
func (u *unit) minus(y reg.Register, x operand.Op) reg.Register {
	return u.result(choose(u.double, u.VSUBPD, u.VSUBPS), x, y)
}

func (u *unit) over(y reg.Register, x operand.Op) reg.Register {
	return u.result(choose(u.double, u.VDIVPD, u.VDIVPS), x, y)
}

func (u *unit) and(x operand.Op, y reg.Register) reg.Register {
	return u.result(choose(u.double, u.VANDPD, u.VANDPS), x, y)
}

func (u *unit) or(x operand.Op, y reg.Register) reg.Register {
	return u.result(choose(u.double, u.VORPD, u.VORPS), x, y)
}

func (u *unit) root(x reg.Register) reg.Register {
	v := u.vec()
	choose(u.double, u.VSQRTPD, u.VSQRTPS)(x, v)
	return v
}

func (u *unit) abs(x reg.Register) reg.Register {
	return u.and(u.bits(choose[uint64](u.double, 1<<63-1, 1<<31-1)), x)
}

// Predicates of comparisons; those with not are true for NaN.
const (
	less      = operand.U8(1)
	notEqual  = operand.U8(4)
	notLess   = operand.U8(5)
	notAtMost = operand.U8(6)
	above     = operand.U8(14)
)

// keep is v where y compares with x, else zero.
func (u *unit) keep(v, y reg.Register, predicate operand.U8, x operand.Op) reg.Register {
	out := u.vec()
	compare := choose(u.double, u.VCMPPD, u.VCMPPS)
	if u.wide {
		k := u.K()
		compare(predicate, x, y, k)
		choose(u.double, u.VMOVAPD_Z, u.VMOVAPS_Z)(v, k, out)
		return out
	}
	compare(predicate, x, y, out)
	return u.and(out, v)
}

// bits is a vector in memory whose elements have the bits b.
func (u *unit) bits(b uint64) operand.Mem {
	return u.table(u.label("x%dx%x", u.size(), b), func() {
		for i := range u.lanes() {
			if u.double {
				u.AddDatum(8*i, operand.U64(b))
			} else {
				u.AddDatum(4*i, operand.U32(b))
			}
		}
	})
}

// number is a vector in memory whose elements are x.
func (u *unit) number(x float64) operand.Mem {
	if u.double {
		return u.bits(math.Float64bits(x))
	}
	return u.bits(uint64(math.Float32bits(float32(x))))
}

// held is a vector whose elements are x, in a register.
func (u *unit) held(x float64) reg.Register {
	v := u.vec()
	u.load(u.number(x), v)
	return v
}
