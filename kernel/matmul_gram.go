package kernel

// Gram computes the upper triangle of C = A A', diagonal included, or adds it to C,
// for an n x k matrix A and an n x n matrix C:
//
//	c[i*ldc+j] = sum_p a[i*ars+p*acs] * a[j*ars+p*acs]  (+ c[i*ldc+j]),  i <= j
//
// as MulUpper does.
func Gram[T Float](s *Scratch[T], c []T, ldc int, a []T, ars, acs, n, k int, accumulate bool) {
	MulUpper(s, c, ldc, a, ars, acs, a, acs, ars, n, k, accumulate)
}

// MulUpper computes the upper triangle of C = A B, diagonal included, or adds it to C,
// for an n x k matrix A, a k x n matrix B and an n x n matrix C, with the bits that
// MatMul gives. What is below the diagonal is left undefined; Mirror fills it. So close
// to half of the work of a product that is symmetric is saved.
//
// MulUpper panics if a slice is too short for its strides.
func MulUpper[T Float](s *Scratch[T], c []T, ldc int, a []T, ars, acs int, b []T, brs, bcs int, n, k int, accumulate bool) {
	matMul(s, &product[T]{
		c: matrix[T]{c, ldc, 1}, a: matrix[T]{a, ars, acs}, b: matrix[T]{b, brs, bcs},
		m: n, n: n, k: k, accumulate: accumulate, upper: true,
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
