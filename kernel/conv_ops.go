package kernel

// Conv convolves as many pictures x as there are outputs y:
//
//	y[i,j,o] = sum_{a,b,c} x[i Stride - Pad + a, j Stride - Pad + b, c] w[a,b,c,o]
//
// The sum goes over a, then b, then c, in sections of at most sectionLen products,
// zeros of the padding among them. Each is added up on its own, from zero; then they
// are added in order; or it is made by tiles, where byTiles says so. The bits of an
// output do not depend on the pictures beside its own.
func Conv[T Float](s *Scratch[T], y, x, w []T, v *ConvShape) {
	n := pictures(x, y, w, v)
	if n > 0 && byTiles(v) {
		convTiles(s, y, x, w, n, v)
		return
	}
	oh, ow := v.Out()
	ins, outs := v.C/v.Groups, v.O/v.Groups
	s.stencils = append(s.stencils[:0], stencil{
		step: v.Stride, pixels: area{oh, ow}, out: grid{0, ow * v.O, v.O},
		window: area{v.KH, v.KW}, taps: grid{0, v.KW * ins * v.O, ins * v.O},
		ins: ins, outs: outs, groups: v.Groups, group: outs, rs: v.O, cs: 1,
	})
	f := v.framed()
	apply(s, y, x, w, n, &f)
}

// ConvInput is the adjoint of Conv in x: dx is the gradient of <Conv(x, w), d>. With
// stride 1 it is a convolution of d with the weights flipped; else there is one such
// for each set of pixels of dx that meet the same weights.
func ConvInput[T Float](s *Scratch[T], dx, d, w []T, v *ConvShape) {
	n := pictures(dx, d, w, v)
	if n > 0 && byTiles(v) {
		convInputTiles(s, dx, d, w, n, v)
		return
	}
	oh, ow := v.Out()
	if min(v.KH, v.KW) < v.Stride { // some pixels meet no weight
		clear(dx)
	}
	ins, outs := v.C/v.Groups, v.O/v.Groups
	top, height := v.reach(v.KH, v.H)
	left, width := v.reach(v.KW, v.W)
	f := frame{area{oh, ow}, v.O, -top, -left, area{height, width}}
	row, col := v.KW*ins*v.O, ins*v.O
	s.stencils = s.stencils[:0]
	for i := range min(v.Stride, v.KH) {
		for j := range min(v.Stride, v.KW) {
			p, q := v.phase(i, v.KH, v.H), v.phase(j, v.KW, v.W)
			if p.pixels == 0 || q.pixels == 0 {
				continue
			}
			s.stencils = append(s.stencils, stencil{
				y: p.start - top, x: q.start - left, step: 1,
				pixels: area{p.pixels, q.pixels}, out: grid{(p.first*v.W + q.first) * v.C, v.Stride * v.W * v.C, v.Stride * v.C},
				window: area{p.taps, q.taps}, taps: grid{p.last()*row + q.last()*col, -v.Stride * row, -v.Stride * col},
				ins: outs, outs: ins, groups: v.Groups, group: outs, rs: 1, cs: v.O,
			})
		}
	}
	apply(s, dx, d, w, n, &f)
}

// ConvWeight is the adjoint of Conv in w: dw is the gradient of <Conv(x, w), d>. The
// sum goes over pictures, rows and columns of d, in sections like those of Conv, or by
// tiles, so that its bits depend on the pictures that are summed and on their order.
func ConvWeight[T Float](s *Scratch[T], dw, x, d []T, v *ConvShape) {
	n := pictures(x, d, dw, v)
	if n == 0 {
		clear(dw)
		return
	}
	if byTiles(v) {
		convWeightTiles(s, dw, x, d, n, v)
		return
	}
	oh, ow := v.Out()
	ins, outs, f := v.C/v.Groups, v.O/v.Groups, v.framed()
	// A holds pixels of x by columns, B those of d by rows.
	t := tiles[T]{
		ldc: v.O, ars: 1, acs: v.Stride * v.C, m: ins, n: outs,
		places: area{v.KH, v.KW}, cAt: grid{0, v.KW * ins * v.O, ins * v.O}, aAt: grid{0, f.all.w * v.C, v.C},
	}
	if v.Groups == 1 { // the channels of a row of the window lie side by side
		t.m, t.places.w = v.KW*v.C, 1
	}
	group := f.group(oh * ow * v.O)
	for i := 0; i < n; i += group {
		count := min(group, n-i)
		xs, ds := fill(&s.frames, &f, x[i*v.size():], count), d[i*oh*ow*v.O:]
		if v.Groups > 1 && ins == 1 && outs == 1 {
			sumTaps(s, dw, xs, ds, v, &f, count, i > 0)
			continue
		}
		for p := range sections(count*oh, ow) {
			c := sectionOf(count*oh, ow, p)
			s.runs = s.runs[:0]
			for r := c.first; r < c.first+c.lines; r++ {
				s.runs = append(s.runs, (r/oh*f.all.h+r%oh*v.Stride)*f.all.w*v.C+c.skip*t.acs)
			}
			t.runs, t.k = s.runs, c.k
			for g := range v.Groups {
				t.c, t.a = dw[g*outs:], xs[g*ins:]
				t.rows(s, ds[c.row(ow)*v.O+g*outs:], v.O)
				t.run(s)
			}
			t.accumulate = true
		}
	}
}
