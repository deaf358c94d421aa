package main

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of the fields of kernel's tilesCall.
const (
	tilesPlanes = 8 * iota
	tilesPlane
	tilesX
	tilesRow
	tilesCol
	tilesChannels
	tilesStep
	tilesTall
	tilesWide
)

// tilesUnit is the number of channels of which there is always a multiple.
const tilesUnit = 8

// A tilesKernel is the function for all loops while it is emitted. A loop goes over
// rows of tiles for some channels, then for the next ones: two vectors, which with AVX2
// are a line of the caches, while there are as many. With the matrices
//
//	     1  0 -1  0         1    0   0          1  1  1  0
//	B' = 0  1  1  0    G = 1/2  1/2 1/2    A' = 0  1 -1  1
//	     0 -1  1  0        1/2 -1/2 1/2
//	     0 -1  0  1         0    0   1
//
// and x a block of pixels, of planes or of weights, the loops make line i of B' x B and of
// A x A', what line i adds to A' x A, and G x G' and G' x G.
type tilesKernel struct {
	*unit
	call                   reg.GPVirtual
	x, planes              reg.GPVirtual // of the present tile
	row, col, plane, third reg.GPVirtual // bytes; third is three planes
	vectors                int           // of channels
	mask                   reg.Register  // of a vector that is not whole, else nil
	name                   string        // of the present loop
}

// winograd emits the loops over tiles, one function for all.
func (u *unit) winograd() {
	u.function("winograd", "func(t *byte, l int)")
	t := &tilesKernel{unit: u, call: u.arg("t"), third: u.GP64()}
	t.row, t.col, t.plane = t.length(tilesRow), t.length(tilesCol), t.length(tilesPlane)
	u.LEAQ(indexed(t.plane, t.plane, 2), t.third)
	type loop struct {
		name    string
		emit    func()
		vectors int
	}
	loops := []loop{{"taps", t.taps, 1}, {"sums", t.sums, 1}}
	for _, of := range []struct {
		name string
		emit func(i int)
	}{{"pixels", t.pixels}, {"cotangents", t.cotangents}, {"outputs", t.outputs}} {
		for i := range 4 {
			loops = append(loops, loop{u.label("%s%d", of.name, i), func() { of.emit(i) }, 2})
		}
	}
	l := u.arg("l")
	for i, loop := range loops {
		u.CMPQ(l, operand.U8(i))
		u.JEQ(operand.LabelRef(loop.name))
	}
	u.RET()
	for _, loop := range loops {
		t.loop(loop.name, loop.emit, loop.vectors)
	}
}

func (t *tilesKernel) field(offset int) reg.GPVirtual {
	r := t.GP64()
	t.MOVQ(at(t.call, offset), r)
	return r
}

// length loads a field that counts elements, as bytes.
func (t *tilesKernel) length(offset int) reg.GPVirtual { return t.scale(t.field(offset)) }

// loop emits a loop over the channels, some vectors at a time.
func (t *tilesKernel) loop(name string, emit func(), vectors int) {
	rest, done := name+"_rest", name+"_done"
	t.Label(name)
	t.mask = nil
	for t.vectors = vectors; t.vectors > 0; t.vectors-- {
		t.name = t.label("%s_%d", name, t.vectors)
		fewer := t.name + "_fewer"
		t.CMPQ(at(t.call, tilesChannels), operand.U8(t.vectors*t.lanes()))
		t.JLT(operand.LabelRef(fewer))
		emit()
		t.ADDQ(operand.U32(uint32(t.vectors*t.bytes())), at(t.call, tilesX))
		t.ADDQ(operand.U32(uint32(t.vectors*t.bytes())), at(t.call, tilesPlanes))
		t.SUBQ(operand.U8(t.vectors*t.lanes()), at(t.call, tilesChannels))
		t.JMP(operand.LabelRef(name))
		t.Label(fewer)
	}
	if t.lanes() > tilesUnit {
		left := t.field(tilesChannels)
		t.TESTQ(left, left)
		t.JEQ(operand.LabelRef(done))
		t.vectors, t.mask, t.name = 1, t.unit.mask(left, t.size()), rest
		emit()
		t.Label(done)
	}
	t.VZEROUPPER()
	t.RET()
}

// begin loads the places of the first tile.
func (t *tilesKernel) begin() { t.x, t.planes = t.field(tilesX), t.field(tilesPlanes) }

// each emits a loop over rows of tiles, which are two rows apart, and, after start, over
// the tiles of a row, two columns apart.
func (t *tilesKernel) each(start, tile func()) {
	t.begin()
	row, next, rows, step := t.GP64(), t.name+"_tile", t.field(tilesTall), t.length(tilesStep)
	t.MOVQ(t.x, row)
	t.Label(t.name + "_row")
	start()
	left := t.field(tilesWide)
	t.Label(next)
	tile()
	t.LEAQ(indexed(t.x, t.col, 2), t.x)
	t.ADDQ(step, t.planes)
	t.DECQ(left)
	t.JNE(operand.LabelRef(next))
	t.LEAQ(indexed(row, t.row, 2), row)
	t.MOVQ(row, t.x)
	t.DECQ(rows)
	t.JNE(operand.LabelRef(t.name + "_row"))
}

func (t *tilesKernel) get(m operand.Mem) reg.Register {
	v := t.vec()
	if t.mask == nil {
		t.load(m, v)
	} else {
		t.loadMasked(t.mask, m, v)
	}
	return v
}

func (t *tilesKernel) put(v reg.Register, m operand.Mem) {
	if t.mask == nil {
		t.store(v, m)
	} else {
		t.storeMasked(t.mask, v, m)
	}
}

// column gives the places of n elements of column j of the block at x, from row i on.
func (t *tilesKernel) column(i, j, n int) []operand.Mem {
	x := t.GP64()
	t.MOVQ(t.x, x)
	for range i {
		t.ADDQ(t.row, x)
	}
	for range j {
		t.ADDQ(t.col, x)
	}
	list := make([]operand.Mem, n)
	for i := range list {
		switch i {
		case 0:
			list[i] = at(x, 0)
		case 1, 2:
			list[i] = indexed(x, t.row, i)
		}
	}
	return list
}

// line gives the places of the elements of line i in the four planes that hold it.
func (t *tilesKernel) line(i int) []operand.Mem {
	base := t.planes
	for range i {
		next := t.GP64()
		t.LEAQ(indexed(base, t.plane, 4), next)
		base = next
	}
	return []operand.Mem{at(base, 0), indexed(base, t.plane, 1), indexed(base, t.plane, 2), indexed(base, t.third, 1)}
}

func (t *tilesKernel) gets(list []operand.Mem) []reg.Register {
	v := make([]reg.Register, len(list))
	for i, m := range list {
		v[i] = t.get(m)
	}
	return v
}

func (t *tilesKernel) puts(v []reg.Register, list []operand.Mem) {
	for i, m := range list {
		t.put(v[i], m)
	}
}

// vector gives the places of vector k of the channels.
func (t *tilesKernel) vector(k int, list []operand.Mem) []operand.Mem {
	list = slices.Clone(list)
	for i := range list {
		list[i].Disp += k * t.bytes()
	}
	return list
}

// pixels emits line i of B' x B. Neighbours share two columns.
func (t *tilesKernel) pixels(i int) {
	down := func(j int) []reg.Register { // of B' x, by vector
		from := t.column(choose(i == 0, 0, 1), j, choose(i%3 == 0, 3, 2))
		v := make([]reg.Register, t.vectors)
		for k := range v {
			at := t.vector(k, from)
			first, last := t.get(at[0]), t.get(at[len(at)-1])
			switch i {
			case 0:
				v[k] = t.minus(first, last)
			case 1:
				v[k] = t.plus(first, last)
			default:
				v[k] = t.minus(last, first)
			}
		}
		return v
	}
	first, second := t.vecs(t.vectors), t.vecs(t.vectors)
	t.each(func() {
		for j, v := range [][]reg.VecVirtual{first, second} {
			for k, x := range down(j) {
				t.move(x, v[k])
			}
		}
	}, func() {
		third, fourth := down(2), down(3)
		to := t.line(0)
		for k := range third {
			a, b, c, d := first[k], second[k], third[k], fourth[k]
			t.puts([]reg.Register{t.minus(a, c), t.plus(b, c), t.minus(c, b), t.minus(d, b)}, t.vector(k, to))
			t.move(c, a)
			t.move(d, b)
		}
	})
}

func (t *tilesKernel) move(x, to reg.Register) { choose(t.double, t.VMOVAPD, t.VMOVAPS)(x, to) }

// cotangents emits line i of A x A'.
func (t *tilesKernel) cotangents(i int) {
	t.each(func() {}, func() {
		left, right, to := t.column(0, 0, 2), t.column(0, 1, 2), t.line(0)
		for k := range t.vectors {
			across := func(column []operand.Mem) reg.Register { // of A x
				x := t.vector(k, column)
				switch i {
				case 0:
					return t.get(x[0])
				case 1:
					return t.plus(t.get(x[0]), t.get(x[1]))
				case 2:
					return t.minus(t.get(x[0]), t.get(x[1]))
				}
				return t.get(x[1])
			}
			a, b := across(left), across(right)
			t.puts([]reg.Register{a, t.plus(a, b), t.minus(a, b), b}, t.vector(k, to))
		}
	})
}

// outputs emits what line i adds to A' x A: the first one to a zero, in its place.
func (t *tilesKernel) outputs(i int) {
	t.each(func() {}, func() {
		from, columns := t.line(0), [][]operand.Mem{t.column(0, 0, 2), t.column(0, 1, 2)}
		for k := range t.vectors {
			x := t.gets(t.vector(k, from))
			sum, difference := t.plus(x[1], x[2]), t.minus(x[1], x[2])
			for j, v := range []reg.Register{t.plus(x[0], sum), t.plus(x[3], difference)} {
				to := t.vector(k, columns[j])
				switch i {
				case 0:
					t.put(v, to[0])
				case 1:
					t.put(t.plus(t.get(to[0]), v), to[0])
					t.put(v, to[1])
				case 2:
					t.put(t.plus(t.get(to[0]), v), to[0])
					t.put(t.minus(t.get(to[1]), v), to[1])
				case 3:
					t.put(t.plus(t.get(to[1]), v), to[1])
				}
			}
		}
	})
}

// taps emits G x G'.
func (t *tilesKernel) taps() {
	t.begin()
	half := t.held(0.5)
	wider := func(v []reg.Register) []reg.Register {
		sum := t.plus(v[0], v[2])
		return []reg.Register{v[0], t.times(half, t.plus(sum, v[1])), t.times(half, t.minus(sum, v[1])), v[2]}
	}
	var down [3][]reg.Register
	for j := range down {
		down[j] = wider(t.gets(t.column(0, j, 3)))
	}
	for i := range 4 {
		t.puts(wider([]reg.Register{down[0][i], down[1][i], down[2][i]}), t.line(i))
	}
}

// sums emits G' x G.
func (t *tilesKernel) sums() {
	t.begin()
	half := t.held(0.5)
	closer := func(v []reg.Register) []reg.Register {
		sum := t.times(half, t.plus(v[1], v[2]))
		return []reg.Register{t.plus(v[0], sum), t.times(half, t.minus(v[1], v[2])), t.plus(v[3], sum)}
	}
	var across [4][]reg.Register
	for i := range across {
		across[i] = closer(t.gets(t.line(i)))
	}
	for j := range 3 {
		t.puts(closer([]reg.Register{across[0][j], across[1][j], across[2][j], across[3][j]}), t.column(0, j, 3))
	}
}
