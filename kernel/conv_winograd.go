package kernel

import "unsafe"

// Convolution by tiles, Winograd's F(2 x 2, 3 x 3) (Lavin and Gray 2016, arXiv
// 1509.09308). A tile of 2 x 2 pixels of the output sees 4 x 4 of the input. With
//
//	     1  0 -1  0         1    0   0          1  1  1  0
//	B' = 0  1  1  0    G = 1/2  1/2 1/2    A' = 0  1 -1  1
//	     0 -1  1  0        1/2 -1/2 1/2
//	     0 -1  0  1         0    0   1
//
// the tile is A' (sum_c (B' x_c B) . (G w_c G')) A, where . multiplies element by element:
// one product of matrices, tiles times channels, for each of 16 elements, where the
// definition multiplies 36 times. The adjoint in w is G' (sum (B' x B) . (A d A')) G, the
// sum over tiles.
//
// Errors are those of sums over all pixels that the tile sees: where some are much
// larger than others, or not finite, their neighbours feel it.

// A transformed tile has so many lines, of as many elements. A plane holds one of the
// elements, for some tiles and all channels.
const lines = 4

// A tilesLoop is the number of an assembly loop: its place in kernel/gen's list. Of some
// there is one for each line.
type tilesLoop int

const (
	tilesTaps       tilesLoop = 0                       // G x G'
	tilesSums       tilesLoop = 1                       // G' x G
	tilesPixels     tilesLoop = 2                       // lines of B' x B
	tilesCotangents tilesLoop = tilesPixels + lines     // lines of A x A'
	tilesOutputs    tilesLoop = tilesCotangents + lines // what a line adds to A' x A
)

// planesBytes is the size of a line of tiles, of inputs and outputs, that are worked on
// at a time, so that they stay in the caches.
const planesBytes = 128 << 10

// byTiles tells whether a convolution, and its adjoints, go by tiles: with assembly,
// where that saves more products than it costs sums, in whole vectors of AVX2. The
// portable path keeps to the definition.
func byTiles(v *ConvShape) bool {
	oh, ow := v.Out()
	return active != portable && v.KH == 3 && v.KW == 3 && v.Stride == 1 && v.Pad <= 2 && v.Groups == 1 &&
		v.C%8 == 0 && v.O%8 == 0 && min(v.H, v.W, oh, ow) >= 4
}

// A tiling goes over the tiles of the outputs of pictures in frames.
type tiling struct {
	frame            // with what all tiles see
	outputs    frame // with all tiles
	tall, wide int   // tiles of a picture
	pictures   int   // that are framed at a time
	rows       int   // of tiles that are worked on at a time
	in, out    int   // elements of a plane
}

// tiled is the tiling for windows the first of which begins pad pixels before the picture.
func tiled[T Float](picture area, pad, ins, outs int, pixels area) tiling {
	t := tiling{tall: ceil(pixels.h, 2), wide: ceil(pixels.w, 2)}
	t.frame = frame{picture, ins, pad, pad, area{2*t.tall + 2, 2*t.wide + 2}}
	t.outputs = frame{pixels, outs, 0, 0, area{2 * t.tall, 2 * t.wide}}
	rows := max(1, planesBytes/int(unsafe.Sizeof(T(0)))/(lines*t.wide*(ins+outs)))
	t.pictures = max(1, rows/t.tall)
	t.rows = min(rows, t.pictures*t.tall)
	const apart = 16 // lest planes begin at the same place of the caches
	t.in, t.out = t.rows*t.wide*ins+apart, t.rows*t.wide*outs+apart
	return t
}

// tilingOf is that of Conv.
func tilingOf[T Float](v *ConvShape) tiling {
	h, w := v.Out()
	return tiled[T](area{v.H, v.W}, v.Pad, v.C, v.O, area{h, w})
}

// runRows runs a loop over rows of tiles, from the first on, of pictures in frames f, which
// begin at x.
func runRows[T Float](l tilesLoop, planes []T, plane int, x []T, f *frame, t *tiling, first, rows int) {
	row := f.all.w * f.channels
	for done := 0; done < rows; {
		picture, from := (first+done)/t.tall, (first+done)%t.tall
		n := min(rows-done, t.tall-from)
		runTiles(l, planes[done*t.wide*f.channels:], plane, x[picture*f.size()+2*from*row:], row, f.channels, f.channels, area{n, t.wide})
		done += n
	}
}

// convTiles is Conv.
func convTiles[T Float](s *Scratch[T], y, x, w []T, n int, v *ConvShape) {
	t, size := tilingOf[T](v), v.C*v.O
	taps := grow(&s.packed, lines*lines*size)
	runTiles(tilesTaps, taps, size, w, 3*size, size, size, area{1, 1})
	applyTiles(s, y, x, taps, n, &t)
}

// convInputTiles is ConvInput: the windows, of the weights turned over, begin 2 - Pad
// pixels before the picture.
func convInputTiles[T Float](s *Scratch[T], dx, d, w []T, n int, v *ConvShape) {
	h, wide := v.Out()
	t, size := tiled[T](area{h, wide}, 2-v.Pad, v.O, v.C, area{v.H, v.W}), v.C*v.O
	room := grow(&s.packed, (lines*lines+9)*size)
	taps, turned := room[:lines*lines*size], room[lines*lines*size:]
	for k := range 9 {
		Transpose(turned[(8-k)*size:], v.C, w[k*size:], v.O, v.C, v.O)
	}
	runTiles(tilesTaps, taps, size, turned, 3*size, size, size, area{1, 1})
	applyTiles(s, dx, d, taps, n, &t)
}

// applyTiles makes the outputs of n pictures by transformed weights.
func applyTiles[T Float](s *Scratch[T], out, pictures, taps []T, n int, t *tiling) {
	from, to := len(pictures)/n, len(out)/n
	ins, outs := t.channels, t.outputs.channels
	room := grow(&s.planes, lines*(t.in+t.out))
	in, sums := room[:lines*t.in], room[lines*t.in:]
	for i := 0; i < n; i += t.pictures {
		count := min(t.pictures, n-i)
		framed := fill(&s.frames, &t.frame, pictures[i*from:], count)
		whole := bare(&s.others, &t.outputs, out[i*to:], count)
		for first := 0; first < count*t.tall; first += t.rows {
			rows := min(t.rows, count*t.tall-first)
			for line := range tilesLoop(lines) {
				runRows(tilesPixels+line, in, t.in, framed, &t.frame, t, first, rows)
				for p := range lines {
					multiply(s, &product[T]{
						c: matrix[T]{sums[p*t.out:], outs, 1}, a: matrix[T]{in[p*t.in:], ins, 1}, b: matrix[T]{taps[(int(line)*lines+p)*ins*outs:], outs, 1},
						m: rows * t.wide, n: outs, k: ins,
					})
				}
				runRows(tilesOutputs+line, sums, t.out, whole, &t.outputs, t, first, rows)
			}
		}
		crop(out[i*to:], &t.outputs, whole, count)
	}
}

// convWeightTiles is ConvWeight.
func convWeightTiles[T Float](s *Scratch[T], dw, x, d []T, n int, v *ConvShape) {
	t, size := tilingOf[T](v), v.C*v.O
	from, to := len(x)/n, len(d)/n
	room := grow(&s.planes, lines*(t.in+t.out))
	in, out := room[:lines*t.in], room[lines*t.in:]
	sums := grow(&s.packed, lines*lines*size)
	for i := 0; i < n; i += t.pictures {
		count := min(t.pictures, n-i)
		framed := fill(&s.frames, &t.frame, x[i*from:], count)
		whole := fill(&s.others, &t.outputs, d[i*to:], count)
		for first := 0; first < count*t.tall; first += t.rows {
			rows := min(t.rows, count*t.tall-first)
			for line := range tilesLoop(lines) {
				runRows(tilesPixels+line, in, t.in, framed, &t.frame, &t, first, rows)
				runRows(tilesCotangents+line, out, t.out, whole, &t.outputs, &t, first, rows)
				for p := range lines {
					multiply(s, &product[T]{
						c: matrix[T]{sums[(int(line)*lines+p)*size:], v.O, 1}, a: matrix[T]{in[p*t.in:], 1, v.C}, b: matrix[T]{out[p*t.out:], v.O, 1},
						m: v.C, n: v.O, k: rows * t.wide, accumulate: i+first > 0,
					})
				}
			}
		}
	}
	runTiles(tilesSums, sums, size, dw, 3*size, size, size, area{1, 1})
}
