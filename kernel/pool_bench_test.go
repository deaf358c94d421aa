package kernel

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkPool pools batches of pictures in windows of 2 x 2 and reports the bytes
// that have to be moved per nanosecond, best of several stretches.
func BenchmarkPool(b *testing.B) {
	v := &PoolShape{H: 28, W: 28, C: 64, Size: 2, Stride: 2}
	for _, pictures := range []int{4, 128} { // in the second-level cache, and in memory
		x := newConvTrial(&ConvShape{H: v.H, W: v.W, C: v.C, KH: 1, KW: 1, O: v.C, Stride: 1, Groups: 1}, pictures, normals[float32]()).x
		dx, y := make([]float32, len(x)), make([]float32, len(x)/4)
		for _, op := range []struct {
			name  string
			moved int // elements
			run   func()
		}{
			{"MaxPool", len(x) + len(y), func() { MaxPool(y, x, v) }},
			{"MaxPoolScatter", 2*len(x) + len(y), func() { MaxPoolScatter(dx, x, y, v) }},
			{"AvgPool", len(x) + len(y), func() { AvgPool(y, x, v) }},
			{"AvgPoolInput", len(x) + len(y), func() { AvgPoolInput(dx, y, v) }},
		} {
			for p := portable; p <= best(); p++ {
				b.Run(fmt.Sprintf("pictures=%d/op=%s/type=float32/path=%s", pictures, op.name, p), func(b *testing.B) {
					use(b, p)
					var rate float64
					for b.Loop() {
						start := time.Now()
						op.run()
						rate = max(rate, 4*float64(op.moved)/float64(time.Since(start)))
					}
					b.ReportMetric(0, "ns/op")
					b.ReportMetric(rate, "GB/s")
				})
			}
		}
	}
}
