package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Arithmetic on vectors, with a new vector for the result. x may be in memory.

// A constant is a number in memory. AVX-512 repeats it as it is read; for AVX2 it is
// there as often as a vector has lanes.
type constant struct{ operand.Mem }

func (u *unit) result(op, repeating instruction, x operand.Op, y reg.Register) reg.Register {
	v := u.vec()
	u.perform(op, repeating, x, y, v)
	return v
}

// perform emits op, in the form that repeats x where x is one number.
func (u *unit) perform(op, repeating instruction, x operand.Op, rest ...operand.Op) {
	if c, ok := x.(constant); ok {
		x = c.Mem
		if u.wide {
			op = repeating
		}
	}
	op(append([]operand.Op{x}, rest...)...)
}

func (u *unit) plus(x operand.Op, y reg.Register) reg.Register {
	return u.result(choose(u.double, u.VADDPD, u.VADDPS), choose(u.double, u.VADDPD_BCST, u.VADDPS_BCST), x, y)
}

func (u *unit) times(x operand.Op, y reg.Register) reg.Register {
	return u.result(choose(u.double, u.VMULPD, u.VMULPS), choose(u.double, u.VMULPD_BCST, u.VMULPS_BCST), x, y)
}

// minus is y - x, over is y / x.
func (u *unit) minus(y reg.Register, x operand.Op) reg.Register {
	return u.result(choose(u.double, u.VSUBPD, u.VSUBPS), choose(u.double, u.VSUBPD_BCST, u.VSUBPS_BCST), x, y)
}

func (u *unit) over(y reg.Register, x operand.Op) reg.Register {
	return u.result(choose(u.double, u.VDIVPD, u.VDIVPS), choose(u.double, u.VDIVPD_BCST, u.VDIVPS_BCST), x, y)
}

func (u *unit) and(x operand.Op, y reg.Register) reg.Register {
	return u.result(choose(u.double, u.VANDPD, u.VANDPS), choose(u.double, u.VANDPD_BCST, u.VANDPS_BCST), x, y)
}

func (u *unit) or(x operand.Op, y reg.Register) reg.Register {
	return u.result(choose(u.double, u.VORPD, u.VORPS), choose(u.double, u.VORPD_BCST, u.VORPS_BCST), x, y)
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
	equal     = operand.U8(0)
	less      = operand.U8(1)
	atMost    = operand.U8(2)
	notEqual  = operand.U8(4)
	notLess   = operand.U8(5)
	notAtMost = operand.U8(6)
	above     = operand.U8(14)
)

// keep is v where y compares with x, else zero.
func (u *unit) keep(v, y reg.Register, predicate operand.U8, x operand.Op) reg.Register {
	out := u.vec()
	if u.wide {
		k := u.compared(y, predicate, x)
		choose(u.double, u.VMOVAPD_Z, u.VMOVAPS_Z)(v, k, out)
		return out
	}
	u.compare(y, predicate, x, out)
	return u.and(out, v)
}

// compared is the mask of the elements of y that compare with x, in AVX-512.
func (u *unit) compared(y reg.Register, predicate operand.U8, x operand.Op) reg.Register {
	k := u.K()
	u.compare(y, predicate, x, k)
	return k
}

func (u *unit) compare(y reg.Register, predicate operand.U8, x operand.Op, out reg.Register) {
	plain, repeating := choose(u.double, u.VCMPPD, u.VCMPPS), choose(u.double, u.VCMPPD_BCST, u.VCMPPS_BCST)
	with := func(op func(...operand.Op)) instruction {
		return func(ops ...operand.Op) { op(append([]operand.Op{predicate}, ops...)...) }
	}
	u.perform(with(plain), with(repeating), x, y, out)
}

// bits is a vector in memory whose elements have the bits b.
func (u *unit) bits(b uint64) constant {
	return constant{u.table(u.label("x%dx%x", u.size(), b), func() {
		for i := range choose(u.wide, 1, u.lanes()) {
			if u.double {
				u.AddDatum(8*i, operand.U64(b))
			} else {
				u.AddDatum(4*i, operand.U32(b))
			}
		}
	})}
}

// number is a vector in memory whose elements are x.
func (u *unit) number(x float64) constant {
	if u.double {
		return u.bits(math.Float64bits(x))
	}
	return u.bits(uint64(math.Float32bits(float32(x))))
}

// held is a vector whose elements are x, in a register.
func (u *unit) held(x float64) reg.Register {
	v := u.vec()
	u.broadcast(u.number(x).Mem, v)
	return v
}

// least and most are the smaller and the larger of x and y; NaN passes from x.
func (u *unit) least(x operand.Op, y reg.Register) reg.Register {
	return u.result(choose(u.double, u.VMINPD, u.VMINPS), choose(u.double, u.VMINPD_BCST, u.VMINPS_BCST), x, y)
}

func (u *unit) greatest(x operand.Op, y reg.Register) reg.Register {
	return u.result(choose(u.double, u.VMAXPD, u.VMAXPS), choose(u.double, u.VMAXPD_BCST, u.VMAXPS_BCST), x, y)
}

// either is v where y compares with x, else w.
func (u *unit) either(v, w, y reg.Register, predicate operand.U8, x operand.Op) reg.Register {
	out := u.vec()
	if u.wide {
		k := u.compared(y, predicate, x)
		choose(u.double, u.VBLENDMPD, u.VBLENDMPS)(v, w, k, out)
		return out
	}
	u.compare(y, predicate, x, out)
	choose(u.double, u.VBLENDVPD, u.VBLENDVPS)(out, v, w, out)
	return out
}

// signed is v, whose sign is clear, with the sign of x.
func (u *unit) signed(v, x reg.Register) reg.Register {
	return u.or(v, u.and(u.bits(choose[uint64](u.double, 1<<63, 1<<31)), x))
}

// Whole numbers as long as an element.

func (u *unit) plusInt(x operand.Op, y reg.Register) reg.Register {
	return u.result(choose(u.double, u.VPADDQ, u.VPADDD), choose(u.double, u.VPADDQ_BCST, u.VPADDD_BCST), x, y)
}

func (u *unit) minusInt(y reg.Register, x operand.Op) reg.Register {
	return u.result(choose(u.double, u.VPSUBQ, u.VPSUBD), choose(u.double, u.VPSUBQ_BCST, u.VPSUBD_BCST), x, y)
}

func (u *unit) left(x reg.Register, n int) reg.Register {
	return u.shifted(choose(u.double, u.VPSLLQ, u.VPSLLD), x, n)
}

func (u *unit) right(x reg.Register, n int) reg.Register {
	return u.shifted(choose(u.double, u.VPSRLQ, u.VPSRLD), x, n)
}

func (u *unit) shifted(op instruction, x reg.Register, n int) reg.Register {
	v := u.vec()
	op(operand.U8(n), x, v)
	return v
}

// powers are x, x^2, x^4, ... up to x^(n-1).
func (u *unit) powers(x reg.Register, n int) []reg.Register {
	list := []reg.Register{x}
	for i := 2; i < n; i *= 2 {
		x = u.times(x, x)
		list = append(list, x)
	}
	return list
}

// polynomial is sum_i c[i] x^i by Estrin's scheme, for the powers of x.
func (u *unit) polynomial(powers []reg.Register, c []float64) reg.Register {
	if len(c) == 1 {
		return u.held(c[0])
	}
	half, i := 1, 0
	for ; 2*half < len(c); i++ {
		half *= 2
	}
	var high reg.Register
	switch rest := c[half:]; len(rest) {
	case 1:
		high = u.times(u.number(rest[0]), powers[i])
	default:
		high = u.times(u.polynomial(powers, rest), powers[i])
	}
	if half == 1 {
		return u.plus(u.number(c[0]), high)
	}
	return u.plus(u.polynomial(powers, c[:half]), high)
}
