package nn
import ("testing";"basin/problem";"basin/rng")
func BenchmarkSmall(b *testing.B) {
	n := mustNet(b, "mlp(32)", 64, 10)
	s := rng.At(1, "bench", 0)
	ex := &Examples[float32]{N: 32, In: 64, X: normals[float32](&s, 32*64), Labels: make([]int, 32)}
	x := make([]float32, n.Layout().N)
	Init(n, x, 1)
	o := NewEngine[float32](n, problem.SoftmaxCrossEntropy, 32).Objective(ex)
	dst := make([]float32, len(x))
	o.Grad(dst, x)
	for b.Loop() { o.Grad(dst, x) }
}
