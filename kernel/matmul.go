package kernel

// MatMul computes C = A B, or C += A B if accumulate, for an m x k matrix A, a
// k x n matrix B and an m x n matrix C:
//
//	c[i*ldc+j] = sum_p a[i*ars+p*acs] * b[p*brs+j*bcs]  (+ c[i*ldc+j])
//
// Any strides of A and B that are not negative will do, so that either may be
// transposed, or a part of a larger matrix; ldc is at least n. Where acs or ars is
// 1, and bcs or brs is 1, the product is at its fastest. C must not share memory
// with A or B. No element of C outside the m x n is read or written, and with
// k = 0 the product is zero.
//
// An element of C is summed as follows, whatever the shape, the strides, the
// alignment, the place of the element and the state of s, so that its bits depend
// on the k pairs of factors (and on C, if accumulate) alone. The range of p is cut
// into ceil(k/256) parts, as even as can be, the longer ones first; the products
// of one part are added to zero in order of p; the sums of the parts are added in
// order, to C if accumulate. "avx2" and "avx512" add each product with one rounding
// (fused) and give the same bits; "portable" rounds each product before adding it.
//
// MatMul panics if a slice is too short for its strides.
func MatMul[T Float](s *Scratch[T], c []T, ldc int, a []T, ars, acs int, b []T, brs, bcs int, m, n, k int, accumulate bool) {
	if m < 0 || n < 0 || k < 0 || ars < 0 || acs < 0 || brs < 0 || bcs < 0 || ldc < n {
		panic("kernel: MatMul with a negative size or stride, or ldc < n")
	}
	if m == 0 || n == 0 {
		return
	}
	if !covers(len(c), ldc, 1, m, n) {
		panic("kernel: MatMul with a c too short for its size")
	}
	if k == 0 {
		if !accumulate {
			for i := range m {
				clear(c[i*ldc : i*ldc+n])
			}
		}
		return
	}
	if !covers(len(a), ars, acs, m, k) {
		panic("kernel: MatMul with an a too short for its size")
	}
	if !covers(len(b), brs, bcs, k, n) {
		panic("kernel: MatMul with a b too short for its size")
	}
	multiply(s, operands[T]{c, a, b, ldc, ars, acs, brs, bcs, m, n, k, accumulate})
}

// operands are the arguments of a product.
type operands[T Float] struct {
	c, a, b                 []T
	ldc, ars, acs, brs, bcs int
	m, n, k                 int
	accumulate              bool
}

// covers tells whether a slice of the given length holds rows x cols elements with
// those strides, none of them zero. It cannot overflow for strides up to length.
func covers(length, rs, cs, rows, cols int) bool {
	return (rows == 1 || rs < length) && (cols == 1 || cs < length) && (rows-1)*rs+(cols-1)*cs < length
}

// depthMax is the length of the longest run of products that is summed on its own.
const depthMax = 256

// depth gives the length of the part of k that starts at p: the parts are as few
// and as even as can be.
func depth(k, p int) int {
	parts := (k + depthMax - 1) / depthMax
	size, longer := k/parts, k%parts
	if p < longer*(size+1) {
		return size + 1
	}
	return size
}
