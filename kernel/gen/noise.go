package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of the fields of kernel's noise.
const (
	noiseDst = 8 * iota
	noiseVectors
	noiseState
	noiseLimit
	noiseKept
)

// noise emits the loop of kernel.Noise for float32, with the sequence of splitmix64 in
// vectors of 64-bit numbers, each of which decides on two elements.
func (u *unit) noise() {
	u.function("noise", "func(s *byte)")
	d := *u
	d.double = true
	s, dst, vectors := u.arg("s"), u.GP64(), u.GP64()
	u.MOVQ(at(s, noiseDst), dst)
	u.MOVQ(at(s, noiseVectors), vectors)
	state, limit, kept := u.vec(), u.vec(), u.vec()
	u.VPBROADCASTQ(at(s, noiseState), state)
	u.VPBROADCASTD(at(s, noiseLimit), limit)
	u.broadcast(at(s, noiseKept), kept)
	const gamma = 0x9e3779b97f4a7c15
	step := func(n int) uint64 { return uint64(n) * gamma }
	u.VPADDQ(u.table("steps", func() {
		for i := range d.lanes() {
			u.AddDatum(8*i, operand.U64(step(i+1)))
		}
	}), state, state)

	u.Label("loop")
	z := d.multiplied(d.folded(state, 30), 0xbf58476d1ce4e5b9)
	z = d.folded(d.multiplied(d.folded(z, 27), 0x94d049bb133111eb), 31)
	u.store(u.atMostLimit(z, limit, kept), at(dst, 0))
	d.perform(u.VPADDQ, u.VPADDQ_BCST, d.bits(step(d.lanes())), state, state)
	u.ADDQ(operand.U8(u.bytes()), dst)
	u.DECQ(vectors)
	u.JNE(operand.LabelRef("loop"))
	u.VZEROUPPER()
	u.RET()
}

// folded is z ^ z>>n.
func (u *unit) folded(z reg.Register, n int) reg.Register {
	v := u.right(z, n)
	if u.wide {
		u.VPXORQ(z, v, v)
	} else {
		u.VPXOR(z, v, v)
	}
	return v
}

// multiplied is z c, modulo 2^64. AVX2 has but products of halves.
func (u *unit) multiplied(z reg.Register, c uint64) reg.Register {
	if u.wide {
		return u.result(u.VPMULLQ, u.VPMULLQ_BCST, u.bits(c), z)
	}
	half := func(c uint64, z reg.Register) reg.Register { return u.result(u.VPMULUDQ, nil, u.bits(c), z) }
	low := c & (1<<32 - 1)
	cross := u.plusInt(half(c>>32, z), half(low, u.right(z, 32)))
	return u.plusInt(u.left(cross, 32), half(low, z))
}

// atMostLimit is kept where z, as numbers of 32 bits, is at most limit, else 0.
func (u *unit) atMostLimit(z, limit, kept reg.Register) reg.Register {
	out := u.vec()
	if u.wide {
		const atMost = operand.U8(2)
		k := u.K()
		u.VPCMPUD(atMost, limit, z, k)
		u.VMOVAPS_Z(kept, k, out)
		return out
	}
	u.VPMINUD(limit, z, out)
	u.VPCMPEQD(z, out, out)
	return u.and(out, kept)
}
