package kernel

// CausalSoftmax sets row i of each t x t matrix of dst to the softmax of the first i+1
// elements of scale a, and to zero beyond them: what attention allows position i to
// look at. scale must be positive. dst may be a.
func CausalSoftmax[T Float](dst, a []T, t int, scale T) {
	copy(dst, a)
	for ; len(dst) >= t*t; dst = dst[t*t:] {
		causalSoftmax(dst[:t*t], t, t, 1, scale)
	}
}

// CausalSoftmaxGrad sets each row of dst to scale p (d - <p, d>), the derivative of
// CausalSoftmax whose result is p, times d. dst may be d.
func CausalSoftmaxGrad[T Float](dst, p, d []T, t int, scale T) {
	copy(dst, d)
	for ; len(dst) >= t*t; dst, p = dst[t*t:], p[t*t:] {
		causalSoftmaxGrad(dst[:t*t], p[:t*t], t, t, 1, scale)
	}
}
