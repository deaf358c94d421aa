package kernel

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"basin/rng"
)

// naive calls f for every product of Conv: the places of x, w and y in it.
func (v *ConvShape) naive(f func(x, w, y int)) {
	h, wide := v.Out()
	ins, outs := v.C/v.Groups, v.O/v.Groups
	for i := range h {
		for j := range wide {
			for o := range v.O {
				for a := range v.KH {
					for b := range v.KW {
						p, q := i*v.Stride-v.Pad+a, j*v.Stride-v.Pad+b
						if p < 0 || p >= v.H || q < 0 || q >= v.W {
							continue
						}
						for c := range ins {
							f((p*v.W+q)*v.C+o/outs*ins+c, ((a*v.KW+b)*ins+c)*v.O+o, (i*wide+j)*v.O+o)
						}
					}
				}
			}
		}
	}
}

// randomConv draws a geometry: strides to 3, padding to 3, any way of grouping, windows
// to 5, ragged numbers of channels.
func randomConv(r *rng.Stream) *ConvShape {
	for {
		v := &ConvShape{H: 1 + r.IntN(9), W: 1 + r.IntN(19), C: 1 + r.IntN(9), KH: 1 + r.IntN(5), KW: 1 + r.IntN(5),
			O: 1 + r.IntN(40), Stride: 1 + r.IntN(3), Pad: r.IntN(4), Groups: 1}
		switch r.IntN(6) {
		case 0:
			v.Groups, v.C, v.O = 2, 2*v.C, 2*v.O
		case 1: // depthwise
			v.C = 1 + r.IntN(40)
			v.Groups, v.O = v.C, v.C*(1+r.IntN(2))
		case 2:
			v.KH, v.KW, v.C = 1, 1, 1+r.IntN(70)
		case 3:
			v.C = 1 + r.IntN(70)
		}
		if h, w := v.Out(); h > 0 && w > 0 {
			return v
		}
	}
}

// A convTrial has operands without room to spare.
type convTrial[T Float] struct {
	*ConvShape
	x, w, y []T
	s       Scratch[T]
}

func newConvTrial[T Float](v *ConvShape, pictures int, fill func() T) *convTrial[T] {
	h, w := v.Out()
	filled := func(n int) []T {
		x := make([]T, n)
		for i := range x {
			x[i] = fill()
		}
		return slices.Clip(x)
	}
	return &convTrial[T]{ConvShape: v, x: filled(pictures * v.H * v.W * v.C), w: filled(v.KH * v.KW * v.C / v.Groups * v.O), y: filled(pictures * h * w * v.O)}
}

// convOps are Conv and its adjoints: what they write, and the products they are sums of.
var convOps = []string{"Conv", "ConvInput", "ConvWeight"}

// run gives the result of an op, in guarded memory that held NaN, with scratch that
// held NaN.
func (t *convTrial[T]) run(b testing.TB, op string) []T {
	b.Helper()
	nan := func(n int) []T { return slices.Repeat([]T{T(math.NaN())}, n) }
	t.s = Scratch[T]{frames: nan(cap(t.s.frames)), packed: nan(cap(t.s.packed))}
	out := newBlank[T](map[string]int{"Conv": len(t.y), "ConvInput": len(t.x), "ConvWeight": len(t.w)}[op])
	t.into(op, out.in)
	out.check(b, op)
	return out.in
}

func (t *convTrial[T]) into(op string, out []T) {
	switch op {
	case "Conv":
		Conv(&t.s, out, t.x, t.w, t.ConvShape)
	case "ConvInput":
		ConvInput(&t.s, out, t.y, t.w, t.ConvShape)
	case "ConvWeight":
		ConvWeight(&t.s, out, t.x, t.y, t.ConvShape)
	}
}

// exact gives in double precision what run should, and the sums of the magnitudes.
func (t *convTrial[T]) exact(op string) (sums, sizes []float64) {
	n := map[string]int{"Conv": len(t.y), "ConvInput": len(t.x), "ConvWeight": len(t.w)}[op]
	sums, sizes = make([]float64, n), make([]float64, n)
	h, wide := t.Out()
	add := func(at int, a, b T) {
		sums[at] += float64(a) * float64(b)
		sizes[at] += math.Abs(float64(a) * float64(b))
	}
	for p := range len(t.x) / t.size() {
		x, y := p*t.size(), p*h*wide*t.O
		t.naive(func(i, j, k int) {
			switch op {
			case "Conv":
				add(y+k, t.x[x+i], t.w[j])
			case "ConvInput":
				add(x+i, t.y[y+k], t.w[j])
			case "ConvWeight":
				add(j, t.x[x+i], t.y[y+k])
			}
		})
	}
	return sums, sizes
}

// check compares with the exact sums; the error of one is a few roundings of its terms.
func (t *convTrial[T]) check(b testing.TB, op string) {
	b.Helper()
	unit := 0x1p-53
	if isSinglePrecision[T]() {
		unit = 0x1p-24
	}
	got := t.run(b, op)
	want, sizes := t.exact(op)
	if byTiles(t.ConvShape) {
		sizes = t.tileSizes(op)
	}
	for i := range want {
		if d := math.Abs(float64(got[i]) - want[i]); !(d <= 8*unit*sizes[i]) {
			b.Fatalf("%s %T %+v: element %d is %v, want %v: off by %.2g units of its terms", op, T(0), *t.ConvShape, i, got[i], want[i], d/unit/sizes[i])
		}
	}
}

func isSinglePrecision[T Float]() bool { return T(1)+0x1p-30 == 1 }

func TestConv(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testConv[float32](t)
		testConv[float64](t)
	})
}

func testConv[T Float](t *testing.T) {
	fill := normals[T]()
	shapes := append(longConvs(), tiledConvs()...)
	for i := range 80 {
		r := rng.At(uint64(i), "kernel conv", 0)
		shapes = append(shapes, randomConv(&r))
	}
	for i, v := range shapes {
		x := newConvTrial(v, 1+i%3, fill)
		for _, op := range convOps {
			x.check(t, op)
		}
	}
}

// longConvs have sums that are cut: between rows of the window, between its pixels,
// within a pixel, between rows of the output and within one.
func longConvs() []*ConvShape {
	shapes := []*ConvShape{
		{H: 4, W: 5, C: 50, KH: 3, KW: 3, O: 20, Stride: 1, Pad: 1, Groups: 1},
		{H: 3, W: 4, C: 130, KH: 3, KW: 3, O: 7, Stride: 2, Pad: 1, Groups: 1},
		{H: 2, W: 3, C: 700, KH: 2, KW: 1, O: 310, Stride: 1, Groups: 1},
		{H: 2, W: 3, C: 602, KH: 2, KW: 1, O: 4, Stride: 1, Groups: 2},
		{H: 30, W: 21, C: 2, KH: 3, KW: 3, O: 2, Stride: 1, Pad: 1, Groups: 1},
		{H: 2, W: 700, C: 2, KH: 1, KW: 3, O: 40, Stride: 1, Groups: 1},
		{H: 150, W: 150, C: 2, KH: 2, KW: 2, O: 2, Stride: 3, Groups: 2}, // picture by picture
	}
	for _, kw := range []int{1, 3, 4, 5, 6, 15} { // depthwise, by all numbers of sums that go at once
		shapes = append(shapes, &ConvShape{H: 45, W: 29 + kw, C: 19, KH: 1, KW: kw, O: 19, Stride: 1, Groups: 19})
	}
	return shapes
}

// The paths that fuse products and sums give the same bits.
func TestConvBits(t *testing.T) {
	if best() < avx512 {
		t.Skip("this machine has no two such paths")
	}
	for i := range 30 {
		r := rng.At(uint64(i), "kernel conv", 2)
		v := randomConv(&r)
		if long := append(longConvs(), tiledConvs()...); i < len(long) {
			v = long[i]
		}
		x := newConvTrial(v, 3, normals[float32]())
		for _, op := range convOps {
			use(t, avx512)
			want := x.run(t, op)
			use(t, avx2)
			if !slices.Equal(x.run(t, op), want) {
				t.Fatalf("%s %+v: avx2 and avx512 differ", op, *v)
			}
		}
	}
}

// Values of PyTorch, for stride 2, padding 1 and two groups; the numbers are whole, so
// that nothing is rounded.
func TestConvKnown(t *testing.T) {
	x := &convTrial[float32]{
		ConvShape: &ConvShape{H: 5, W: 4, C: 4, KH: 3, KW: 2, O: 4, Stride: 2, Pad: 1, Groups: 2},
		x: []float32{1, 3, 1, 0, 0, -1, -3, -1, -3, 1, -3, 3, -1, -1, 2, -1, -2, 1, 3, -2, -1, 1, 1, -3, 3, -2, 2, -3, 0, 0, 1, -3, 1, -2, 1, 0, 2, 1, 2, 1,
			-1, -2, 3, -3, -3, -3, 1, 2, -2, 1, 0, -2, 2, 2, 2, 0, -1, 0, 0, 1, 1, 1, 2, 2, 1, 0, -2, 1, -1, -1, 1, 1, 1, -2, -1, 2, -1, 1, -1, 2},
		w: []float32{0, -3, -1, 0, -2, 1, 1, -2, 3, 0, 3, 1, 2, -2, -1, 3, 2, 2, -2, -1, 0, 0, 3, -3, 0, 0, 2, 0, -2, 2, -2, 2, 3, 0, -1, 1, -3, -3, -1, -2, -1, 2, 0, 1, 0, 1, 1, 2},
		y: []float32{-3, 3, 2, -3, -2, -1, 1, 1, -3, 1, 3, -1, 1, -3, -1, 1, 3, -2, 1, 0, -1, 2, 0, -1, -3, 3, 3, -3, -1, 0, -3, -2, 1, 0, -1, 3},
	}
	want := map[string][]float32{
		"Conv": {-4, 3, 0, -1, -11, 3, -10, 15, -2, -2, -5, 8, 2, -9, 11, -7, 12, 0, 15, -8, -6, -9, -4, -3, -4, -2, -4, -4, -5, -10, -8, 3, -4, -4, 8, -9},
		"ConvInput": {0, 12, 4, -10, -6, 0, -3, 0, 0, 2, 2, 0, -4, 0, -5, 12, 12, 11, -5, 0, 0, 1, -1, -2, 9, 9, 4, 2, -15, 10, -4, 1, 0, -8, -2, 4, 2, 0, -2, 3,
			0, -10, 2, -2, 2, 0, 1, 3, -16, -15, 7, -11, 9, -1, 2, 0, -10, -4, -11, -2, -3, -5, 0, -5, 0, 12, 6, -12, -2, 0, 8, -3, 0, 2, -6, 2, 2, 0, -1, -12},
		"ConvWeight": {-4, 2, -7, 1, 2, -2, -5, 9, 14, -6, -1, 3, -8, 4, -10, 2, 12, -11, 3, -11, 13, -8, -8, 2, -3, 8, -2, 3, -17, 18, -3, -4, 7, -1, 6, -2, 3, -3, -12, -2, -5, -1, 8, -7, 2, 2, -4, 1},
	}
	onEachPath(t, func(t *testing.T) {
		for _, op := range convOps {
			if got := x.run(t, op); !slices.Equal(got, want[op]) {
				t.Errorf("%s:\ngot  %v\nwant %v", op, got, want[op])
			}
		}
	})
}

// The output of a picture has the same bits alone and among others.
func TestConvPicturesApart(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		for i := range 20 {
			r := rng.At(uint64(i), "kernel conv", 1)
			const n = 5
			v := randomConv(&r)
			if tiled := tiledConvs(); i < len(tiled) {
				v = tiled[i]
			}
			all := newConvTrial(v, n, normals[float32]())
			y, dx := all.run(t, "Conv"), all.run(t, "ConvInput")
			for p := range n {
				one := &convTrial[float32]{ConvShape: all.ConvShape, w: all.w}
				one.x, one.y = share(all.x, p, n), share(all.y, p, n)
				if !slices.Equal(one.run(t, "Conv"), share(y, p, n)) || !slices.Equal(one.run(t, "ConvInput"), share(dx, p, n)) {
					t.Fatalf("%+v: picture %d of %d differs alone", *all.ConvShape, p, n)
				}
			}
		}
	})
}

func share[T any](x []T, i, n int) []T { return x[i*len(x)/n : (i+1)*len(x)/n] }

func TestConvAllocatesNothing(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		strided := ConvShape{H: 7, W: 6, C: 6, KH: 3, KW: 3, O: 40, Stride: 2, Pad: 1, Groups: 2}
		for _, v := range append(tiledConvs(), &strided) {
			x := newConvTrial(v, 2, normals[float32]())
			out := map[string][]float32{}
			for _, op := range convOps {
				out[op] = x.run(t, op)
			}
			if n := testing.AllocsPerRun(3, func() {
				for _, op := range convOps {
					x.into(op, out[op])
				}
			}); n != 0 {
				t.Errorf("%+v: %v allocations", *v, n)
			}
		}
	})
}

func TestConvPanics(t *testing.T) {
	good := ConvShape{H: 5, W: 5, C: 4, KH: 3, KW: 3, O: 4, Stride: 1, Groups: 2}
	for _, c := range []struct {
		change func(v *ConvShape, x *convTrial[float64])
		want   string
	}{
		{func(v *ConvShape, _ *convTrial[float64]) { v.Groups = 3 }, "kernel: convolution with groups that do not divide the channels"},
		{func(v *ConvShape, _ *convTrial[float64]) { v.Groups = 0 }, "kernel: convolution with groups that do not divide the channels"},
		{func(v *ConvShape, _ *convTrial[float64]) { v.KH = 6 }, "kernel: convolution with a window that does not fit"},
		{func(v *ConvShape, _ *convTrial[float64]) { v.Stride = 0 }, "kernel: convolution with a window that does not fit"},
		{func(_ *ConvShape, x *convTrial[float64]) { x.w = x.w[1:] }, "kernel: convolution of arrays of other lengths"},
		{func(_ *ConvShape, x *convTrial[float64]) { x.x = x.x[1:] }, "kernel: convolution of arrays of other lengths"},
	} {
		v := good
		x := newConvTrial(&v, 2, normals[float64]())
		c.change(&v, x)
		for _, op := range convOps {
			func() {
				defer func() {
					if got := fmt.Sprint(recover()); got != c.want {
						t.Errorf("%s panics with %q, want %q", op, got, c.want)
					}
				}()
				x.run(t, op)
			}()
		}
	}
}
