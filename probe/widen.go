package probe

import "basin/problem"

// NewPass makes a pass over a solution x of a problem, its objectives turned into
// ones of float64 where they are not. path is the length of the path from the start,
// NaN if unknown; seed is that of the run.
func NewPass[T problem.Float](p *problem.Problem[T], x []T, path float64, seed uint64) *Pass {
	if len(x) != p.Layout.N {
		panic("probe: NewPass with a solution of the wrong length")
	}
	pass := &Pass{
		Layout: p.Layout, X: widened(x), Start: widened(p.Start),
		Sets: map[string]problem.Objective[float64]{}, Path: path, Eps: eps[T](), Seed: seed,
	}
	b := &buffers[T]{}
	for name, f := range p.Sets {
		pass.Sets[name] = widen(f, b)
	}
	for _, target := range p.Stream {
		n := 0
		if a, ok := problem.As[problem.Predictor[T]](target.Judge); ok {
			n, _ = a.Size()
		}
		pass.Judged = append(pass.Judged, n)
	}
	if p.Match != nil {
		pass.Match = widen(p.Match, b)
	}
	return pass
}

func widened[T problem.Float](x []T) []float64 {
	w := make([]float64, len(x))
	convert(w, x)
	return w
}

func convert[D problem.Float, S problem.Float | int](dst []D, src []S) {
	for i, v := range src {
		dst[i] = D(v)
	}
}

// eps is the distance from 1 to the next number.
func eps[T problem.Float]() float64 {
	if 1+T(0x1p-24) == 1 {
		return 0x1p-23
	}
	return 0x1p-52
}

// buffers are the T-typed arguments and results of calls, shared by the objectives
// of a pass.
type buffers[T problem.Float] struct{ x, v, dst []T }

// narrow gives src in T, in the memory of *buf.
func narrow[T problem.Float](buf *[]T, src []float64) []T {
	d := room(buf, len(src))
	convert(d, src)
	return d
}

func room[T problem.Float](buf *[]T, n int) []T {
	if cap(*buf) < n {
		*buf = make([]T, n)
	}
	return (*buf)[:n]
}

// widen gives f as a function of float64. Each ability of f that probes use is a
// layer around the last, so that the result has those of f and no others.
func widen[T problem.Float](f problem.Objective[T], b *buffers[T]) problem.Objective[float64] {
	if same, ok := any(f).(problem.Objective[float64]); ok {
		return same
	}
	var w problem.Objective[float64] = &wide[T]{f, b}
	if a, ok := problem.As[problem.Predictor[T]](f); ok {
		w = &widePredictor[T]{layer{w}, a, b}
	}
	if a, ok := problem.As[problem.Hidden[T]](f); ok {
		w = &wideHidden[T]{layer{w}, a, b}
	}
	if a, ok := problem.As[problem.ExampleGrader[T]](f); ok {
		w = &wideExampleGrader[T]{layer{w}, a, b}
	}
	if a, ok := problem.As[problem.InputGrader[T]](f); ok {
		w = &wideInputGrader[T]{layer{w}, a, b}
	}
	if a, ok := problem.As[problem.Inputs[T]](f); ok {
		w = &wideInputs[T]{layer{w}, a, b}
	}
	if a, ok := problem.As[problem.ExampleNorms[T]](f); ok {
		w = &wideExampleNorms[T]{layer{w}, a, b}
	}
	if a, ok := problem.As[problem.Jacobian[T]](f); ok {
		w = &wideJacobian[T]{layer{w}, a, b}
	}
	if a, ok := problem.As[problem.Sampler[T]](f); ok {
		w = &wideSampler[T]{layer{w}, a, b}
	}
	if a, ok := problem.As[problem.Kronecker[T]](f); ok {
		w = &wideKronecker[T]{layer{w}, a, b}
	}
	if a, ok := problem.As[problem.Subsetter[T]](f); ok {
		w = &wideSubsetter[T]{layer{w}, a, b}
	}
	if a, ok := problem.As[problem.Symmetric](f); ok {
		w = wideSymmetric{layer{w}, a}
	}
	return w
}

// layer leaves all but one ability to what it wraps.
type layer struct{ problem.Objective[float64] }

func (l layer) Unwrap() problem.Objective[float64] { return l.Objective }

type wideSymmetric struct {
	layer
	problem.Symmetric
}

type wide[T problem.Float] struct {
	f problem.Objective[T]
	b *buffers[T]
}

func (w *wide[T]) Layout() *problem.Layout  { return w.f.Layout() }
func (w *wide[T]) Loss(x []float64) float64 { return w.f.Loss(narrow(&w.b.x, x)) }

func (w *wide[T]) Grad(dst, x []float64) float64 {
	d := room(&w.b.dst, len(dst))
	loss := w.f.Grad(d, narrow(&w.b.x, x))
	convert(dst, d)
	return loss
}

func (w *wide[T]) MulVec(m problem.Matrix, dst, x, v []float64) bool {
	d := room(&w.b.dst, len(dst))
	ok := w.f.MulVec(m, d, narrow(&w.b.x, x), narrow(&w.b.v, v))
	if ok {
		convert(dst, d)
	}
	return ok
}

type widePredictor[T problem.Float] struct {
	layer
	f problem.Predictor[T]
	b *buffers[T]
}

func (w *widePredictor[T]) LossKind() problem.LossKind { return w.f.LossKind() }
func (w *widePredictor[T]) Size() (int, int)           { return w.f.Size() }
func (w *widePredictor[T]) Labels() []int              { return w.f.Labels() }

func (w *widePredictor[T]) Outputs(dst, x []float64) {
	d := room(&w.b.dst, len(dst))
	w.f.Outputs(d, narrow(&w.b.x, x))
	convert(dst, d)
}

type wideHidden[T problem.Float] struct {
	layer
	f problem.Hidden[T]
	b *buffers[T]
}

func (w *wideHidden[T]) Hidden() []problem.Activation { return w.f.Hidden() }

func (w *wideHidden[T]) Activations(dst [][]float64, x []float64) {
	n := 0
	for _, d := range dst {
		n += len(d)
	}
	all := room(&w.b.dst, n)
	narrowed := make([][]T, len(dst))
	for i, d := range dst {
		narrowed[i], all = all[:len(d)], all[len(d):]
	}
	w.f.Activations(narrowed, narrow(&w.b.x, x))
	for i, d := range narrowed {
		convert(dst[i], d)
	}
}

type wideExampleGrader[T problem.Float] struct {
	layer
	f problem.ExampleGrader[T]
	b *buffers[T]
}

func (w *wideExampleGrader[T]) ExampleGrads(dst, x []float64, lo, hi int) {
	d := room(&w.b.dst, len(dst))
	w.f.ExampleGrads(d, narrow(&w.b.x, x), lo, hi)
	convert(dst, d)
}

type wideInputGrader[T problem.Float] struct {
	layer
	f problem.InputGrader[T]
	b *buffers[T]
}

func (w *wideInputGrader[T]) InputSize() int { return w.f.InputSize() }

func (w *wideInputGrader[T]) InputGrads(dst, x []float64) {
	d := room(&w.b.dst, len(dst))
	w.f.InputGrads(d, narrow(&w.b.x, x))
	convert(dst, d)
}

type wideInputs[T problem.Float] struct {
	layer
	f problem.Inputs[T]
	b *buffers[T]
}

func (w *wideInputs[T]) InputShape() []int { return w.f.InputShape() }

func (w *wideInputs[T]) Inputs(dst []float64) {
	d := room(&w.b.dst, len(dst))
	w.f.Inputs(d)
	convert(dst, d)
}

func (w *wideInputs[T]) WithInputs(inputs []float64) problem.Objective[float64] {
	own := make([]T, len(inputs)) // kept by the result
	convert(own, inputs)
	return widen(w.f.WithInputs(own), w.b)
}

type wideSubsetter[T problem.Float] struct {
	layer
	f problem.Subsetter[T]
	b *buffers[T]
}

func (w *wideSubsetter[T]) Examples() int { return w.f.Examples() }

func (w *wideSubsetter[T]) Subset(indices []int) problem.Objective[float64] {
	return widen(w.f.Subset(indices), w.b)
}
