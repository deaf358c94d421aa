package kernel

// A ConvShape is the geometry of a two-dimensional convolution. Pictures are
// (H,W,C), row-major, C innermost; weights are (KH,KW,C/Groups,O). Output pixel
// (i,j) sees the window of KH x KW pixels that starts at (i Stride - Pad,
// j Stride - Pad); what is outside of the picture counts as zero. With more than one
// group, the outputs of group g see the channels of group g alone; both numbers of
// channels are multiples of Groups, which is 1 or more.
type ConvShape struct {
	H, W, C             int
	KH, KW, O           int
	Stride, Pad, Groups int
}

// Out gives the height and the width of the output, which is (OH,OW,O). It is zero
// where the window is larger than the padded picture.
func (v *ConvShape) Out() (h, w int) {
	return places(v.H, v.KH, v.Stride, v.Pad), places(v.W, v.KW, v.Stride, v.Pad)
}

// places counts the windows of size pixels along an axis of n pixels.
func places(n, size, stride, pad int) int {
	if n += 2 * pad; n < size || stride < 1 {
		return 0
	}
	return (n-size)/stride + 1
}

// Conv convolves as many pictures x as there are outputs y:
//
//	y[i,j,o] = sum_{a,b,c} x[i Stride - Pad + a, j Stride - Pad + b, c] w[a,b,c,o]
//
// The bits of an output do not depend on the pictures beside its own.
func Conv[T Float](s *Scratch[T], y, x, w []T, v *ConvShape) {
	n, m := pictures(x, y, w, v), newConvColumns(v)
	for i := range n {
		x, y := x[i*v.size():], y[i*m.rows*v.O:]
		for g := range v.Groups {
			cols := grow(&s.columns, m.rows*m.depth)
			gather(cols, x[g*m.ins:], m)
			MatMul(s, y[g*m.outs:], v.O, cols, m.depth, 1, w[g*m.outs:], v.O, 1, m.rows, m.outs, m.depth, false)
		}
	}
}

// ConvInput is the adjoint of Conv in x: dx is the gradient of <Conv(x, w), d>.
func ConvInput[T Float](s *Scratch[T], dx, d, w []T, v *ConvShape) {
	n, m := pictures(dx, d, w, v), newConvColumns(v)
	clear(dx)
	for i := range n {
		dx, d := dx[i*v.size():], d[i*m.rows*v.O:]
		for g := range v.Groups {
			cols := grow(&s.columns, m.rows*m.depth)
			MatMul(s, cols, m.depth, d[g*m.outs:], v.O, 1, w[g*m.outs:], 1, v.O, m.rows, m.depth, m.outs, false)
			spread(dx[g*m.ins:], cols, m)
		}
	}
}

// ConvWeight is the adjoint of Conv in w: dw is the gradient of <Conv(x, w), d>, summed
// over the pictures one after another.
func ConvWeight[T Float](s *Scratch[T], dw, x, d []T, v *ConvShape) {
	n, m := pictures(x, d, dw, v), newConvColumns(v)
	for i := range n {
		x, d := x[i*v.size():], d[i*m.rows*v.O:]
		for g := range v.Groups {
			cols := grow(&s.columns, m.rows*m.depth)
			gather(cols, x[g*m.ins:], m)
			MatMul(s, dw[g*m.outs:], v.O, cols, 1, m.depth, d[g*m.outs:], v.O, 1, m.depth, m.outs, m.rows, i > 0)
		}
	}
}

// size is the number of elements of a picture.
func (v *ConvShape) size() int { return v.H * v.W * v.C }

// pictures checks the lengths of inputs, outputs and weights against the geometry,
// and gives the number of pictures.
func pictures[T Float](x, y, w []T, v *ConvShape) int {
	oh, ow := v.Out()
	switch {
	case v.C < 1 || v.O < 1 || v.Groups < 1 || v.C%v.Groups != 0 || v.O%v.Groups != 0:
		panic("kernel: convolution with groups that do not divide the channels")
	case v.KH < 1 || v.KW < 1 || v.Stride < 1 || v.Pad < 0 || oh < 1 || ow < 1:
		panic("kernel: convolution with a window that does not fit")
	}
	n := len(x) / v.size()
	if len(x) != n*v.size() || len(y) != n*oh*ow*v.O || len(w) != v.KH*v.KW*v.C/v.Groups*v.O {
		panic("kernel: convolution of arrays of other lengths")
	}
	return n
}

// convColumns describe the windows of a picture, seen by one group, as the rows of a
// matrix.
type convColumns struct {
	*ConvShape
	rows, width int // output pixels, in all and in a row of the picture
	depth       int // pixels of a window times ins
	ins, outs   int // channels of a group
}

func newConvColumns(v *ConvShape) convColumns {
	h, w := v.Out()
	ins := v.C / v.Groups
	return convColumns{v, h * w, w, v.KH * v.KW * ins, ins, v.O / v.Groups}
}

// each calls f for every pixel of every window: its place in the matrix, and where n
// elements of it are found in the picture, n = 0 outside.
func (m convColumns) each(f func(at, from, n int)) {
	for p := range m.rows {
		top, left := p/m.width*m.Stride-m.Pad, p%m.width*m.Stride-m.Pad
		for a := range m.KH {
			for b := range m.KW {
				i, j := top+a, left+b
				at := p*m.depth + (a*m.KW+b)*m.ins
				if i < 0 || i >= m.H || j < 0 || j >= m.W {
					f(at, 0, 0)
				} else {
					f(at, (i*m.W+j)*m.C, m.ins)
				}
			}
		}
	}
}

// gather copies the windows of x into the rows of cols.
func gather[T Float](cols, x []T, m convColumns) {
	m.each(func(at, from, n int) {
		copy(cols[at:][:n], x[from:])
		if n == 0 {
			clear(cols[at:][:m.ins])
		}
	})
}

// spread adds the rows of cols to the windows of x.
func spread[T Float](x, cols []T, m convColumns) {
	m.each(func(at, from, n int) {
		Add(x[from:][:n], x[from:][:n], cols[at:][:n])
	})
}
