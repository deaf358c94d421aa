package kernel

import (
	"fmt"
	"testing"
)

// The loops over rows have the bits of the operations that they join, on every path, at
// lengths that are no multiple of the row's, and with dst apart from its operands or one
// of them.
func TestRows(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testRows[float32](t)
		testRows[float64](t)
	})
}

func testRows[T Float](t *testing.T) {
	// x are whole, r are rows.
	for _, c := range []struct {
		name  string
		f     func(dst []T, x, r [][]T)
		apart func(x, r []T) T
		whole int
	}{
		{"Affine", func(dst []T, x, r [][]T) { Affine(dst, x[0], r[0], r[1], r[2]) },
			func(x, r []T) T { return T(T(x[0]-r[0])*r[1]) + r[2] }, 1},
		{"AffineReLU", func(dst []T, x, r [][]T) { AffineReLU(dst, x[0], r[0], r[1], r[2]) },
			func(x, r []T) T { return max(T(T(x[0]-r[0])*r[1])+r[2], 0) }, 1},
		{"MulCentered", func(dst []T, x, r [][]T) { MulCentered(dst, x[0], x[1], r[0]) },
			func(x, r []T) T { return x[0] * T(x[1]-r[0]) }, 2},
		{"StandardGrad", func(dst []T, x, r [][]T) { StandardGrad(dst, x[0], x[1], r[0], r[1], r[2], r[3]) },
			func(x, r []T) T { return T(T(x[0]-r[0])-T(T(x[1]-r[1])*r[2])) * r[3] }, 2},
	} {
		for _, cols := range []int{1, 3, 8, 16, 37, 64} {
			for n := range 3*cols + 2 {
				what, fill := fmt.Sprintf("%s of %d in rows of %d", c.name, n, cols), odd[T](n+cols)
				var x []*guarded[T]
				var whole, rows [][]T
				for i := range c.whole {
					x = append(x, newGuarded(n, i+n%3, fill))
					whole = append(whole, x[i].in)
				}
				for range 4 {
					rows = append(rows, newGuarded(cols, n%5, fill).in)
				}
				want := make([]T, n)
				for i := range want {
					var a, r []T
					for _, v := range whole {
						a = append(a, v[i])
					}
					for _, v := range rows {
						r = append(r, v[i%cols])
					}
					want[i] = c.apart(a, r)
				}
				dst := newGuarded(n, n%7, fill)
				for _, into := range append(x, dst) {
					for i := range x {
						copy(x[i].in, x[i].before)
					}
					into.want = func(i int) T { return want[i] }
					c.f(into.in, whole, rows)
					into.check(t, what)
				}
			}
		}
	}
}
