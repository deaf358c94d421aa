package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A poolLoop works on a vector of channels of one window.
type poolLoop struct {
	name string
	emit func(p *poolKernel)
}

// pools are all loops. The place of one is the number by which kernel asks for it.
var pools = []poolLoop{
	{"largest", (*poolKernel).largest},
	{"gather", (*poolKernel).gather},
	{"scatter", (*poolKernel).scatter},
	{"scatterApart", (*poolKernel).scatterApart},
	{"mean", (*poolKernel).mean},
	{"share", (*poolKernel).share},
	{"shareApart", (*poolKernel).shareApart},
}

// Offsets of the fields of kernel's windows.
const (
	windowsY = 8 * iota
	windowsX
	windowsA
	windowsN
	windowsStep
	windowsChannels
	windowsRows
	windowsCols
	windowsRow
	windowsScale
)

// A poolKernel is the function for all loops while it is emitted.
type poolKernel struct {
	*unit
	w, y, x, a   reg.GPVirtual
	pixel, row   reg.GPVirtual // bytes of a pixel, and from one row to the next
	at           reg.GPVirtual // bytes of channels done
	mask         reg.Register  // of a vector that is not whole, else nil
	name, suffix string        // of the present loop
}

// pool emits the loops over windows, one function for all.
func (u *unit) pool() {
	u.function("pool", "func(w *byte, l int)")
	p := &poolKernel{unit: u, w: u.arg("w"), at: u.GP64()}
	p.y, p.x, p.a = p.field(windowsY), p.field(windowsX), p.field(windowsA)
	p.pixel, p.row = u.scale(p.field(windowsChannels)), u.scale(p.field(windowsRow))
	l := u.arg("l")
	for i, loop := range pools {
		u.CMPQ(l, operand.U8(i))
		u.JEQ(operand.LabelRef(loop.name))
	}
	u.RET()
	for _, loop := range pools {
		p.name = loop.name
		p.windows(loop.emit)
	}
}

func (p *poolKernel) field(offset int) reg.GPVirtual {
	r := p.GP64()
	p.MOVQ(at(p.w, offset), r)
	return r
}

// windows emits a loop over windows, and over vectors of channels in each.
func (p *poolKernel) windows(emit func(p *poolKernel)) {
	window, vector, rest, next := p.name, p.name+"_vector", p.name+"_rest", p.name+"_next"
	p.Label(window)
	left := p.field(windowsChannels)
	p.XORQ(p.at, p.at)
	p.Label(vector)
	p.CMPQ(left, operand.U8(p.lanes()))
	p.JLT(operand.LabelRef(rest))
	p.mask, p.suffix = nil, ""
	emit(p)
	p.ADDQ(operand.U8(p.bytes()), p.at)
	p.SUBQ(operand.U8(p.lanes()), left)
	p.JMP(operand.LabelRef(vector))
	p.Label(rest)
	p.TESTQ(left, left)
	p.JEQ(operand.LabelRef(next))
	p.mask, p.suffix = p.unit.mask(left, p.size()), "_masked"
	emit(p)
	p.Label(next)
	step := p.scale(p.field(windowsStep))
	p.ADDQ(step, p.x)
	p.ADDQ(step, p.a)
	p.ADDQ(p.pixel, p.y)
	p.DECQ(at(p.w, windowsN))
	p.JNE(operand.LabelRef(window))
	p.VZEROUPPER()
	p.RET()
}

// cells emits a loop over the pixels of the window, each at the same distance from the
// start of x and of a.
func (p *poolKernel) cells(what string, emit func(x, a operand.Mem)) {
	line, cell, cols, apart := p.GP64(), p.GP64(), p.GP64(), p.GP64()
	p.LEAQ(indexed(p.x, p.at, 1), line)
	p.MOVQ(p.a, apart)
	p.SUBQ(p.x, apart)
	rows := p.field(windowsRows)
	each, next := p.name+what+p.suffix, p.name+what+p.suffix+"_cell"
	p.Label(each)
	p.MOVQ(line, cell)
	p.MOVQ(at(p.w, windowsCols), cols)
	p.Label(next)
	emit(at(cell, 0), indexed(cell, apart, 1))
	p.ADDQ(p.pixel, cell)
	p.DECQ(cols)
	p.JNE(operand.LabelRef(next))
	p.ADDQ(p.row, line)
	p.DECQ(rows)
	p.JNE(operand.LabelRef(each))
}

func (p *poolKernel) get(m operand.Mem) reg.VecVirtual {
	v := p.vec()
	if p.mask == nil {
		p.load(m, v)
	} else {
		p.loadMasked(p.mask, m, v)
	}
	return v
}

func (p *poolKernel) put(v reg.Register, m operand.Mem) {
	if p.mask == nil {
		p.store(v, m)
	} else {
		p.storeMasked(p.mask, v, m)
	}
}

func (p *poolKernel) here(base reg.Register) operand.Mem { return indexed(base, p.at, 1) }

// best emits the search for the largest element. Where v is larger than top, or NaN
// and top is not, it and what belongs to it take the place of those kept.
func (p *poolKernel) best(of func(a operand.Mem) (kept, here reg.Register)) (top reg.VecVirtual) {
	top = p.get(p.here(p.x))
	p.cells("_best", func(x, a operand.Mem) {
		v := p.get(x)
		replace := p.larger(v, top)
		if of != nil {
			kept, here := of(a)
			p.blend(replace, here, kept)
		}
		p.blend(replace, v, top)
	})
	return top
}

// larger is a mask of where v is not at most top, and top is a number.
func (p *poolKernel) larger(v, top reg.Register) reg.Register {
	const ordered = operand.U8(7)
	compare := choose(p.double, p.VCMPPD, p.VCMPPS)
	if p.wide {
		number, k := p.K(), p.K()
		compare(ordered, top, top, number)
		compare(notAtMost, top, v, number, k)
		return k
	}
	number, k := p.vec(), p.vec()
	compare(ordered, top, top, number)
	compare(notAtMost, top, v, k)
	return p.and(number, k)
}

// blend puts v into kept where the mask is set.
func (p *poolKernel) blend(mask, v, kept reg.Register) {
	if p.wide {
		choose(p.double, p.VMOVAPD, p.VMOVAPS)(v, mask, kept)
	} else {
		choose(p.double, p.VBLENDVPD, p.VBLENDVPS)(mask, v, kept, kept)
	}
}

// largest emits the loop of kernel.MaxPool.
func (p *poolKernel) largest() { p.put(p.best(nil), p.here(p.y)) }

// gather emits the loop of kernel.MaxPoolGather.
func (p *poolKernel) gather() {
	kept := p.get(p.here(p.a))
	p.best(func(a operand.Mem) (reg.Register, reg.Register) { return kept, p.get(a) })
	p.put(kept, p.here(p.y))
}

// scatter emits the loop of kernel.MaxPoolScatter, scatterApart that for windows
// which cover the picture once.
func (p *poolKernel) scatter()      { p.place(p.increase) }
func (p *poolKernel) scatterApart() { p.place(p.set) }

// increase adds v to what is at m; set adds it to zero.
func (p *poolKernel) increase(v reg.Register, m operand.Mem) { p.put(p.plus(p.get(m), v), m) }
func (p *poolKernel) set(v reg.Register, m operand.Mem)      { p.put(p.plus(p.unit.number(0), v), m) }

// place keeps the number of the largest pixel; the first one, which it starts with, is 0.
func (p *poolKernel) place(put func(v reg.Register, m operand.Mem)) {
	kept, number, one := p.vec(), p.held(-1), p.held(1)
	p.zero(kept)
	p.best(func(operand.Mem) (reg.Register, reg.Register) {
		p.add(one, number, number)
		return kept, number
	})
	d := p.get(p.here(p.y))
	number = p.held(0)
	p.cells("_spread", func(_, a operand.Mem) {
		const equal = operand.U8(0)
		put(p.keep(d, kept, equal, number), a)
		p.add(one, number, number)
	})
}

// mean emits the loop of kernel.AvgPool, share and shareApart those of its adjoint.
func (p *poolKernel) mean() {
	sum := p.vec()
	p.zero(sum)
	p.cells("_sum", func(x, _ operand.Mem) { p.add(p.get(x), sum, sum) })
	p.put(p.times(p.factor(), sum), p.here(p.y))
}

func (p *poolKernel) share()      { p.spread(p.increase) }
func (p *poolKernel) shareApart() { p.spread(p.set) }

func (p *poolKernel) spread(put func(v reg.Register, m operand.Mem)) {
	share := p.times(p.factor(), p.get(p.here(p.y)))
	p.cells("_add", func(_, a operand.Mem) { put(share, a) })
}

func (p *poolKernel) factor() reg.Register {
	v := p.vec()
	p.broadcast(at(p.w, windowsScale), v)
	return v
}
