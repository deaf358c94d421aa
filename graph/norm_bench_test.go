package graph

import (
	"testing"
	"time"

	"basin/rng"
)

// BenchmarkNormalize runs layer normalisation of 16 texts of 128 positions and batch
// normalisation of a batch of pictures, forward and back. It reports time and rate,
// best of several runs: gigabytes of argument and result a second.
func BenchmarkNormalize(b *testing.B) {
	for _, c := range []struct {
		name  string
		shape Shape
		axes  []int
	}{
		{"norm=layer/shape=16x128x128", Shape{16, 128, 128}, []int{2}},
		{"norm=batch/shape=128x32x32x16", Shape{128, 32, 32, 16}, []int{0, 1, 2}},
		{"norm=group/shape=128x32x32x4x4", Shape{128, 32, 32, 4, 4}, []int{1, 2, 4}},
	} {
		g := New()
		x, d := g.Input("x", c.shape...), g.Input("d", c.shape...)
		z := g.Standardize(x, 1e-5, c.axes...)
		grad := g.Cotangent([]*Node{z}, []*Node{d}, []*Node{x})[0]
		for _, what := range []struct {
			name    string
			outputs []*Node
		}{{"value", []*Node{z}}, {"both", []*Node{z, grad}}} {
			b.Run(c.name+"/what="+what.name, func(b *testing.B) {
				plan := Compile[float32](g, what.outputs...)
				s := rng.At(1, "normalize", 0)
				for _, in := range []*Node{x, d} {
					data := make([]float32, c.shape.Len())
					for i := range data {
						data[i] = float32(s.Norm())
					}
					plan.Bind(in, data)
				}
				for k := range what.outputs {
					plan.BindOutput(k, make([]float32, c.shape.Len()))
				}
				var work Workspace[float32]
				plan.Run(&work)
				bytes := float64(8 * len(what.outputs) * c.shape.Len())
				var rate float64 // per nanosecond
				for b.Loop() {
					start := time.Now()
					plan.Run(&work)
					rate = max(rate, bytes/float64(time.Since(start)))
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(bytes/rate/1e6, "ms")
				b.ReportMetric(rate, "GB/s")
			})
		}
	}
}
