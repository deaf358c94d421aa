package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of the fields of kernel's columnLoop.
const (
	columnsDst = 8 * iota
	columnsA
	columnsB
	columnsWidth
	columnsRows
	columnsFirst
	columnsSecond
	columnsThird
)

// columnBlock is the number of columns that are taken together.
const columnBlock = 16

// A columnKernel is the function for all loops down columns while it is emitted, with
// arithmetic in float64. There are a few vectors of columns.
type columnKernel struct {
	*unit        // of the arithmetic
	memory *unit // of the elements
	s      reg.Register
	row    reg.GPVirtual // bytes from the first row to the present one
}

// columns emits the loops down 16 columns of a matrix, one function for all.
func (u *unit) columns() {
	u.function("columns", "func(s *byte, l int)")
	d := *u
	d.double = true
	k := &columnKernel{unit: &d, memory: u, s: u.arg("s"), row: u.GP64()}
	l := u.arg("l")
	loops := []struct {
		name string
		emit func(k *columnKernel, name string)
	}{{"sums", (*columnKernel).sums}, {"squares", (*columnKernel).squares}, {"scale", (*columnKernel).standardized},
		{"dots", (*columnKernel).dots}, {"grad", (*columnKernel).grad}}
	for i, loop := range loops {
		u.CMPQ(l, operand.U8(i))
		u.JEQ(operand.LabelRef(loop.name))
	}
	u.RET()
	for _, loop := range loops {
		u.Label(loop.name)
		loop.emit(k, loop.name)
		u.VZEROUPPER()
		u.RET()
	}
}

func (k *columnKernel) pointer(offset int) reg.Register {
	r := k.GP64()
	k.MOVQ(at(k.s, offset), r)
	return r
}

// each emits a loop over the rows, with f for every vector of columns.
func (k *columnKernel) each(name string, f func(v int)) {
	rows, width := k.GP64(), k.memory.scale(k.pointer(columnsWidth).(reg.GPVirtual))
	k.MOVQ(at(k.s, columnsRows), rows)
	k.XORQ(k.row, k.row)
	k.Label(name + "_loop")
	for v := range columnBlock / k.lanes() {
		f(v)
	}
	k.ADDQ(width, k.row)
	k.DECQ(rows)
	k.JNE(operand.LabelRef(name + "_loop"))
}

// get is vector v of the present row of a matrix, put sets it.
func (k *columnKernel) get(from reg.Register, v int) reg.Register {
	x, m := k.vec(), indexed(from, k.row, 1)
	m.Disp = v * k.lanes() * k.memory.size()
	if k.memory.double {
		k.load(m, x)
	} else {
		k.VCVTPS2PD(m, x)
	}
	return x
}

func (k *columnKernel) put(x, to reg.Register, v int) {
	m := indexed(to, k.row, 1)
	m.Disp = v * k.lanes() * k.memory.size()
	switch {
	case k.memory.double:
		k.store(x, m)
	case k.wide:
		half := k.YMM()
		k.VCVTPD2PS(x, half)
		k.VMOVUPS(half, m)
	default:
		half := k.XMM()
		k.VCVTPD2PSY(x, half)
		k.VMOVUPS(half, m)
	}
}

// numbers gives what is known of each column; keepNumbers puts it back.
func (k *columnKernel) numbers(offset int) []reg.Register {
	from := k.pointer(offset)
	list := make([]reg.Register, columnBlock/k.lanes())
	for v := range list {
		list[v] = k.vec()
		k.load(at(from, v*k.bytes()), list[v])
	}
	return list
}

func (k *columnKernel) keepNumbers(list []reg.Register, offset int) {
	to := k.pointer(offset)
	for v, x := range list {
		k.store(x, at(to, v*k.bytes()))
	}
}

func (k *columnKernel) sums(name string) {
	a, sums := k.pointer(columnsA), k.numbers(columnsFirst)
	k.each(name, func(v int) { k.add(k.get(a, v), sums[v], sums[v]) })
	k.keepNumbers(sums, columnsFirst)
}

func (k *columnKernel) squares(name string) {
	a, means, sums := k.pointer(columnsA), k.numbers(columnsFirst), k.numbers(columnsSecond)
	k.each(name, func(v int) {
		x := k.minus(k.get(a, v), means[v])
		k.add(k.times(x, x), sums[v], sums[v])
	})
	k.keepNumbers(sums, columnsSecond)
}

func (k *columnKernel) standardized(name string) {
	dst, a, means, factors := k.pointer(columnsDst), k.pointer(columnsA), k.numbers(columnsFirst), k.numbers(columnsSecond)
	k.each(name, func(v int) { k.put(k.times(factors[v], k.minus(k.get(a, v), means[v])), dst, v) })
}

func (k *columnKernel) dots(name string) {
	a, b, sums, dots := k.pointer(columnsA), k.pointer(columnsB), k.numbers(columnsFirst), k.numbers(columnsSecond)
	k.each(name, func(v int) {
		x := k.get(a, v)
		k.add(x, sums[v], sums[v])
		k.add(k.times(k.get(b, v), x), dots[v], dots[v])
	})
	k.keepNumbers(sums, columnsFirst)
	k.keepNumbers(dots, columnsSecond)
}

func (k *columnKernel) grad(name string) {
	dst, a, b := k.pointer(columnsDst), k.pointer(columnsA), k.pointer(columnsB)
	means, dots, factors := k.numbers(columnsFirst), k.numbers(columnsSecond), k.pointer(columnsThird)
	k.each(name, func(v int) {
		x := k.minus(k.minus(k.get(a, v), means[v]), k.times(dots[v], k.get(b, v)))
		k.put(k.times(at(factors, v*k.bytes()), x), dst, v)
	})
}
