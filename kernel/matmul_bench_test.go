package kernel

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkMatMul multiplies the shapes of training: products forward, for the
// gradient of a weight and for that of an input. It reports the rate, best of
// several stretches, and what part that is of the peak rate of fused multiply-adds,
// measured between the stretches.
func BenchmarkMatMul(b *testing.B) {
	for _, x := range []struct {
		m, n, k int
		op      string
	}{
		{128, 256, 784, "NN"}, {128, 256, 784, "NT"}, {784, 256, 128, "TN"}, {128, 256, 256, "NT"}, {256, 256, 128, "TN"},
		{256, 784, 128, "NN"}, {512, 512, 512, "NN"}, {512, 512, 512, "NT"}, {512, 512, 512, "TN"}, {1024, 1024, 1024, "NN"}, {32, 32, 64, "NN"}, {32, 32, 64, "NT"}, {16, 32, 2, "NN"},
		{128, 10, 256, "NN"}, {128, 10, 256, "NT"},
		{128, 128, 784, "NT"}, {128, 784, 128, "TN"}, {128, 64, 128, "NT"}, {128, 128, 64, "NN"}, {64, 128, 128, "TN"},
		{128, 10, 64, "NT"}, {128, 64, 10, "NN"}, {10, 64, 128, "TN"},
		{1, 256, 784, "NN"}, {1, 256, 784, "NT"}, {4, 256, 784, "NN"}, {4, 256, 784, "NT"}, {128, 10, 1024, "NT"}, {128, 1024, 1024, "NT"}, {128, 1024, 1024, "NN"}, {1024, 1024, 128, "TN"},
		{6272, 64, 288, "NN"}, {2048, 384, 128, "NN"}, {2048, 512, 128, "NT"}, {784, 784, 16, "NT"}, {784, 784, 1, "NN"},
		{2048, 128, 512, "NN"}, {2048, 128, 512, "NT"}, {2048, 512, 128, "NN"}, {512, 128, 2048, "TN"}, {128, 512, 2048, "TN"}, {384, 128, 2048, "TN"}, {128, 128, 2048, "TN"},
		{128, 128, 32, "NT"}, {128, 32, 128, "NN"}, {32, 10, 32, "NT"}, {64, 32, 32, "TN"}, {16, 32, 32, "NT"}, {16, 2, 32, "NT"},
	} {
		for p := portable; p <= best(); p++ {
			b.Run(fmt.Sprintf("m=%d/n=%d/k=%d/op=%s/type=float32/path=%s", x.m, x.n, x.k, x.op, p), func(b *testing.B) {
				benchmarkMatMul[float32](b, p, x.m, x.n, x.k, x.op)
			})
			b.Run(fmt.Sprintf("m=%d/n=%d/k=%d/op=%s/type=float64/path=%s", x.m, x.n, x.k, x.op, p), func(b *testing.B) {
				benchmarkMatMul[float64](b, p, x.m, x.n, x.k, x.op)
			})
		}
	}
}

func benchmarkMatMul[T Float](b *testing.B, path path, m, n, k int, op string) {
	use(b, path)
	ars, acs, brs, bcs := k, 1, n, 1
	if op[0] == 'T' {
		ars, acs = 1, m
	}
	if op[1] == 'T' {
		brs, bcs = 1, k
	}
	p := newTrial(m, n, k, n, ars, acs, brs, bcs, 0, false, normals[T]())
	var s Scratch[T]
	flops := 2 * float64(m) * float64(n) * float64(k)
	var rate, peak float64 // per nanosecond
	for b.Loop() {
		times := 1 + int(2e6/flops)
		start := time.Now()
		for range times {
			p.run(&s)
		}
		rate = max(rate, flops*float64(times)/float64(time.Since(start)))
		peak = max(peak, Peak[T]())
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(rate, "GFLOP/s")
	if peak > 0 {
		b.ReportMetric(100*rate/peak, "%peak")
	}
}
