package kernel

// CausalSoftmax sets row i of each t x t matrix of dst to the softmax of the first i+1
// elements of scale a, and to zero beyond them: what attention allows position i to
// look at. scale must be positive. dst may be a.
func CausalSoftmax[T Float](dst, a []T, t int, scale T) {
	for at := 0; at+t*t <= len(a); at += t * t {
		for i := range t {
			row, from := dst[at+i*t:][:t], a[at+i*t:][:i+1]
			for j, v := range from {
				row[j] = scale * v
			}
			Softmax(row[:i+1], row[:i+1], i+1)
			clear(row[i+1:])
		}
	}
}
