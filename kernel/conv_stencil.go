package kernel

// A stencil is a window that moves over framed pictures. In each group g of channels,
//
//	out[place(u,v) + o] = sum_{a,b,c} framed[y + u step + a, x + v step + b, c] w[tap(a,b) + c rs + o cs]
//
// where place is in the grid out and tap in the grid taps; c counts from g ins, o from
// g outs, and the weights from g group. The sum is cut into sections of whole lines,
// or parts of a line, whose elements lie side by side in the frame.
type stencil struct {
	y, x, step int
	pixels     area // of the output
	out        grid
	window     area
	taps       grid
	ins, outs  int // channels of a group
	groups     int
	group      int
	rs, cs     int
}

// lines counts the lines of the sum: rows of the window, or its pixels.
func (e *stencil) lines() (n, length int) {
	if row := e.window.w * e.ins; e.groups == 1 && row <= sectionLen {
		return e.window.h, row
	}
	return e.window.h * e.window.w, e.ins
}

// apply makes the outputs of n pictures in frames f by the stencils of s.
func apply[T Float](s *Scratch[T], out, pictures, w []T, n int, f *frame) {
	if n == 0 {
		return
	}
	size := 0
	for i := range s.stencils {
		size += packedLen[T](&s.stencils[i])
	}
	packed := grow(&s.packed, size+packedSlack)
	at := 0
	for i := range s.stencils {
		packWeights(packed[at:], w, &s.stencils[i])
		at += packedLen[T](&s.stencils[i])
	}
	from, to := len(pictures)/n, len(out)/n
	group := f.group(to)
	for i := 0; i < n; i += group {
		count := min(group, n-i)
		framed := fill(&s.frames, f, pictures[i*from:], count)
		at := 0
		for j := range s.stencils {
			e := &s.stencils[j]
			move(s, out[i*to:], framed, packed[at:], e, f, count, to)
			at += packedLen[T](e)
		}
	}
}

// packedSlack is what packPanel may write beyond the last panel.
const packedSlack = 16 * 64

// packedLen is the room for the weights of a stencil.
func packedLen[T Float](e *stencil) int {
	if e.depthwise() {
		return e.window.h * e.window.w * e.groups
	}
	return e.groups * e.window.h * e.window.w * e.ins * roundUp(e.outs, panelLanes[T]())
}

// packWeights packs the weights: by group, by section, by panel of outputs.
func packWeights[T Float](dst, w []T, e *stencil) {
	if e.depthwise() {
		packTaps(dst, w, e)
		return
	}
	lines, length := e.lines()
	for g := range e.groups {
		for p := range sections(lines, length) {
			c := sectionOf(lines, length, p)
			first, depth := c.row(length), c.depth()
			for j, width := 0, 0; j < e.outs; j += width {
				width = panelWidth[T](e.pixels.w, e.outs-j)
				for row, k := first, 0; row < first+depth; row += k {
					tap, channel := row/e.ins, row%e.ins
					k = min(e.ins-channel, first+depth-row)
					from := e.taps.place(tap/e.window.w, tap%e.window.w) + g*e.group + channel*e.rs + j*e.cs
					packPanel(dst[j*depth+(row-first)*width:], width, matrix[T]{w[from:], e.rs, e.cs}, k, min(width, e.outs-j))
				}
			}
			dst = dst[depth*roundUp(e.outs, panelLanes[T]()):]
		}
	}
}

// move makes the outputs of n pictures, of size elements each.
func move[T Float](s *Scratch[T], out, framed, packed []T, e *stencil, f *frame, n, size int) {
	if e.depthwise() {
		moveTaps(s, out, framed, packed, e, f, n, size)
		return
	}
	row := f.all.w * f.channels
	t := tiles[T]{
		ldc: e.out.col, ars: e.step * f.channels, acs: 1, m: e.pixels.w, n: e.outs,
		places: area{n, e.pixels.h}, cAt: grid{0, size, e.out.row}, aAt: grid{0, f.size(), e.step * row},
	}
	lines, length := e.lines()
	pixels := length / e.ins // of a line
	for g := range e.groups {
		for p := range sections(lines, length) {
			c := sectionOf(lines, length, p)
			s.runs = s.runs[:0]
			for r := c.first; r < c.first+c.lines; r++ {
				y, x := r*pixels/e.window.w, r*pixels%e.window.w
				s.runs = append(s.runs, y*row+x*f.channels)
			}
			t.c, t.a = out[e.out.at+g*e.outs:], framed[e.y*row+e.x*f.channels+g*e.ins+c.skip:]
			t.b, t.runs, t.k, t.accumulate = packed, s.runs, c.k, p > 0
			t.run(s)
			packed = packed[c.depth()*roundUp(e.outs, panelLanes[T]()):]
		}
	}
}
