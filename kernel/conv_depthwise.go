package kernel

// Taps are the sums of depthwise convolution, channel by channel, at each place (q,h)
// of the grids yAt and xAt:
//
//	y[yAt(q,h) + i ldy + c] = sum_t x[xAt(q,h) + i step + at[t] + c] * w[t ws + c]  (+ y[...])
//
// for i < pixels. Products are added to zero in order of t, and the sum to y if
// accumulate; path by path as in MatMul.
type taps[T Float] struct {
	y, x, w          []T
	ldy, step, ws    int
	at               []int
	pixels, channels int
	places           area
	yAt, xAt         grid
	accumulate       bool
}

// runPortable is run in Go.
func (t *taps[T]) runPortable(s *Scratch[T]) {
	sum := grow(&s.a, t.channels)
	for q := range t.places.h {
		for h := range t.places.w {
			for i := range t.pixels {
				clear(sum)
				for k, at := range t.at {
					x, w := t.x[t.xAt.place(q, h)+i*t.step+at:][:len(sum)], t.w[k*t.ws:][:len(sum)]
					for c := range sum {
						sum[c] += T(x[c] * w[c])
					}
				}
				y := t.y[t.yAt.place(q, h)+i*t.ldy:][:len(sum)]
				if t.accumulate {
					Add(y, y, sum)
				} else {
					copy(y, sum)
				}
			}
		}
	}
}

// depthwise tells whether every group has one channel and one output.
func (e *stencil) depthwise() bool { return e.groups > 1 && e.ins == 1 && e.outs == 1 }

// packTaps copies the weights of a depthwise stencil, by tap and channel.
func packTaps[T Float](dst, w []T, e *stencil) {
	for t := range e.window.h * e.window.w {
		from := e.taps.place(t/e.window.w, t%e.window.w)
		copy(dst[t*e.groups:][:e.groups], w[from:])
	}
}

// moveTaps makes the outputs of n pictures, of size elements each, by a depthwise stencil.
func moveTaps[T Float](s *Scratch[T], out, framed, packed []T, e *stencil, f *frame, n, size int) {
	row := f.all.w * f.channels
	s.runs = s.runs[:0]
	for a := range e.window.h {
		for b := range e.window.w {
			s.runs = append(s.runs, a*row+b*f.channels)
		}
	}
	t := taps[T]{
		y: out[e.out.at:], x: framed[e.y*row+e.x*f.channels:], w: packed,
		ldy: e.out.col, step: e.step * f.channels, ws: f.channels, at: s.runs, pixels: e.pixels.w, channels: f.channels,
		places: area{n, e.pixels.h}, yAt: grid{0, size, e.out.row}, xAt: grid{0, f.size(), e.step * row},
	}
	t.run(s)
}

// sumTaps adds to the weights of a depthwise convolution, or sets them, what comes from
// n pictures in frames f.
func sumTaps[T Float](s *Scratch[T], dw, framed, d []T, v *ConvShape, f *frame, n int, accumulate bool) {
	oh, ow := v.Out()
	row := f.all.w * v.C
	t := taps[T]{
		y: dw, x: framed, ldy: v.C, step: v.C, ws: v.C, pixels: v.KW, channels: v.C,
		places: area{v.KH, 1}, yAt: grid{0, v.KW * v.C, 0}, xAt: grid{0, row, 0}, accumulate: accumulate,
	}
	for p := range sections(n*oh, ow) {
		c := sectionOf(n*oh, ow, p)
		s.runs = s.runs[:0]
		for r := c.first; r < c.first+c.lines; r++ {
			for j := c.skip; j < c.skip+c.k; j++ {
				s.runs = append(s.runs, (r/oh*f.all.h+r%oh*v.Stride)*row+j*v.Stride*v.C)
			}
		}
		t.at, t.w = s.runs, d[c.row(ow)*v.C:]
		t.run(s)
		t.accumulate = true
	}
}
