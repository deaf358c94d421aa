package kernel

import (
	"math"
	"testing"
)

// tiledConvs go by tiles: with pictures of even and odd sides, windows that begin before,
// at and far before the first pixel, half vectors of channels, rows of tiles that are
// worked on one by one, and several pictures at a time.
func tiledConvs() []*ConvShape {
	var list []*ConvShape
	for _, v := range []ConvShape{
		{H: 4, W: 4, C: 8, O: 8, Pad: 1}, {H: 5, W: 7, C: 8, O: 24, Pad: 1}, {H: 6, W: 6, C: 16, O: 40, Pad: 0}, {H: 7, W: 10, C: 40, O: 8, Pad: 0},
		{H: 4, W: 9, C: 16, O: 32, Pad: 2}, {H: 8, W: 8, C: 64, O: 64, Pad: 1}, {H: 21, W: 140, C: 24, O: 24, Pad: 1}, {H: 5, W: 6, C: 304, O: 8, Pad: 1},
	} {
		v.KH, v.KW, v.Stride, v.Groups = 3, 3, 1, 1
		list = append(list, &v)
	}
	return list
}

func TestTiledConvsGoByTiles(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		for _, v := range tiledConvs() {
			if byTiles(v) != (active != portable) {
				t.Errorf("%+v does not", *v)
			}
		}
	})
}

// tileSizes bounds the magnitudes that elements of the results of run are sums of, if they
// are made by tiles: all pixels that the tile sees meet all weights, or all pixels of the
// tile.
func (t *convTrial[T]) tileSizes(op string) []float64 {
	h, wide := t.Out()
	size := t.C * t.O
	taps := make([]float64, size) // of a pair of channels
	for i, w := range t.w {
		taps[i%size] += math.Abs(float64(w))
	}
	switch op {
	case "Conv":
		return spread(t.x, area{t.H, t.W}, -t.Pad, area{h, wide}, t.C, t.O, func(in []float64, o int) (sum float64) {
			for c, x := range in {
				sum += x * taps[c*t.O+o]
			}
			return sum
		})
	case "ConvInput":
		return spread(t.y, area{h, wide}, t.Pad-2, area{t.H, t.W}, t.O, t.C, func(in []float64, c int) (sum float64) {
			for o, d := range in {
				sum += d * taps[c*t.O+o]
			}
			return sum
		})
	}
	sizes := make([]float64, 9*size)
	for p := range len(t.x) / t.size() {
		for i := 0; i < h; i += 2 {
			for j := 0; j < wide; j += 2 {
				xs := boxed(t.x, p, area{t.H, t.W}, t.C, i-t.Pad, j-t.Pad, 4)
				ds := boxed(t.y, p, area{h, wide}, t.O, i, j, 2)
				for k := range sizes {
					sizes[k] += xs[k%size/t.O] * ds[k%t.O]
				}
			}
		}
	}
	return sizes
}

// spread gives each pixel of the outputs of a tile what size makes of the sums over the
// pixels that it sees, of which the first is at first.
func spread[T Float](x []T, in area, first int, out area, ins, outs int, size func(in []float64, o int) float64) []float64 {
	pictures := len(x) / (in.h * in.w * ins)
	sizes := make([]float64, pictures*out.h*out.w*outs)
	for at := range pictures * out.h * out.w {
		j, i, p := at%out.w, at/out.w%out.h, at/out.w/out.h
		corner := (p*out.h+i&^1)*out.w + j&^1
		if at == corner {
			seen := boxed(x, p, in, ins, i+first, j+first, 4)
			for o := range outs {
				sizes[at*outs+o] = size(seen, o)
			}
		}
		copy(sizes[at*outs:][:outs], sizes[corner*outs:])
	}
	return sizes
}

// boxed sums the magnitudes of side x side pixels of picture p, from (y, x) on, by channel.
func boxed[T Float](pictures []T, p int, of area, channels, y, x, side int) []float64 {
	sums := make([]float64, channels)
	for i := max(y, 0); i < min(y+side, of.h); i++ {
		for j := max(x, 0); j < min(x+side, of.w); j++ {
			for c, v := range pictures[((p*of.h+i)*of.w+j)*channels:][:channels] {
				sums[c] += math.Abs(float64(v))
			}
		}
	}
	return sums
}

// Tiles cost few digits: in the mean over outputs their error is at most twice that of sums
// by the definition, which is larger than theirs in some.
func TestTilesLoseFewDigits(t *testing.T) {
	v := &ConvShape{H: 16, W: 16, C: 32, KH: 3, KW: 3, O: 32, Stride: 1, Pad: 1, Groups: 1}
	x := newConvTrial(v, 2, normals[float32]())
	for _, op := range convOps {
		want, _ := x.exact(op)
		deviation := func(p path) float64 {
			use(t, p)
			var sum float64
			for i, y := range x.run(t, op) {
				sum += (float64(y) - want[i]) * (float64(y) - want[i])
			}
			return math.Sqrt(sum / float64(len(want)))
		}
		direct := deviation(portable)
		for p := portable + 1; p <= best(); p++ {
			if tiles := deviation(p); tiles > 2*direct {
				t.Errorf("%s, %s: %.2g, the definition %.2g", op, p, tiles, direct)
			} else {
				t.Logf("%s, %s: %.2g, the definition %.2g", op, p, tiles, direct)
			}
		}
	}
}

// Whole numbers that are not too large leave nothing to round.
func TestTilesExact(t *testing.T) {
	r := 0
	x := newConvTrial(tiledConvs()[1], 3, func() float32 {
		r = (r*31 + 17) % 101
		return float32(r%9 - 4)
	})
	onEachPath(t, func(t *testing.T) {
		for _, op := range convOps {
			want, _ := x.exact(op)
			for i, y := range x.run(t, op) {
				if float64(y) != want[i] {
					t.Fatalf("%s: element %d is %v, not %v", op, i, y, want[i])
				}
			}
		}
	})
}
