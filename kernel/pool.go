package kernel

// A PoolShape is the geometry of pooling. Pictures are (H,W,C), row-major, C innermost;
// output pixel (i,j) sees the window of Size x Size pixels that starts at
// (i Stride - Pad, j Stride - Pad), or what of it is inside of the picture. Pad is less
// than Size, so that no window is empty. Every channel is on its own.
type PoolShape struct {
	H, W, C           int
	Size, Stride, Pad int
}

// Out gives the height and the width of the output, which is (OH,OW,C). It is zero
// where the window is larger than the padded picture.
func (v *PoolShape) Out() (h, w int) {
	return places(v.H, v.Size, v.Stride, v.Pad), places(v.W, v.Size, v.Stride, v.Pad)
}

// AvgPool sets each element of y to the mean of its window in x, for as many pictures
// as there are.
func AvgPool[T Float](y, x []T, v *PoolShape) {
	v.each(len(x), len(y), func(to, from, rows, cols int) {
		mean := y[to:][:v.C]
		clear(mean)
		for a := range rows {
			AddRows(mean, x[from+a*v.W*v.C:], cols)
		}
		Scale(mean, 1/T(rows*cols))
	})
}

// AvgPoolInput is the adjoint of AvgPool: dx is the gradient of <AvgPool(x), d>.
func AvgPoolInput[T Float](dx, d []T, v *PoolShape) {
	clear(dx)
	v.each(len(dx), len(d), func(to, from, rows, cols int) {
		share := 1 / T(rows*cols)
		for a := range rows {
			for b := range cols {
				Axpy(dx[from+(a*v.W+b)*v.C:][:v.C], share, d[to:][:v.C])
			}
		}
	})
}

// each calls f for every window of all pictures, in order: to is the place of its
// output, from that of its first pixel inside of the picture, of rows x cols such. It
// checks the numbers of elements of inputs and outputs against the geometry.
func (v *PoolShape) each(in, out int, f func(to, from, rows, cols int)) {
	h, w := v.Out()
	if v.C < 1 || v.Size < 1 || v.Stride < 1 || v.Pad < 0 || v.Pad >= v.Size || h < 1 || w < 1 {
		panic("kernel: pooling with a window that does not fit")
	}
	size := v.H * v.W * v.C
	n := in / size
	if in != n*size || out != n*h*w*v.C {
		panic("kernel: pooling of arrays of other lengths")
	}
	to := 0
	for picture := range n {
		for i := range h {
			top, rows := inside(i*v.Stride-v.Pad, v.Size, v.H)
			for j := range w {
				left, cols := inside(j*v.Stride-v.Pad, v.Size, v.W)
				f(to, ((picture*v.H+top)*v.W+left)*v.C, rows, cols)
				to += v.C
			}
		}
	}
}

// inside gives the part of size places from at that is within n.
func inside(at, size, n int) (from, length int) {
	from = max(at, 0)
	return from, min(at+size, n) - from
}
