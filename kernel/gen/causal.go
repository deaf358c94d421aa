package main

import (
	"math"
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of the fields of kernel's causal.
const (
	causalP = 8 * iota
	causalD
	causalStride
	causalRows
	causalValid
	causalScale
)

// line is the number of bytes that sums are taken over side by side; rows consist of
// whole lines.
const line = 64

// A causalKernel is a function over rows, each with one valid element more than the
// one before it, while it is emitted. With AVX-512 some rows are taken together, so
// that none waits for the sums of another.
type causalKernel struct {
	*unit
	p      []reg.Register // rows that are taken together
	delta  reg.GPVirtual  // from an element of p to that of d, in bytes
	stride reg.GPVirtual  // in bytes
	ends   reg.GPVirtual  // where the last line with a valid element ends, in bytes
	at, to reg.GPVirtual  // the bytes done in a row of p, and the same for d
	valid  reg.GPVirtual
	scale  reg.Register
	counts []reg.Register // of the valid elements of each row, as vectors of whole numbers
	places reg.Register   // of the elements of a vector, likewise
}

func (u *unit) causal() {
	u.causalFunction("causalSoftmax", (*causalKernel).softmax)
	u.causalFunction("causalSoftmaxGrad", (*causalKernel).softmaxGrad)
}

func (u *unit) causalFunction(name string, emit func(k *causalKernel)) {
	u.function(name, "func(s *byte)")
	s := u.arg("s")
	field := func(offset int) reg.GPVirtual {
		r := u.GP64()
		u.MOVQ(at(s, offset), r)
		return r
	}
	first, rows := field(causalP), field(causalRows)
	k := &causalKernel{unit: u, delta: field(causalD), stride: u.scale(field(causalStride)), valid: field(causalValid),
		ends: u.GP64(), at: u.GP64(), to: u.GP64(), scale: u.vec()}
	u.SUBQ(first, k.delta)
	u.broadcast(at(s, causalScale), k.scale)
	for _, together := range slices.Compact([]int{choose(u.wide, 4, 1), 1}) {
		again, done := u.label("by%d", together), u.label("by%d_done", together)
		u.Label(again)
		u.CMPQ(rows, operand.U8(together))
		u.JLT(operand.LabelRef(done))
		k.p, k.counts = []reg.Register{first}, []reg.Register{k.count(k.valid)}
		for r := 1; r < together; r++ {
			next := u.GP64()
			u.LEAQ(indexed(k.p[r-1], k.stride, 1), next)
			k.p = append(k.p, next)
			k.counts = append(k.counts, u.plusInt(u.whole(1), k.counts[r-1]))
		}
		u.LEAQ(at(k.valid, together-1+line/u.size()-1), k.ends)
		u.scale(k.ends)
		u.ANDQ(operand.I8(-line), k.ends)
		emit(k)
		u.LEAQ(indexed(k.p[together-1], k.stride, 1), first)
		u.ADDQ(operand.U8(together), k.valid)
		u.SUBQ(operand.U8(together), rows)
		u.JMP(operand.LabelRef(again))
		u.Label(done)
	}
	u.VZEROUPPER()
	u.RET()
}

// count is a vector of whole numbers, all of them n.
func (u *unit) count(n reg.GPVirtual) reg.Register {
	x, v := u.XMM(), u.vec()
	u.VMOVQ(n, x)
	choose(u.double, u.VPBROADCASTQ, u.VPBROADCASTD)(x, v)
	return v
}

// whole is a vector of the whole number n; places is 0, 1, 2, ...
func (u *unit) whole(n int) constant { return u.bits(uint64(n)) }

func (u *unit) firstPlaces() operand.Mem {
	return u.table(u.label("places%d", u.size()), func() {
		for i := range u.lanes() {
			if u.double {
				u.AddDatum(8*i, operand.U64(i))
			} else {
				u.AddDatum(4*i, operand.U32(i))
			}
		}
	})
}

// lines emits a loop over the lines of the rows, with f for vector v of a line.
func (k *causalKernel) lines(name string, f func(v int)) {
	loop := k.label("%s%d", name, len(k.p))
	k.XORQ(k.at, k.at)
	k.MOVQ(k.delta, k.to)
	k.places = k.vec()
	k.load(k.firstPlaces(), k.places)
	k.Label(loop)
	for v := range line / k.bytes() {
		f(v)
		k.perform(choose(k.double, k.VPADDQ, k.VPADDD), choose(k.double, k.VPADDQ_BCST, k.VPADDD_BCST), k.whole(k.lanes()), k.places, k.places)
	}
	k.ADDQ(operand.U8(line), k.at)
	k.ADDQ(operand.U8(line), k.to)
	k.CMPQ(k.at, k.ends)
	k.JLT(operand.LabelRef(loop))
}

// inside tells which elements of the present vector of row r are valid.
func (k *causalKernel) inside(r int) reg.Register {
	mask := choose[reg.Register](k.wide, k.K(), k.vec())
	choose(k.double, k.VPCMPGTQ, k.VPCMPGTD)(k.places, k.counts[r], mask)
	return mask
}

// only is x where the mask is set, else 0.
func (k *causalKernel) only(mask, x reg.Register) reg.Register {
	if !k.wide {
		return k.and(mask, x)
	}
	out := k.vec()
	choose(k.double, k.VMOVAPD_Z, k.VMOVAPS_Z)(x, mask, out)
	return out
}

func (k *causalKernel) element(r, v int) operand.Mem {
	m := indexed(k.p[r], k.at, 1)
	m.Disp = v * k.bytes()
	return m
}

func (k *causalKernel) elementOfD(r, v int) operand.Mem {
	m := indexed(k.p[r], k.to, 1)
	m.Disp = v * k.bytes()
	return m
}

func (k *causalKernel) loaded(m operand.Mem) reg.Register {
	v := k.vec()
	k.load(m, v)
	return v
}

// accumulators are vectors for each row, of the number x; those of a row take turns.
func (k *causalKernel) accumulators(x float64, each int) [][]reg.VecVirtual {
	sums := make([][]reg.VecVirtual, len(k.p))
	for r := range sums {
		sums[r] = k.vecs(each)
		for _, v := range sums[r] {
			k.broadcast(k.number(x).Mem, v)
		}
	}
	return sums
}

// all combines the elements of a row's accumulators into a vector of the result.
func (k *causalKernel) all(parts []reg.VecVirtual, op func(x, y, out reg.Register)) reg.Register {
	for _, v := range parts[1:] {
		op(v, parts[0], parts[0])
	}
	out := k.vec()
	choose(k.double, k.VBROADCASTSD, k.VBROADCASTSS)(k.fold(parts[0], op), out)
	return out
}

func (k *causalKernel) sumOf(parts []reg.VecVirtual) reg.Register {
	return k.all(parts, func(x, y, out reg.Register) { k.add(x, y, out) })
}

// softmax emits kernel's causalSoftmax.
func (k *causalKernel) softmax() {
	tops := k.accumulators(math.Inf(-1), 1)
	k.lines("top", func(v int) {
		for r := range k.p {
			top := tops[r][0]
			mask := k.inside(r)
			if k.wide {
				choose(k.double, k.VMAXPD, k.VMAXPS)(k.element(r, v), top, mask, top)
				continue
			}
			x := k.held(math.Inf(-1))
			choose(k.double, k.VBLENDVPD, k.VBLENDVPS)(mask, k.element(r, v), x, x)
			choose(k.double, k.VMAXPD, k.VMAXPS)(x, top, top)
		}
	})
	most := make([]reg.Register, len(k.p))
	for r := range most {
		most[r] = k.all(tops[r], func(x, y, out reg.Register) { choose(k.double, k.VMAXPD, k.VMAXPS)(x, y, out) })
	}
	sums := k.accumulators(0, line/k.bytes())
	k.lines("exp", func(v int) {
		for r := range k.p {
			x := k.loaded(k.element(r, v))
			e := k.only(k.inside(r), k.exp(k.times(k.scale, k.minus(x, most[r])), 0))
			k.store(e, k.element(r, v))
			k.add(e, sums[r][v], sums[r][v])
		}
	})
	factors := make([]reg.Register, len(k.p))
	for r := range factors {
		factors[r] = k.over(k.held(1), k.sumOf(sums[r]))
	}
	k.lines("scale", func(v int) {
		for r := range k.p {
			k.store(k.only(k.inside(r), k.times(k.element(r, v), factors[r])), k.element(r, v))
		}
	})
	k.clearRest(k.element, k.at)
}

// softmaxGrad emits kernel's causalSoftmaxGrad.
func (k *causalKernel) softmaxGrad() {
	sums := k.accumulators(0, line/k.bytes())
	k.lines("dot", func(v int) {
		for r := range k.p {
			d := k.loaded(k.elementOfD(r, v))
			k.add(k.times(k.element(r, v), k.only(k.inside(r), d)), sums[r][v], sums[r][v])
		}
	})
	means := make([]reg.Register, len(k.p))
	for r := range means {
		means[r] = k.sumOf(sums[r])
	}
	k.lines("grad", func(v int) {
		for r := range k.p {
			d := k.only(k.inside(r), k.minus(k.loaded(k.elementOfD(r, v)), means[r]))
			k.store(k.times(k.scale, k.times(k.element(r, v), d)), k.elementOfD(r, v))
		}
	})
	k.clearRest(k.elementOfD, k.to)
}

// clearRest emits a loop that sets what follows the lines to zero.
func (k *causalKernel) clearRest(element func(r, v int) operand.Mem, place reg.GPVirtual) {
	loop, done := k.label("rest%d", len(k.p)), k.label("rest%d_done", len(k.p))
	none := k.vec()
	k.zero(none)
	k.Label(loop)
	k.CMPQ(k.at, k.stride)
	k.JGE(operand.LabelRef(done))
	for r := range k.p {
		for v := range line / k.bytes() {
			k.store(none, element(r, v))
		}
	}
	k.ADDQ(operand.U8(line), k.at)
	if place != k.at {
		k.ADDQ(operand.U8(line), place)
	}
	k.JMP(operand.LabelRef(loop))
	k.Label(done)
}
