package kernel

import (
	"math"
	"testing"

	"basin/rng"
)

// TestRowLoops holds loops over rows in assembly to those in Go, bit by bit, for rows
// of many lengths, with guards, ties, infinities, NaN and denormals.
func TestRowLoops(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		if active != portable {
			testRowLoops[float32](t)
			testRowLoops[float64](t)
		}
	})
}

func testRowLoops[T Float](t *testing.T) {
	var scratch Scratch[T]
	for _, n := range []int{1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16, 17, 24, 31, 32, 33, 40, 63, 64, 65, 100, 128, 300} {
		for _, rows := range []int{0, 1, 2, 3, 4, 5, 8, 11, 16, 33, 64, 70} {
			s := rng.At(3, "rows", n*100+rows)
			special := odd[T](n + rows)
			labels := make([]int, rows)
			for i := range labels {
				labels[i] = s.IntN(n)
			}
			fill := func() T {
				switch s.IntN(200) {
				case 0:
					return special()
				case 1, 2, 3, 4, 5, 6, 7, 8, 9, 10:
					return 3
				}
				return T(s.Norm())
			}
			z, d := newGuarded(rows*n, n%3, fill), newGuarded(rows*n, n%5, fill)
			for name, f := range map[string]func(dst []T){
				"Softmax":             func(dst []T) { Softmax(dst, z.in, n) },
				"SoftmaxGrad":         func(dst []T) { SoftmaxGrad(dst, z.in, d.in, n) },
				"CrossEntropyGrad":    func(dst []T) { CrossEntropyGrad(&scratch, dst, z.in, labels, n) },
				"StandardizeRows":     func(dst []T) { StandardizeRows(dst, z.in, n, 1e-5, make([]T, rows)) },
				"StandardizeRows r":   func(dst []T) { StandardizeRows(make([]T, rows*n), z.in, n, 1e-5, dst[:rows]) },
				"StandardizeRowsGrad": func(dst []T) { StandardizeRowsGrad(dst, d.in, z.in, n, d.in[:rows]) },
				"RMSRows":             func(dst []T) { RMSRows(dst, z.in, n, 1e-5, make([]T, rows)) },
				"RMSRowsGrad":         func(dst []T) { RMSRowsGrad(dst, d.in, z.in, n, d.in[:rows]) },
				"CrossEntropy":        func(dst []T) { CrossEntropy(&scratch, dst[:rows], z.in, labels, n) },
				"CrossEntropyBoth":    func(dst []T) { CrossEntropyBoth(&scratch, make([]T, rows), dst, z.in, labels, n) },
				"CrossEntropyBoth r":  func(dst []T) { CrossEntropyBoth(&scratch, dst[:rows], make([]T, rows*n), z.in, labels, n) },
			} {
				dst := newGuarded(rows*n, n%7, fill)
				want := append([]T(nil), dst.in...)
				onPath(portable, func() { f(want) })
				dst.want = func(i int) T { return want[i] }
				f(dst.in)
				dst.check(t, name)
			}
		}
	}
}

func TestRowLoopsOfNothingFinite(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		inf, nan := math.Inf(1), math.NaN()
		for _, z := range [][]float64{{nan, 1}, {1, nan}, {inf, 1}, {-inf, -inf}, {nan, nan}} {
			dst := make([]float64, 2)
			if Softmax(dst, z, 2); dst[0] == dst[0] || dst[1] == dst[1] {
				t.Errorf("the softmax of %v is %v", z, dst)
			}
		}
	})
}

func TestLabelOutsideItsRow(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("label 3 of rows of 3 was taken")
		}
	}()
	CrossEntropyGrad(new(Scratch[float64]), make([]float64, 3), make([]float64, 3), []int{3}, 3)
}
