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

// Windows are n windows of one size side by side in a picture, each rows x cols pixels
// of it: from is the place of the first pixel of the first window, to that of its
// output.
type windows struct{ to, from, n, rows, cols int }

// size is the number of elements of a picture.
func (v *PoolShape) size() int { return v.H * v.W * v.C }

// pictures checks the numbers of elements of inputs and outputs against the geometry
// and gives the number of pictures.
func (v *PoolShape) pictures(in, out int) int {
	h, w := v.Out()
	if v.C < 1 || v.Size < 1 || v.Stride < 1 || v.Pad < 0 || v.Pad >= v.Size || h < 1 || w < 1 {
		panic("kernel: pooling with a window that does not fit")
	}
	n := in / v.size()
	if in != n*v.size() || out != n*h*w*v.C {
		panic("kernel: pooling of arrays of other lengths")
	}
	return n
}

// each calls f for all windows of a picture, in order.
func (v *PoolShape) each(picture int, f func(w windows)) {
	h, w := v.Out()
	// Windows first to end-1 of a row are whole.
	first := min(ceil(v.Pad, v.Stride), w)
	end := max(first, min(w, (v.W+v.Pad-v.Size)/v.Stride+1))
	for i := range h {
		top, rows := inside(i*v.Stride-v.Pad, v.Size, v.H)
		for j, n := 0, 0; j < w; j += n {
			n = 1
			if j == first && end > first {
				n = end - first
			}
			left, cols := inside(j*v.Stride-v.Pad, v.Size, v.W)
			f(windows{((picture*h+i)*w + j) * v.C, ((picture*v.H+top)*v.W + left) * v.C, n, rows, cols})
		}
	}
}

// inside gives the part of size places from at that is within n.
func inside(at, size, n int) (from, length int) {
	from = max(at, 0)
	return from, min(at+size, n) - from
}

// apart tells whether windows cover a picture once, and the path has loops that make
// use of it: they set what others add to.
func (v *PoolShape) apart() bool {
	return active != portable && v.Stride == v.Size && v.Pad == 0 && v.H%v.Size == 0 && v.W%v.Size == 0
}

// pixels calls f for each pixel of each of the windows: its place, and that of the
// output.
func (v *PoolShape) pixels(w windows, f func(to, from int)) {
	for i := range w.n {
		for a := range w.rows {
			for b := range w.cols {
				f(w.to+i*v.C, w.from+(i*v.Stride+a*v.W+b)*v.C)
			}
		}
	}
}

// AvgPool sets each element of y to the mean of its window in x, for as many pictures
// as there are. The elements are added row by row.
func AvgPool[T Float](y, x []T, v *PoolShape) {
	for p := range v.pictures(len(x), len(y)) {
		v.each(p, func(w windows) {
			share := 1 / T(w.rows*w.cols)
			if runPool(poolMean, y, x, nil, v, w, share) {
				return
			}
			clear(y[w.to:][:w.n*v.C])
			v.pixels(w, func(to, from int) {
				for c, a := range x[from:][:v.C] {
					y[to+c] += a
				}
			})
			Scale(y[w.to:][:w.n*v.C], share)
		})
	}
}

// AvgPoolInput is the adjoint of AvgPool: dx is the gradient of <AvgPool(x), d>.
func AvgPoolInput[T Float](dx, d []T, v *PoolShape) {
	for p := range v.pictures(len(dx), len(d)) {
		loop := poolShareApart
		if !v.apart() {
			clear(dx[p*v.size():][:v.size()])
			loop = poolShare
		}
		v.each(p, func(w windows) {
			share := 1 / T(w.rows*w.cols)
			if !runPool(loop, d, dx, dx, v, w, share) {
				v.pixels(w, func(to, from int) { Axpy(dx[from:][:v.C], share, d[to:][:v.C]) })
			}
		})
	}
}
