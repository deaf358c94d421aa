package optim

import (
	"basin/kernel"
	"basin/problem"
)

// gram sets the upper triangle of the n x n matrix c to that of A A', or adds it,
// for the n x k matrix A with element a[i*rs+p*cs]. What is below the diagonal is
// left undefined, which saves close to half of the work.
func gram[T problem.Float](s *kernel.Scratch[T], c, a []T, rs, cs, n, k int, accumulate bool) {
	const rows = 64 // at a time
	for i := 0; i < n; i += rows {
		kernel.MatMul(s, c[i*n+i:], n, a[i*rs:], rs, cs, a[i*rs:], cs, rs, min(rows, n-i), n-i, k, accumulate)
	}
}

// mirror copies the upper triangle of c to the lower one.
func mirror[T problem.Float](c []T, n int) {
	const side = 32 // of the squares that are turned over at a time
	for i0 := 0; i0 < n; i0 += side {
		for j0 := i0; j0 < n; j0 += side {
			for i := i0; i < min(i0+side, n); i++ {
				for j := max(j0, i+1); j < min(j0+side, n); j++ {
					c[j*n+i] = c[i*n+j]
				}
			}
		}
	}
}
