package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pack emits the kernel that copies rows of B into a panel, as wide as a vector.
func (u *unit) pack() {
	u.function("pack", "func(dst *E, ldd int, src *E, srs, k, cols int)")
	mask := u.mask(u.arg("cols"), u.size())
	dst, ldd, src, srs, k := u.arg("dst"), u.elements("ldd"), u.arg("src"), u.elements("srs"), u.arg("k")
	u.Label("loop")
	v := u.vec()
	u.loadMasked(mask, at(src, 0), v)
	u.store(v, at(dst, 0))
	u.ADDQ(srs, src)
	u.ADDQ(ldd, dst)
	u.DECQ(k)
	u.JNE(operand.LabelRef("loop"))
	u.VZEROUPPER()
	u.RET()
}

// packTransposed emits the kernel that turns columns of B into a panel.
func (u *unit) packTransposed() {
	n := u.lanes()
	u.function("packTransposed", "func(dst *E, ldd int, src *E, scs, k, cols int)")
	dst, ldd, src, scs := u.arg("dst"), u.elements("ldd"), u.arg("src"), u.elements("scs")
	k, cols := u.arg("k"), u.arg("cols")
	none := u.GP64()
	u.XORQ(none, none)

	u.Label("block")
	mask := u.mask(u.atMost(k, n), u.size())
	in := u.vecs(n)
	from := u.GP64()
	u.MOVQ(src, from)
	for j, v := range in {
		if j > 0 { // to the next column; the last one again where there is none
			step := u.GP64()
			u.MOVQ(scs, step)
			u.CMPQ(cols, operand.U8(j))
			u.CMOVQLE(none, step)
			u.ADDQ(step, from)
		}
		u.loadMasked(mask, at(from, 0), v)
	}
	for _, v := range u.transpose(in) {
		u.store(v, at(dst, 0))
		u.ADDQ(ldd, dst)
	}
	u.ADDQ(operand.U32(uint32(u.bytes())), src)
	u.SUBQ(operand.U32(uint32(n)), k)
	u.JGT(operand.LabelRef("block"))
	u.VZEROUPPER()
	u.RET()
}

// atMost is the smaller of x and n.
func (u *unit) atMost(x reg.GPVirtual, n int) reg.GPVirtual {
	r := u.GP64()
	u.MOVQ(operand.U32(uint32(n)), r)
	u.CMPQ(x, r)
	u.CMOVQLT(x, r)
	return r
}

// transpose gives the columns of the square that begins with the rows in,
// which are overwritten; what is beyond those rows is undefined.
func (u *unit) transpose(in []reg.VecVirtual) []reg.VecVirtual {
	w := u.part()
	for len(in)%w != 0 {
		in = append(in, nil)
	}
	v, _ := u.transposeWithin(in, u.vec())
	// The parts themselves are a square to transpose.
	out := make([]reg.VecVirtual, u.lanes())
	for c := range w {
		var parts []reg.VecVirtual
		for g := c; g < len(v); g += w {
			parts = append(parts, v[g])
		}
		for q, column := range u.transposeParts(parts) {
			out[q*w+c] = column
		}
	}
	return out
}

// transposeWithin transposes within the 16-byte parts of vectors: of the result,
// v[g*w+c] holds in part q column q*w+c of rows g*w to g*w+w-1, where w elements
// make a part. Rows may be missing (nil). The
// registers of in and a spare one take the result; the one left is given too.
func (u *unit) transposeWithin(in []reg.VecVirtual, spare reg.VecVirtual) (v []reg.VecVirtual, left reg.VecVirtual) {
	v, spare = u.interleave(in, 1, spare, choose(u.double, u.VUNPCKLPD, u.VUNPCKLPS), choose(u.double, u.VUNPCKHPD, u.VUNPCKHPS))
	if u.part() == 4 {
		v, spare = u.interleave(v, 2, spare, u.VUNPCKLPD, u.VUNPCKHPD)
	}
	return v, spare
}

// interleave applies low and high to the vectors whose indices differ by distance,
// and leaves the results side by side in the order low, high, in the registers of
// the vectors and a spare one. It gives the register that is left.
func (u *unit) interleave(in []reg.VecVirtual, distance int, spare reg.VecVirtual, low, high instruction) ([]reg.VecVirtual, reg.VecVirtual) {
	out := make([]reg.VecVirtual, len(in))
	for g := 0; g < len(in); g += 2 * distance {
		for i := range distance {
			x, y := in[g+i], in[g+i+distance]
			switch {
			case x == nil:
			case y == nil:
				out[g+2*i], out[g+2*i+1] = u.vec(), x
				low(x, x, out[g+2*i])
				high(x, x, x)
			default:
				out[g+2*i], out[g+2*i+1] = spare, y
				low(y, x, spare)
				high(y, x, y)
				spare = x
			}
		}
	}
	return out, spare
}

// transposeParts transposes a square of 16-byte parts that begins with the rows in.
func (u *unit) transposeParts(in []reg.VecVirtual) []reg.VecVirtual {
	row := func(i int) reg.VecVirtual { return in[min(i, len(in)-1)] }
	if !u.wide {
		out := u.vecs(2)
		u.VPERM2F128(operand.U8(0x20), row(1), row(0), out[0])
		u.VPERM2F128(operand.U8(0x31), row(1), row(0), out[1])
		return out
	}
	// Parts 0 and 2, or 1 and 3, of two vectors, twice.
	const even, odd = operand.U8(0x88), operand.U8(0xdd)
	var out [4]reg.VecVirtual
	for h, parts := range []operand.U8{even, odd} {
		half := u.vecs(2)
		u.VSHUFF32X4(parts, row(1), row(0), half[0])
		if len(in) > 2 {
			u.VSHUFF32X4(parts, row(3), row(2), half[1])
		} else {
			half[1] = half[0]
		}
		out[h], out[h+2] = u.vec(), u.vec()
		u.VSHUFF32X4(even, half[1], half[0], out[h])
		u.VSHUFF32X4(odd, half[1], half[0], out[h+2])
	}
	return out[:]
}
