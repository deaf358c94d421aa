package kernel

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkRows reports the time of loops over rows per element, the best of the
// iterations, within the second-level cache.
func BenchmarkRows(b *testing.B) {
	for _, n := range []int{10, 65, 128, 1000} {
		rows := max(32, 8000/n)
		z, dst, r := make([]float32, rows*n), make([]float32, rows*n), make([]float32, rows)
		c, labels, fill := make([]float32, n), make([]int, rows), normals[float32]()
		var s Scratch[float32]
		for i := range z {
			z[i] = fill()
		}
		for _, f := range []struct {
			name string
			run  func()
		}{
			{"softmax", func() { Softmax(dst, z, n) }},
			{"softmax_grad", func() { SoftmaxGrad(dst, z, z, n) }},
			{"cross_entropy", func() { CrossEntropy(&s, r, z, labels, n) }},
			{"cross_entropy_grad", func() { CrossEntropyGrad(&s, dst, z, labels, n) }},
			{"standardize", func() { StandardizeRows(dst, z, n, 1e-5, r) }},
			{"standardize_columns", func() { StandardizeColumns(dst, z, n, 1e-5, c) }},
			{"transpose", func() { Transpose(dst, rows, z, n, rows, n) }},
			{"add_rows", func() { AddRows(dst[:n], z, rows) }},
		} {
			for p := portable; p <= best(); p++ {
				b.Run(fmt.Sprintf("loop=%s/n=%d/rows=%d/path=%s", f.name, n, rows, p), func(b *testing.B) {
					use(b, p)
					least := time.Duration(1 << 62)
					for b.Loop() {
						start := time.Now()
						f.run()
						least = min(least, time.Since(start))
					}
					b.ReportMetric(0, "ns/op")
					b.ReportMetric(float64(least)/float64(rows*n), "ns/element")
				})
			}
		}
	}
}

// BenchmarkColumns is BenchmarkRows for what batch normalisation does, for the channels
// of pictures from the first-level cache to beyond the second.
func BenchmarkColumns(b *testing.B) {
	for _, c := range []struct{ rows, width int }{{256, 16}, {131072, 16}, {32768, 32}, {8192, 64}} {
		n, fill := c.rows*c.width, normals[float32]()
		x, d, dst, r := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, c.width)
		for i := range x {
			x[i], d[i] = fill(), fill()
		}
		for _, f := range []struct {
			name string
			run  func()
		}{
			{"standardize", func() { StandardizeColumns(dst, x, c.width, 1e-5, r) }},
			{"standardize_grad", func() { StandardizeColumnsGrad(dst, d, x, c.width, r) }},
		} {
			for p := portable; p <= best(); p++ {
				b.Run(fmt.Sprintf("loop=%s/rows=%d/width=%d/path=%s", f.name, c.rows, c.width, p), func(b *testing.B) {
					use(b, p)
					least := time.Duration(1 << 62)
					for b.Loop() {
						start := time.Now()
						f.run()
						least = min(least, time.Since(start))
					}
					b.ReportMetric(0, "ns/op")
					b.ReportMetric(float64(least)/float64(n), "ns/element")
				})
			}
		}
	}
}
