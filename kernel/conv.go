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

// A phase is the part of an axis of ConvInput whose pixels, first, first + stride, ...,
// meet the same weights, low, low + stride, ... The first of the pixels meets the last
// of the weights at pixel start of the output, and the others one by one after it.
type phase struct{ stride, first, pixels, low, taps, start int }

// phase gives that of the weights low, low + Stride, ... of k, for pictures of n pixels.
func (v *ConvShape) phase(low, k, n int) phase {
	p := phase{stride: v.Stride, low: low, taps: ceil(k-low, v.Stride)}
	p.first = ((low-v.Pad)%v.Stride + v.Stride) % v.Stride
	p.pixels = ceil(max(0, n-p.first), v.Stride)
	p.start = (p.first+v.Pad-low)/v.Stride - (p.taps - 1)
	return p
}

// last is the place of the last weight.
func (p *phase) last() int { return p.low + (p.taps-1)*p.stride }

// reach gives the pixels of an axis of the output, from start on, that any phase with
// weights and pixels meets; they may be outside of the output, or a part of it.
func (v *ConvShape) reach(k, n int) (start, pixels int) {
	end := 0
	for low := range min(v.Stride, k) {
		p := v.phase(low, k, n)
		if p.pixels == 0 {
			continue
		}
		to := p.start + p.taps + p.pixels - 1
		if end == start {
			start, end = p.start, to
		}
		start, end = min(start, p.start), max(end, to)
	}
	return start, end - start
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
