package kernel

// AddRows adds the rows of a matrix to dst, for a of n rows as long as dst:
//
//	dst[j] += sum_i a[i*len(dst)+j]
//
// Four rows are added to one another before they are added to dst.
func AddRows[T Float](dst, a []T, n int) {
	w := len(dst)
	for ; n >= 4; n -= 4 {
		if sweepRows(dst, a) {
			a = a[4*w:]
			continue
		}
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
	expRows(dst, z, n)
	for ; len(dst) >= n; dst = dst[n:] {
		p := dst[:n]
		scaleRow(p, 1/Sum(p))
	}
}

// SoftmaxGrad multiplies each row d by the derivative of the softmax at the row z:
// dst_j = p_j (d_j - sum_k p_k d_k) for p = softmax(z). A row of dst sums to zero, so
// its element of the largest p is minus the sum of the others, which keeps its digits
// where that p is nearly 1. dst shares no memory with z or d.
func SoftmaxGrad[T Float](dst, z, d []T, n int) {
	expRows(dst, z, n)
	for ; len(dst) >= n && len(d) >= n; dst, d = dst[n:], d[n:] {
		p, d := dst[:n], d[:n]
		_, at := rowMax(p)
		sum := Sum(p)
		mean := Dot(p, d) / sum
		p[at] = 0
		var others float64
		for j := range p {
			v := float64(p[j]) / sum * (float64(d[j]) - mean)
			others += v
			p[j] = T(v)
		}
		p[at] = T(-others)
	}
}

// expRows sets each row of dst to exp(z_j - max_k z_k).
func expRows[T Float](dst, z []T, n int) {
	for at := 0; at+n <= len(z); at += n {
		row := z[at : at+n]
		m, _ := rowMax(row)
		Sub(dst[at:at+n], row, []T{m})
	}
	Exp(dst, dst)
}

// rowMax gives the largest element of a row and its first place.
func rowMax[T Float](z []T) (m T, at int) {
	m = z[0]
	for j, v := range z {
		if v > m {
			m, at = v, j
		}
	}
	return m, at
}

func scaleRow[T Float](p []T, s float64) {
	for j := range p {
		p[j] = T(float64(p[j]) * s)
	}
}
