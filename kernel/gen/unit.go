package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A unit emits vector instructions of one width for one type of element.
type unit struct {
	*build.Context
	wide   bool // 64-byte vectors and mask registers (AVX-512), else 32 bytes (AVX2)
	double bool // float64, else float32
	tables map[string]operand.Mem
}

func newUnit(wide, double bool) *unit {
	return &unit{build.NewContext(), wide, double, map[string]operand.Mem{}}
}

func (u *unit) size() int  { return choose(u.double, 8, 4) }
func (u *unit) bytes() int { return choose(u.wide, 64, 32) }
func (u *unit) lanes() int { return u.bytes() / u.size() }

func (u *unit) elem() string { return choose(u.double, "float64", "float32") }

// suffix tells the functions of units apart.
func (u *unit) suffix() string {
	return choose(u.double, "F64", "F32") + choose(u.wide, "AVX512", "AVX2")
}

func (u *unit) vec() reg.VecVirtual {
	if u.wide {
		return u.ZMM()
	}
	return u.YMM()
}

func (u *unit) vecs(n int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = u.vec()
	}
	return v
}

// function starts a function that uses no stack; E in its signature stands for the
// type of the elements. Its declaration, with a comment, is in package kernel.
func (u *unit) function(name, signature string) {
	u.Function(name + u.suffix())
	u.Attributes(attr.NOSPLIT)
	u.SignatureExpr(strings.ReplaceAll(signature, "*E", "*"+u.elem()))
}

// arg loads a parameter; elements loads one that counts elements, as bytes.
func (u *unit) arg(name string) reg.GPVirtual {
	r := u.GP64()
	u.Load(u.Param(name), r)
	return r
}

func (u *unit) elements(name string) reg.GPVirtual { return u.scale(u.arg(name)) }

// scale turns a number of elements into one of bytes.
func (u *unit) scale(r reg.GPVirtual) reg.GPVirtual {
	u.SHLQ(operand.U8(choose(u.double, 3, 2)), r)
	return r
}

func (u *unit) zero(v reg.Register) {
	if u.wide {
		u.VPXORD(v, v, v)
	} else {
		u.VXORPS(v, v, v)
	}
}

func (u *unit) load(m operand.Mem, v reg.Register) {
	choose(u.double, u.VMOVUPD, u.VMOVUPS)(m, v)
}

func (u *unit) store(v reg.Register, m operand.Mem) {
	choose(u.double, u.VMOVUPD, u.VMOVUPS)(v, m)
}

// mask makes a mask of the first n lanes, 0 < n <= lanes, for elements of that size
// in memory.
func (u *unit) mask(n reg.GPVirtual, size int) reg.Register {
	if u.wide {
		bits, k := u.GP32(), u.K()
		u.MOVL(operand.I32(-1), bits)
		u.BZHIL(n.As32(), bits, bits)
		u.KMOVW(bits, k)
		return k
	}
	v, table, from := choose(u.lanes()*size == 16, u.XMM(), u.YMM()), u.GP64(), u.GP64()
	u.LEAQ(u.maskTable(size), table)
	u.MOVQ(operand.U32(uint32(u.lanes())), from)
	u.SUBQ(n, from)
	u.VMOVUPS(indexed(table, from, size), v)
	return v
}

// fixedMask is mask for a number that is known beforehand.
func (u *unit) fixedMask(n int) reg.Register {
	count := u.GP64()
	u.MOVQ(operand.U32(uint32(n)), count)
	return u.mask(count, u.size())
}

// maskTable is a row of lanes set and as many clear, of elements of that size.
func (u *unit) maskTable(size int) operand.Mem {
	return u.table(u.label("lanes%dx%d", u.lanes(), size), func() {
		bytes := u.lanes() * size
		for i := range 2 * bytes / 8 {
			u.AddDatum(8*i, operand.U64(choose(i < bytes/8, ^uint64(0), 0)))
		}
	})
}

// table is read-only memory of that name, filled when it is first asked for.
func (u *unit) table(name string, fill func()) operand.Mem {
	if m, ok := u.tables[name]; ok {
		return m
	}
	m := u.StaticGlobal(name + u.suffix())
	fill()
	u.DataAttributes(attr.RODATA | attr.NOPTR)
	u.tables[name] = m
	return m
}

func (u *unit) loadMasked(mask reg.Register, m operand.Mem, v reg.Register) {
	if u.wide {
		choose(u.double, u.VMOVUPD_Z, u.VMOVUPS_Z)(m, mask, v)
	} else {
		choose(u.double, u.VMASKMOVPD, u.VMASKMOVPS)(m, mask, v)
	}
}

func (u *unit) storeMasked(mask, v reg.Register, m operand.Mem) {
	if u.wide {
		choose(u.double, u.VMOVUPD, u.VMOVUPS)(v, mask, m)
	} else {
		choose(u.double, u.VMASKMOVPD, u.VMASKMOVPS)(v, mask, m)
	}
}

func (u *unit) broadcast(m operand.Mem, v reg.Register) {
	if u.double {
		u.VBROADCASTSD(m, v)
	} else {
		u.VBROADCASTSS(m, v)
	}
}

// fma adds x*y to sum; fmaBroadcast adds y times the element at m.
func (u *unit) fma(x, y, sum reg.Register) {
	choose(u.double, u.VFMADD231PD, u.VFMADD231PS)(x, y, sum)
}

func (u *unit) fmaBroadcast(m operand.Mem, y, sum reg.Register) {
	choose(u.double, u.VFMADD231PD_BCST, u.VFMADD231PS_BCST)(m, y, sum)
}

func (u *unit) add(x operand.Op, y, sum reg.Register) {
	choose(u.double, u.VADDPD, u.VADDPS)(x, y, sum)
}

// storeFirst stores the first n lanes, which the mask has: with AVX2 in parts, since there
// a masked store takes as long as a dozen others.
func (u *unit) storeFirst(n int, mask, v reg.Register, m operand.Mem) {
	if u.wide {
		u.storeMasked(mask, v, m)
		return
	}
	if n == u.lanes() {
		u.store(v, m)
		return
	}
	x := u.XMM()
	u.VMOVUPS(v.(reg.VecVirtual).AsX(), x)
	if half := u.lanes() / 2; n >= half {
		u.VMOVUPS(x, m)
		if n -= half; n == 0 {
			return
		}
		m.Disp += 16
		u.VEXTRACTF128(operand.U8(1), v, x)
	}
	if u.double {
		u.VMOVSD(x, m)
		return
	}
	if n >= 2 {
		u.VMOVSD(x, m)
		m.Disp += 8
	}
	switch n {
	case 1:
		u.VMOVSS(x, m)
	case 3:
		u.VEXTRACTPS(operand.U8(2), x, m)
	}
}

type instruction func(...operand.Op)

func (u *unit) label(format string, args ...any) string { return fmt.Sprintf(format, args...) }

func choose[V any](cond bool, yes, no V) V {
	if cond {
		return yes
	}
	return no
}

func at(base reg.Register, disp int) operand.Mem { return operand.Mem{Base: base, Disp: disp} }

func indexed(base, index reg.Register, scale int) operand.Mem {
	return operand.Mem{Base: base, Index: index, Scale: uint8(scale)}
}
