package kernel

import "math/bits"

// MatMul computes C = A B, or C += A B if accumulate, for an m x k matrix A, a
// k x n matrix B and an m x n matrix C:
//
//	c[i*ldc+j] = sum_p a[i*ars+p*acs] * b[p*brs+j*bcs]  (+ c[i*ldc+j])
//
// Any strides of A and B that are not negative will do, so that either may be
// transposed, or a part of a larger matrix; ldc is at least n. A is read in place
// at no cost whatever its strides; B is where bcs is 1, is rearranged quickly where
// brs is 1, and slowly elsewhere. C must not share memory with A or B. No element
// of C outside the m x n is read or written, and with k = 0 the product is zero.
//
// An element of C is summed as follows, whatever the shape, the strides, the
// alignment, the place of the element, the state of s and the number of those who
// share the work, so that its bits depend on the k pairs of factors (and on C, if
// accumulate) alone. The range of p is cut
// into ceil(k/256) parts, as even as can be, the longer ones first; the products
// of one part are added to zero in order of p; the sums of the parts are added in
// order, to C if accumulate. "avx2" and "avx512" add each product with one rounding
// (fused) and give the same bits; "portable" rounds each product before adding it.
//
// MatMul panics if a slice is too short for its strides.
func MatMul[T Float](s *Scratch[T], c []T, ldc int, a []T, ars, acs int, b []T, brs, bcs int, m, n, k int, accumulate bool) {
	matMul(s, &product[T]{
		c: matrix[T]{c, ldc, 1}, a: matrix[T]{a, ars, acs}, b: matrix[T]{b, brs, bcs},
		m: m, n: n, k: k, accumulate: accumulate,
	})
}

// matMul is MatMul of what has not been checked.
func matMul[T Float](s *Scratch[T], o *product[T]) {
	if o.m < 0 || o.n < 0 || o.k < 0 || o.a.rs < 0 || o.a.cs < 0 || o.b.rs < 0 || o.b.cs < 0 || o.c.rs < o.n {
		panic("kernel: product with a negative size or stride, or ldc < n")
	}
	if o.m == 0 || o.n == 0 {
		return
	}
	if !o.c.holds(o.m, o.n) {
		panic("kernel: product with a c too short for its size")
	}
	if o.k == 0 {
		if !o.accumulate {
			for i := range o.m {
				clear(o.c.from(i, 0).data[:o.n])
			}
		}
		return
	}
	if !o.a.holds(o.m, o.k) {
		panic("kernel: product with an a too short for its size")
	}
	if !o.b.holds(o.k, o.n) {
		panic("kernel: product with a b too short for its size")
	}
	if !multiplyShared(s, o) {
		multiply(s, o)
	}
}

// A product is what MatMul is asked for.
type product[T Float] struct {
	c, a, b    matrix[T]
	m, n, k    int
	accumulate bool
	upper      bool // what is below the diagonal, rows i > j + diagonal, is not needed
	diagonal   int
}

// A matrix has its element (i, j) at data[i*rs+j*cs].
type matrix[T Float] struct {
	data   []T
	rs, cs int
}

// holds tells whether rows x cols elements, neither of them zero, are within data.
func (x *matrix[T]) holds(rows, cols int) bool {
	rowHigh, row := bits.Mul64(uint64(rows-1), uint64(x.rs))
	colHigh, col := bits.Mul64(uint64(cols-1), uint64(x.cs))
	size := uint64(len(x.data))
	return rowHigh == 0 && colHigh == 0 && row < size && col < size && row+col < size
}

// from is the part of x that begins at (i, j).
func (x matrix[T]) from(i, j int) matrix[T] {
	x.data = x.data[i*x.rs+j*x.cs:]
	return x
}

func (x matrix[T]) transposed() matrix[T] { return matrix[T]{x.data, x.cs, x.rs} }

// depthMax is the length of the longest run of products that is summed on its own.
// It keeps the error small, and a panel of B in the first-level cache.
const depthMax = 256

// depth gives the length of the part of k that starts at p: the parts are as few
// and as even as can be.
func depth(k, p int) int {
	if k <= depthMax {
		return k
	}
	parts := (k + depthMax - 1) / depthMax
	size, longer := k/parts, k%parts
	if p < longer*(size+1) {
		return size + 1
	}
	return size
}
