package kernel

import (
	"fmt"
	"testing"
	"time"
)

// TestGram compares the upper triangle with MatMul, bit by bit, and what Mirror makes
// of it with its transpose; it looks at the memory between the rows and after them.
func TestGram(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testGram[float32](t)
		testGram[float64](t)
	})
}

func testGram[T Float](t *testing.T) {
	var s Scratch[T]
	fill := normals[T]()
	for _, n := range []int{0, 1, 2, 7, 10, 16, 31, 33, 64, 65, 131, 200, 530} {
		for _, k := range []int{0, 1, 7, 70, 300} {
			if n > 200 && k != 7 {
				continue
			}
			for _, form := range [][2]int{{k + 1, 1}, {1, n + 3}, {2 * k, 2}} {
				accumulate := (n+k)%2 == 0
				ldc := n + k%3 + 1
				a := make([]T, n*form[0]+k*form[1])
				for i := range a {
					a[i] = fill()
				}
				c, want := make([]T, n*ldc+guards), make([]T, n*ldc+guards)
				for i := range c {
					c[i], want[i] = guard, guard
				}
				for i := range n {
					for j := range n {
						c[i*ldc+j] = fill()
						want[i*ldc+j] = c[i*ldc+j]
					}
				}
				what := fmt.Sprintf("%T n=%d k=%d a=(%d,%d) accumulate=%t", T(0), n, k, form[0], form[1], accumulate)
				MatMul(&s, want, ldc, a, form[0], form[1], a, form[1], form[0], n, n, k, accumulate)
				Gram(&s, c, ldc, a, form[0], form[1], n, k, accumulate)
				for i := range c {
					row, col := i/ldc, i%ldc
					outside := row >= n || col >= n
					if (outside || row <= col) && pattern(c[i]) != pattern(want[i]) {
						t.Fatalf("%s: Gram has %v at row %d, column %d, want %v", what, c[i], row, col, want[i])
					}
				}
				Mirror(c, ldc, n)
				for i := range c {
					row, col := i/ldc, i%ldc
					if row < n && col < n && row > col {
						row, col = col, row
					}
					if pattern(c[i]) != pattern(want[row*ldc+col]) {
						t.Fatalf("%s: Mirror has %v at %d, want %v", what, c[i], i, want[row*ldc+col])
					}
				}
			}
		}
	}
}

// MulUpper has the bits of MatMul.
func TestMulUpper(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		var s Scratch[float32]
		fill := normals[float32]()
		for _, n := range []int{1, 7, 33, 131, 300} {
			k, ldb := n/2+1, n+3
			a, b, c, want := make([]float32, n*k), make([]float32, k*ldb), make([]float32, n*n), make([]float32, n*n)
			for _, x := range [][]float32{a, b, c} {
				for i := range x {
					x[i] = fill()
				}
			}
			copy(want, c)
			MulUpper(&s, c, n, a, k, 1, b, ldb, 1, n, k, n > 7)
			MatMul(&s, want, n, a, k, 1, b, ldb, 1, n, n, k, n > 7)
			for i := range c {
				if i/n <= i%n && pattern(c[i]) != pattern(want[i]) {
					t.Fatalf("n=%d: %v at %d, want %v", n, c[i], i, want[i])
				}
			}
		}
	})
}

// BenchmarkGram counts the products of the triangle alone, so that a perfect Gram
// reaches the peak, and gives Mirror's share of the time.
func BenchmarkGram(b *testing.B) {
	for _, x := range [][2]int{{10, 256}, {256, 256}, {256, 784}, {784, 256}} {
		for p := avx2; p <= best(); p++ {
			b.Run(fmt.Sprintf("n=%d/k=%d/type=float32/path=%s", x[0], x[1], p), func(b *testing.B) {
				use(b, p)
				n, k := x[0], x[1]
				var s Scratch[float32]
				a, c := make([]float32, n*k), make([]float32, n*n)
				flops := float64(n) * float64(n+1) * float64(k)
				var rate, peak, share float64
				for b.Loop() {
					times := 1 + int(2e6/flops)
					start := time.Now()
					for range times {
						Gram(&s, c, n, a, k, 1, n, k, false)
					}
					whole := time.Since(start)
					for range times {
						Mirror(c, n, n)
					}
					if r := flops * float64(times) / float64(whole); r > rate {
						rate, share = r, float64(time.Since(start)-whole)/float64(time.Since(start))
					}
					peak = max(peak, Peak[float32]())
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(rate, "GFLOP/s")
				b.ReportMetric(100*rate/peak, "%peak")
				b.ReportMetric(100*share, "%mirror")
			})
		}
	}
}
