package main

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tapsFields are those of kernel's tapsCall, 8 bytes each.
var tapsFields = []string{"y", "ldy", "x", "step", "w", "ws", "at", "taps", "rows", "count", "channels", "accumulate"}

// tapsRows is the largest number of pixels at a time; all smaller numbers exist too.
const tapsRows = 8

// taps emits the sum over taps of depthwise convolution:
//
//	y[i*ldy+c] = sum_t x[i*step+at[t]+c] * w[t*ws+c]  (+ y[i*ldy+c])
//
// for count blocks of rows pixels i, and all channels c.
func (u *unit) taps() {
	u.function("taps", "func(t *byte)")
	k := &tapsKernel{unit: u, t: u.arg("t")}
	k.x, k.y = k.field("x"), k.field("y")
	k.step, k.step3 = u.scale(k.field("step")), u.GP64()
	u.LEAQ(indexed(k.step, k.step, 2), k.step3)
	for rows := 1; rows < tapsRows; rows++ {
		u.CMPQ(k.place("rows"), operand.U8(rows))
		u.JEQ(operand.LabelRef(k.label("rows%d", rows)))
	}
	for rows := tapsRows; rows > 0; rows-- {
		u.Label(k.label("rows%d", rows))
		k.blocks(rows)
	}
}

// A tapsKernel is the kernel of depthwise convolution while it is emitted.
type tapsKernel struct {
	*unit
	t           reg.Register  // the call
	x, y        reg.GPVirtual // of the present block
	step, step3 reg.Register
}

// place is that of a field of the call.
func (k *tapsKernel) place(field string) operand.Mem {
	return at(k.t, 8*slices.Index(tapsFields, field))
}

func (k *tapsKernel) field(name string) reg.GPVirtual {
	r := k.GP64()
	k.MOVQ(k.place(name), r)
	return r
}

// blocks emits the loop over blocks of a fixed number of pixels, and over vectors of
// channels in each.
func (k *tapsKernel) blocks(rows int) {
	block, vector, rest, next := k.label("block%d", rows), k.label("vector%d", rows), k.label("rest%d", rows), k.label("next%d", rows)
	k.Label(block)
	done, left := k.GP64(), k.field("channels")
	k.XORQ(done, done)
	k.Label(vector)
	k.CMPQ(left, operand.U8(k.lanes()))
	k.JLT(operand.LabelRef(rest))
	k.sum(rows, done, nil)
	k.ADDQ(operand.U8(k.bytes()), done)
	k.SUBQ(operand.U8(k.lanes()), left)
	k.JMP(operand.LabelRef(vector))
	k.Label(rest)
	k.TESTQ(left, left)
	k.JEQ(operand.LabelRef(next))
	k.sum(rows, done, k.mask(left, k.size()))
	k.Label(next)
	across, down := k.GP64(), k.scale(k.field("ldy"))
	k.IMUL3Q(operand.U32(uint32(rows)), k.step, across)
	k.IMUL3Q(operand.U32(uint32(rows)), down, down)
	k.ADDQ(across, k.x)
	k.ADDQ(down, k.y)
	k.DECQ(k.place("count"))
	k.JNE(operand.LabelRef(block))
	k.VZEROUPPER()
	k.RET()
}

// sum emits the sums of one vector of channels, whose last lanes are masked or not.
func (k *tapsKernel) sum(rows int, done, mask reg.Register) {
	what := choose(mask == nil, "full", "masked")
	sums := k.vecs(rows)
	for _, s := range sums {
		k.zero(s)
	}
	x, w, ws, list, taps := k.GP64(), k.field("w"), k.scale(k.field("ws")), k.field("at"), k.field("taps")
	k.LEAQ(indexed(k.x, done, 1), x)
	k.ADDQ(done, w)
	loop := k.label("%s%d", what, rows)
	k.Label(loop)
	first, sixth := k.GP64(), k.GP64()
	k.MOVQ(at(list, 0), first)
	k.ADDQ(x, first)
	if rows > 5 {
		k.LEAQ(indexed(first, k.step, 4), sixth)
		k.ADDQ(k.step, sixth)
	}
	weight := k.get(mask, at(w, 0))
	for i, s := range sums {
		m := k.pixel(choose[reg.Register](i < 5, first, sixth), i%5)
		fma := choose(k.double, k.VFMADD231PD, k.VFMADD231PS)
		if mask == nil {
			fma(m, weight, s)
		} else {
			fma(k.get(mask, m), weight, s)
		}
	}
	k.ADDQ(ws, w)
	k.ADDQ(operand.U8(8), list)
	k.DECQ(taps)
	k.JNE(operand.LabelRef(loop))
	k.store(sums, done, mask, what)
}

// pixel is the place i < 5 steps after base.
func (k *tapsKernel) pixel(base reg.Register, i int) operand.Mem {
	switch i {
	case 0:
		return at(base, 0)
	case 3:
		return indexed(base, k.step3, 1)
	}
	return indexed(base, k.step, i)
}

func (k *tapsKernel) get(mask reg.Register, m operand.Mem) reg.Register {
	v := k.vec()
	if mask == nil {
		k.load(m, v)
	} else {
		k.loadMasked(mask, m, v)
	}
	return v
}

// store emits what adds the sums to y, if asked to, and stores them.
func (k *tapsKernel) store(sums []reg.VecVirtual, done, mask reg.Register, what string) {
	ldy := k.scale(k.field("ldy"))
	each := func(emit func(s reg.Register, m operand.Mem)) {
		y := k.GP64()
		k.LEAQ(indexed(k.y, done, 1), y)
		for i, s := range sums {
			if i > 0 {
				k.ADDQ(ldy, y)
			}
			emit(s, at(y, 0))
		}
	}
	put := k.label("put%s%d", what, len(sums))
	k.CMPB(k.place("accumulate"), operand.U8(0))
	k.JEQ(operand.LabelRef(put))
	each(func(s reg.Register, m operand.Mem) { k.add(k.get(mask, m), s, s) })
	k.Label(put)
	each(func(s reg.Register, m operand.Mem) {
		if mask == nil {
			k.unit.store(s, m)
		} else {
			k.storeMasked(mask, s, m)
		}
	})
}
