package kernel

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkAttention takes a batch of 16 texts of 128 positions through four heads of
// 32, forward and back. It reports the rate of the products that causality leaves,
// best of several runs, and what part that is of the peak rate of fused
// multiply-adds.
func BenchmarkAttention(b *testing.B) {
	a := Attention{Examples: 16, Positions: 128, Heads: 4, Width: 32}
	for p := portable; p <= best(); p++ {
		b.Run(fmt.Sprintf("what=value/type=float32/path=%s", p), func(b *testing.B) { benchmarkAttention[float32](b, p, a, false) })
		b.Run(fmt.Sprintf("what=gradient/type=float32/path=%s", p), func(b *testing.B) { benchmarkAttention[float32](b, p, a, true) })
	}
}

func benchmarkAttention[T Float](b *testing.B, path path, a Attention, gradient bool) {
	use(b, path)
	size := a.Examples * a.Positions * a.Heads * a.Width
	qkv, out, dqkv, room := make([]T, 3*size), make([]T, size), make([]T, 3*size), make([]T, a.Room())
	fill := normals[T]()
	for i := range qkv {
		qkv[i] = fill()
	}
	var s Scratch[T]
	products := 2.0
	if gradient {
		products = 5
	}
	flops := products * float64(size) * float64(a.Positions+1)
	var rate, peak float64 // per nanosecond
	for b.Loop() {
		start := time.Now()
		if gradient {
			CausalAttentionGrad(&s, a, dqkv, qkv, out, room)
		} else {
			CausalAttention(&s, a, out, qkv, room)
		}
		rate = max(rate, flops/float64(time.Since(start)))
		peak = max(peak, Peak[T]())
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(flops/rate/1e6, "ms")
	b.ReportMetric(rate, "GFLOP/s")
	if peak > 0 {
		b.ReportMetric(100*rate/peak, "%peak")
	}
}
