package kernel

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkConv convolves batches of 16 pictures in the shapes of a network for 28 x 28
// pictures and of residual networks for 32 x 32. It reports the rate, best of several
// stretches, and what part that is of the peak rate of fused multiply-adds, measured
// between the stretches.
func BenchmarkConv(b *testing.B) {
	square := func(size, c, k, o, stride int) ConvShape {
		return ConvShape{H: size, W: size, C: c, KH: k, KW: k, O: o, Stride: stride, Pad: k / 2, Groups: 1}
	}
	depthwise := square(32, 64, 3, 64, 1)
	depthwise.Groups = 64
	for _, v := range []ConvShape{
		square(28, 1, 3, 32, 1), square(28, 32, 3, 64, 1),
		square(32, 3, 3, 16, 1), square(32, 16, 3, 16, 1), square(32, 16, 3, 32, 2), square(32, 16, 1, 32, 2),
		square(16, 32, 3, 32, 1), square(16, 32, 3, 64, 2), square(8, 64, 3, 64, 1), square(8, 256, 1, 64, 1),
		depthwise,
	} {
		for _, op := range convOps {
			for p := portable; p <= best(); p++ {
				b.Run(fmt.Sprintf("hw=%d/c=%d/k=%d/o=%d/stride=%d/groups=%d/op=%s/type=float32/path=%s", v.H, v.C, v.KH, v.O, v.Stride, v.Groups, op, p), func(b *testing.B) {
					benchmarkConv(b, p, &v, op)
				})
			}
		}
	}
}

func benchmarkConv(b *testing.B, path path, v *ConvShape, op string) {
	use(b, path)
	const pictures = 16
	x := newConvTrial(v, pictures, normals[float32]())
	out := x.run(b, op)
	h, w := v.Out()
	flops := 2 * pictures * float64(h*w*v.O) * float64(v.KH*v.KW*v.C/v.Groups)
	var rate, peak float64 // per nanosecond
	for b.Loop() {
		times := 1 + int(2e7/flops)
		start := time.Now()
		for range times {
			x.into(op, out)
		}
		rate = max(rate, flops*float64(times)/float64(time.Since(start)))
		peak = max(peak, Peak[float32]())
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(rate, "GFLOP/s")
	if peak > 0 {
		b.ReportMetric(100*rate/peak, "%peak")
	}
}
