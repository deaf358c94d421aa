package linop

import (
	"math"

	"basin/kernel"
)

// A jacobi makes the rows of B, n x long, orthogonal by rotations of pairs of them,
// which it does to the rows of P, n x n, as well, so that P'B stays.
type jacobi struct {
	n, long int
	b, p    []float64
	dots    []float64 // n x n, of rows of B
	product *kernel.Scratch[float64]
}

// orthogonalize rotates until no two rows, the longest being of length l, have a
// product of more than a few roundings of l times the longer of their lengths, and
// puts the longest first. It tells whether it came to that.
func (j *jacobi) orthogonalize() bool {
	for range 40 {
		kernel.Gram(j.product, j.dots, j.n, j.b, j.long, 1, j.n, j.long, false)
		top := 0.0
		for i := range j.n {
			top = max(top, j.dots[i*(j.n+1)])
		}
		tol := 0x1p-52 * math.Sqrt(float64(j.long)*top)
		done := true
		for i := range j.n {
			for l := i + 1; l < j.n; l++ {
				most := math.Sqrt(max(j.dots[i*(j.n+1)], j.dots[l*(j.n+1)]))
				if math.Abs(j.dots[i*j.n+l]) > tol*most {
					done = false
					j.rotate(i, l)
				}
			}
		}
		if done {
			j.sort()
			return true
		}
	}
	return false
}

// rotate makes rows i and l orthogonal (Golub & Van Loan 2013, section 8.6.3).
func (j *jacobi) rotate(i, l int) {
	x, y := j.b[i*j.long:][:j.long], j.b[l*j.long:][:j.long]
	xy := kernel.Dot(x, y)
	if xy == 0 {
		return
	}
	zeta := (kernel.Dot(y, y) - kernel.Dot(x, x)) / (2 * xy)
	t := math.Copysign(1/(math.Abs(zeta)+math.Hypot(1, zeta)), zeta)
	c := 1 / math.Hypot(1, t)
	turn(x, y, c, c*t)
	turn(j.p[i*j.n:][:j.n], j.p[l*j.n:][:j.n], c, c*t)
}

// turn makes x and y the halves c x - s y and s x + c y.
func turn(x, y []float64, c, s float64) {
	for i, v := range x {
		x[i], y[i] = c*v-s*y[i], s*v+c*y[i]
	}
}

// sort puts the longest rows first.
func (j *jacobi) sort() {
	for i := range j.n {
		longest := i
		for l := i + 1; l < j.n; l++ {
			if j.dots[l*(j.n+1)] > j.dots[longest*(j.n+1)] {
				longest = l
			}
		}
		if longest > i {
			j.dots[i*(j.n+1)], j.dots[longest*(j.n+1)] = j.dots[longest*(j.n+1)], j.dots[i*(j.n+1)]
			swap(j.b[i*j.long:][:j.long], j.b[longest*j.long:][:j.long])
			swap(j.p[i*j.n:][:j.n], j.p[longest*j.n:][:j.n])
		}
	}
}

func swap(x, y []float64) {
	for i := range x {
		x[i], y[i] = y[i], x[i]
	}
}
