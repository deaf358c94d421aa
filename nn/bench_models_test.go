package nn

import (
	"testing"

	"basin/problem"
)

// BenchmarkTraining is the gradient of a batch of each of the networks that are timed
// against PyTorch.
func BenchmarkTraining(b *testing.B) {
	for _, c := range []struct {
		small
		batch int
	}{
		{small{"cnn(32, 64, hidden=128)", Input{Shape: []int{28, 28, 1}}, 10, problem.SoftmaxCrossEntropy}, 128},
		{small{"resnet(depth=8)", Input{Shape: []int{32, 32, 3}}, 10, problem.SoftmaxCrossEntropy}, 128},
		{small{"gpt", Input{Shape: []int{128}, Tokens: 65}, 65, problem.SoftmaxCrossEntropy}, 16},
	} {
		b.Run("model="+c.recipe, func(b *testing.B) {
			s := modelled[float32](b, c.small, c.batch)
			Init(s.net, s.x, 1)
			f := NewEngine[float32](s.net, s.loss, 512).Training(s.examples, 0)
			g := make([]float32, len(s.x))
			f.Grad(g, s.x)
			_, flops, _ := f.Flops()
			for b.Loop() {
				f.Grad(g, s.x)
			}
			b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
