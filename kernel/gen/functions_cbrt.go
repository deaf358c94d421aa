package main

import (
	"math"

	"github.com/mmcloughlin/avo/reg"
)

// cbrt is the cube root of x, operation by operation as in kernel/functions_cbrt.go.
func (u *unit) cbrt(x reg.Register) reg.Register {
	normal, most := u.number(choose(u.double, 0x1p-1022, 0x1p-126)), u.number(choose(u.double, math.MaxFloat64, math.MaxFloat32))
	size := u.abs(x)
	a := u.either(u.times(u.number(choose(u.double, 0x1p54, 0x1p24)), size), size, size, less, normal)
	z := u.inverseCbrtGuess(a)
	for range 2 {
		h := u.minus(u.held(1), u.times(u.times(u.times(a, z), z), z))
		p := u.plus(u.number(2./9), u.times(u.number(14./81), h))
		p = u.plus(u.number(1./3), u.times(h, p))
		z = u.plus(z, u.times(z, u.times(h, p)))
	}
	y := u.times(u.times(a, z), z)
	y = u.either(u.times(u.number(choose(u.double, 0x1p-18, 0x1p-8)), y), y, size, less, normal)
	y = u.either(u.signed(y, x), x, size, above, u.number(0))
	return u.either(y, x, size, atMost, most)
}

func (u *unit) inverseCbrtGuess(a reg.Register) reg.Register {
	const less = 0.045
	one, shift := choose(u.double, 0x1p52, 0x1p23), choose(u.double, 32, 12)
	third := 4./3*choose(u.double, (1023-less)*(1<<20), (127-less)*(1<<11)) + one
	top := u.minus(u.or(u.number(one), u.right(a, shift)), u.number(one))
	return u.left(u.plus(u.number(third), u.times(u.number(-1./3), top)), shift)
}
