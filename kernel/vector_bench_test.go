package kernel

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkVector reports the time of loops over vectors per element, the best of
// the iterations, for a short vector, one within the second-level cache and one beyond it.
func BenchmarkVector(b *testing.B) {
	for _, n := range []int{16, 1000, 20_000, 1_000_000} {
		benchmarkVectors[float32](b, n)
		benchmarkVectors[float64](b, n)
	}
}

func benchmarkVectors[T Float](b *testing.B, n int) {
	var x [4][]T
	for i := range x {
		x[i] = make([]T, n)
		fill := normals[T]()
		for j := range x[i] {
			x[i][j] = fill()
		}
	}
	r := &AdamRates[T]{Beta1: 0.9, Rest1: 0.1, Beta2: 0.999, Rest2: 0.001, Step: 1e-3, Root: 1, Eps: 1e-8, Apart: 1e-5}
	for _, f := range []struct {
		name string
		run  func()
	}{
		{"adam", func() { Adam(x[0], x[1], x[2], x[3], r) }},
		{"momentum", func() {
			Momentum(x[0], x[1], x[3], &MomentumRates[T]{Keep: 0.9, Fresh: 1, Mean: 1, Step: 1e-3})
		}},
		{"sign_momentum", func() {
			SignMomentum(x[0], x[1], x[3], &SignRates[T]{Old: 0.9, Now: 0.1, Keep: 0.9, Fresh: 0.1, Step: 1e-3, Apart: 1e-5})
		}},
		{"sign_descent", func() { SignDescent(x[0], x[3], 1e-3, 1e-5) }},
		{"axpy", func() { Axpy(x[0], 1e-3, x[3]) }},
		{"scale", func() { Scale(x[3], 1) }},
		{"dot", func() { Dot(x[3], x[3]) }},
		{"sum", func() { Sum(x[3]) }},
		{"finite", func() { Finite(x[3]) }},
		{"resilient", func() {
			Resilient(x[0], x[1], x[2], &ResilientRates[T]{Shrink: 0.5, Grow: 1.2, Low: 1e-6, High: 50, Course: 1})
		}},
		{"mul", func() { Mul(x[1], x[2], x[3]) }},
		{"mul_one", func() { Mul(x[1], x[2], x[3][:1]) }},
		{"max", func() { Max(x[1], x[2], x[3]) }},
		{"quotient", func() { Quotient(x[1], x[2], x[3]) }},
		{"exp", func() { Exp(x[1], x[3]) }},
		{"sigmoid", func() { Sigmoid(x[1], x[3]) }},
		{"normcdf", func() { NormCDF(x[1], x[3]) }},
		{"gelu", func() { GELU(x[1], x[3]) }},
		{"gelu_tanh", func() { GELUTanh(x[1], x[3]) }},
		{"log", func() { Log(x[1], x[2]) }},
		{"softplus", func() { Softplus(x[1], x[3]) }},
		{"sqrt", func() { Sqrt(x[1], x[2]) }},
		{"cbrt", func() { Cbrt(x[1], x[3]) }},
		{"tanh", func() { Tanh(x[1], x[3]) }},
	} {
		for p := portable; p <= best(); p++ {
			b.Run(fmt.Sprintf("loop=%s/n=%d/type=%T/path=%s", f.name, n, T(0), p), func(b *testing.B) {
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
