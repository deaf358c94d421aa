package kernel

// Gram computes the upper triangle of C = A A', diagonal included, or adds it to C,
// for an n x k matrix A and an n x n matrix C:
//
//	c[i*ldc+j] = sum_p a[i*ars+p*acs] * a[j*ars+p*acs]  (+ c[i*ldc+j]),  i <= j
//
// with the bits that MatMul gives. What is below the diagonal is left undefined;
// Mirror fills it. So close to half of the work of a product is saved.
//
// Gram panics if a slice is too short for its strides.
func Gram[T Float](s *Scratch[T], c []T, ldc int, a []T, ars, acs, n, k int, accumulate bool) {
	matMul(s, &product[T]{
		c: matrix[T]{c, ldc, 1}, a: matrix[T]{a, ars, acs}, b: matrix[T]{a, acs, ars},
		m: n, n: n, k: k, accumulate: accumulate, upper: true,
	})
}

// MulUpper computes the upper triangle of C = A B, diagonal included, for matrices of
// n x n whose rows are n apart, with the bits that MatMul gives; it saves what Gram
// saves where the product is known to be symmetric.
func MulUpper[T Float](s *Scratch[T], c, a, b []T, n int) {
	matMul(s, &product[T]{
		c: matrix[T]{c, n, 1}, a: matrix[T]{a, n, 1}, b: matrix[T]{b, n, 1},
		m: n, n: n, k: n, upper: true,
	})
}

// Mirror copies the upper triangle of the n x n matrix C, whose rows are ldc apart, to
// the lower one.
func Mirror[T Float](c []T, ldc, n int) {
	side := mirrorSide[T]()
	for i := 0; i < n; i += side {
		next := min(i+side, n)
		for r := i; r < next; r++ {
			for q := r + 1; q < next; q++ {
				c[q*ldc+r] = c[r*ldc+q]
			}
		}
		for j := next + mirrorSquares(c, ldc, i, next, n); j < n; j++ {
			for r := i; r < next; r++ {
				c[j*ldc+r] = c[r*ldc+j]
			}
		}
	}
}
