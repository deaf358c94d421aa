package probe

import "basin/problem"

type wideExampleNorms[T problem.Float] struct {
	layer
	f problem.ExampleNorms[T]
	b *buffers[T]
}

func (w *wideExampleNorms[T]) ExampleNorms(dst, x []float64) {
	w.f.ExampleNorms(dst, narrow(&w.b.x, x))
}

type wideJacobian[T problem.Float] struct {
	layer
	f problem.Jacobian[T]
	b *buffers[T]
}

func (w *wideJacobian[T]) JacVec(dst, x, v []float64) {
	d := room(&w.b.dst, len(dst))
	w.f.JacVec(d, narrow(&w.b.x, x), narrow(&w.b.v, v))
	convert(dst, d)
}

func (w *wideJacobian[T]) VecJac(dst, x, u []float64) {
	d := room(&w.b.dst, len(dst))
	w.f.VecJac(d, narrow(&w.b.x, x), narrow(&w.b.v, u))
	convert(dst, d)
}

type wideSampler[T problem.Float] struct {
	layer
	f problem.Sampler[T]
	b *buffers[T]
}

func (w *wideSampler[T]) Sampled(x []float64, seed uint64) (problem.Objective[float64], bool) {
	f, ok := w.f.Sampled(narrow(&w.b.x, x), seed)
	if !ok {
		return nil, false
	}
	return widen(f, w.b), true
}

type wideKronecker[T problem.Float] struct {
	layer
	f problem.Kronecker[T]
	b *buffers[T]
}

func (w *wideKronecker[T]) KroneckerLayers() []problem.KroneckerLayer { return w.f.KroneckerLayers() }

func (w *wideKronecker[T]) KroneckerFactors(a, g [][]float64, x []float64) {
	var as, gs [][]T
	for i := range a {
		as, gs = append(as, make([]T, len(a[i]))), append(gs, make([]T, len(g[i])))
	}
	w.f.KroneckerFactors(as, gs, narrow(&w.b.x, x))
	for i := range a {
		convert(a[i], as[i])
		convert(g[i], gs[i])
	}
}
