package kernel

import "unsafe"

// AddRows adds the rows of a matrix to dst, for a of n rows as long as dst:
//
//	dst[j] += sum_i a[i*len(dst)+j]
//
// Four rows are added to one another before they are added to dst.
func AddRows[T Float](dst, a []T, n int) {
	w := len(dst)
	if sweepRows(dst, a, n/4) {
		a, n = a[n/4*4*w:], n%4
	}
	for ; n >= 4; n -= 4 {
		r0, r1, r2, r3 := a[:w], a[w:2*w], a[2*w:3*w], a[3*w:4*w]
		r0, r1, r2, r3 = r0[:len(dst)], r1[:len(dst)], r2[:len(dst)], r3[:len(dst)]
		for j := range dst {
			dst[j] += (r0[j] + r1[j]) + (r2[j] + r3[j])
		}
		a = a[4*w:]
	}
	for ; n > 0; n-- {
		Add(dst, dst, a[:w])
		a = a[w:]
	}
}

// Softmax sets each row of dst to exp(z_j) / sum_k exp(z_k), for rows of length n.
// Sums are in double precision, and no row of finite numbers overflows. dst may be z.
func Softmax[T Float](dst, z []T, n int) {
	z = z[:len(dst)]
	if s := (sweep[T]{}); s.sweepEach(softmaxLoop, dst, z, n) {
		return
	}
	for ; len(dst) >= n; dst, z = dst[n:], z[n:] {
		p := dst[:n]
		expRow(p, z[:n])
		Scale(p, T(1/Sum(p)))
	}
}

// SoftmaxGrad multiplies each row d by the derivative of the softmax at the row z:
// dst_j = p_j (d_j - sum_k p_k d_k) for p = softmax(z). A row of dst sums to zero, so
// its element of the largest p is minus the sum of the others, which keeps its digits
// where that p is nearly 1. dst shares no memory with z or d.
func SoftmaxGrad[T Float](dst, z, d []T, n int) {
	z, d = z[:len(dst)], d[:len(dst)]
	if s := (sweep[T]{b: unsafe.SliceData(d)}); s.sweepEach(softmaxGradLoop, dst, z, n) {
		return
	}
	for ; len(dst) >= n; dst, z, d = dst[n:], z[n:], d[n:] {
		p, d := dst[:n], d[:n]
		at := expRow(p, z[:n])
		p[at] = 0
		r := 1 / (Sum(p) + 1)
		mean := (Dot(p, d) + float64(d[at])) * r
		for j, v := range p {
			p[j] = T(float64(float64(v)*r) * (float64(d[j]) - mean))
		}
		p[at] = T(-Sum(p))
	}
}

// expRow sets dst to exp(z_j - max_k z_k) and tells the last place of the largest z.
func expRow[T Float](dst, z []T) (at int) {
	m := z[0]
	for j, v := range z {
		if v >= m {
			m, at = v, j
		}
	}
	for j, v := range z {
		dst[j] = v - m
	}
	Exp(dst, dst)
	return at
}
