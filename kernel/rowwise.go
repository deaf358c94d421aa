package kernel

import "math"

// AddRows adds the rows of a matrix to dst, for a of n rows as long as dst:
//
//	dst[j] += sum_i a[i*len(dst)+j]
//
// Four rows are added to one another before they are added to dst.
func AddRows[T Float](dst, a []T, n int) {
	w := len(dst)
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
// Sums are in double precision, and no row of finite numbers overflows.
func Softmax[T Float](dst, z []T, n int) {
	for ; len(z) >= n && len(dst) >= n; dst, z = dst[n:], z[n:] {
		p, z := dst[:n], z[:n]
		m, _ := rowMax(z)
		var sum float64
		for j := range z {
			e := math.Exp(float64(z[j]) - m)
			sum += e
			p[j] = T(e)
		}
		scaleRow(p, 1/sum)
	}
}

// SoftmaxGrad multiplies each row d by the derivative of the softmax at the row z:
// dst_j = p_j (d_j - sum_k p_k d_k) for p = softmax(z). A row of dst sums to zero, so
// its element of the largest p is minus the sum of the others, which keeps its digits
// where that p is nearly 1. dst shares no memory with z or d.
func SoftmaxGrad[T Float](dst, z, d []T, n int) {
	for ; len(z) >= n && len(d) >= n && len(dst) >= n; dst, z, d = dst[n:], z[n:], d[n:] {
		p, z, d := dst[:n], z[:n], d[:n]
		m, at := rowMax(z)
		var sum, dot float64
		for j := range z {
			e := math.Exp(float64(z[j]) - m)
			sum += e
			dot += float64(e * float64(d[j]))
			p[j] = T(e)
		}
		mean := dot / sum
		var others float64
		for j := range p {
			v := float64(p[j]) / sum * (float64(d[j]) - mean)
			if j != at {
				others += v
			}
			p[j] = T(v)
		}
		p[at] = T(-others)
	}
}

// rowMax gives the largest element of a row and its first place.
func rowMax[T Float](z []T) (m float64, at int) {
	best := z[0]
	for j, v := range z {
		if v > best {
			best, at = v, j
		}
	}
	return float64(best), at
}

func scaleRow[T Float](p []T, s float64) {
	for j := range p {
		p[j] = T(float64(p[j]) * s)
	}
}
