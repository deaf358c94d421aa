package optimtest

import (
	"math"

	"basin/kernel"
	"basin/optim"
	"basin/problem"
	"basin/rng"
)

// MulVec knows all matrices of an objective of one prediction, the outputs being
// sqrt(a)*(x-c) and the loss half their squared length, times scale. Only for scale = 1 is
// that a negative log-likelihood, whose Fisher matrix is GaussNewton.
func (f *quadratic[T]) MulVec(m problem.Matrix, dst, x, v []T) bool {
	f.products++
	scale, along := f.scale, 0.0
	switch m {
	case problem.Fisher:
		scale *= f.scale
	case problem.EmpiricalFisher:
		for i, e := range v {
			along += f.a[i] * (float64(x[i]) - f.c[i]) * float64(e)
		}
		along *= scale * scale
	}
	for i, e := range v {
		if m == problem.EmpiricalFisher {
			e = T(float64(x[i])-f.c[i]) * T(along)
			dst[i] = T(f.a[i]) * e
			continue
		}
		dst[i] = T(scale * f.a[i] * float64(e))
	}
	return true
}

// draws is the quadratic with sampled targets, at the x it was sampled at.
type draws[T problem.Float] struct {
	*quadratic[T]
	seed uint64
}

func (f *quadratic[T]) Sampled(_ []T, seed uint64) (problem.Objective[T], bool) {
	f.draws = draws[T]{f, seed}
	return &f.draws, true
}

func (f *draws[T]) Grad(dst, _ []T) float64 {
	f.grads++
	s := rng.At(f.seed, "targets", 0)
	for i := range dst {
		dst[i] = T(f.scale * math.Sqrt(f.a[i]) * s.Norm())
	}
	return 0
}

// KroneckerLayers makes a layer of every weight matrix, with the bias that follows it.
func (f *quadratic[T]) KroneckerLayers() []problem.KroneckerLayer {
	var list []problem.KroneckerLayer
	blocks := f.layout.Blocks
	for i, b := range blocks {
		rows, cols, ok := b.Matrix()
		if !ok || b.Role != problem.Weight || b.Len() == 0 {
			continue
		}
		l := problem.KroneckerLayer{Weight: i, Bias: -1, Out: rows, In: cols}
		if i+1 < len(blocks) && blocks[i+1].Role == problem.Bias && blocks[i+1].Len() == rows {
			l.Bias = i + 1
			l.In++
		}
		list = append(list, l)
	}
	return list
}

// KroneckerFactors are of no network, but fixed positive definite matrices, of which g
// goes with the square of the loss as it does in one.
func (f *quadratic[T]) KroneckerFactors(a, g [][]T, _ []T) {
	f.grads++
	for i := range a {
		definite(a[i], 1, i)
		definite(g[i], f.scale*f.scale, i)
	}
}

// definite sets m to scale times the identity, a tridiagonal matrix and one of rank one,
// with eigenvalues of about one.
func definite[T problem.Float](m []T, scale float64, seed int) {
	n := int(math.Sqrt(float64(len(m))) + 0.5)
	s := rng.At(5, "definite", seed)
	tilt := s.Float64()
	for i := range n {
		for j := range n {
			v := math.Sin(float64(i+1)+tilt) * math.Sin(float64(j+1)+tilt) / float64(n)
			switch i - j {
			case 0:
				v += 1 + 0.2*math.Cos(float64(i)+tilt)
			case 1, -1:
				v += 0.2
			}
			m[i*n+j] = T(scale * v)
		}
	}
}

func (f *moved[T]) MulVec(m problem.Matrix, dst, x, v []T) bool {
	w := make([]T, len(v))
	f.back(f.y, x)
	f.back(w, v)
	ok := f.Objective.MulVec(m, f.g, f.y, w)
	f.transposed(dst, f.g)
	return ok
}

func (f *moved[T]) Sampled(x []T, seed uint64) (problem.Objective[T], bool) {
	f.back(f.y, x)
	made, ok := f.Objective.(problem.Sampler[T]).Sampled(f.y, seed)
	other := newMoved(made, f.back, f.transposed)
	other.factors = f.factors
	return other, ok
}

func (f *moved[T]) KroneckerLayers() []problem.KroneckerLayer {
	return f.Objective.(problem.Kronecker[T]).KroneckerLayers()
}

func (f *moved[T]) KroneckerFactors(a, g [][]T, x []T) {
	f.back(f.y, x)
	f.Objective.(problem.Kronecker[T]).KroneckerFactors(a, g, f.y)
	for i, l := range f.KroneckerLayers() {
		if f.factors != nil {
			f.factors(f.Layout().Blocks[l.Weight], a[i], g[i])
		}
	}
}

func (f *coupling) MulVec(m problem.Matrix, dst, x, v []float64) bool {
	y, w, p := f.turned(x), f.turned(v), make([]float64, len(v))
	ok := f.quadratic.MulVec(m, p, y, w)
	copy(dst, p)
	turn(dst, p, f.left, f.right, 5, 4, true)
	return ok
}

// turned is x as the quadratic sees it.
func (f *coupling) turned(x []float64) []float64 {
	y := append([]float64(nil), x...)
	turn(y, x, f.left, f.right, 5, 4, false)
	return y
}

func (f *coupling) Sampled(x []float64, seed uint64) (problem.Objective[float64], bool) {
	made, ok := f.quadratic.Sampled(f.turned(x), seed)
	back := func(dst, g []float64) {
		copy(dst, g)
		turn(dst, g, f.left, f.right, 5, 4, true)
	}
	other := newMoved(made, func(dst, x []float64) { copy(dst, f.turned(x)) }, back)
	other.factors = f.turnFactors
	return other, ok
}

func (f *coupling) KroneckerFactors(a, g [][]float64, x []float64) {
	f.quadratic.KroneckerFactors(a, g, f.turned(x))
	f.turnFactors(matrices.Blocks[0], a[0], g[0])
}

func (f *coupling) turnFactors(b problem.Block, a, g []float64) {
	if b.Name == matrices.Blocks[0].Name {
		conjugate(a, f.right, 4, false)
		conjugate(g, f.left, 5, true)
	}
}

// changeFactors gives what becomes of the factors of a block's layer; nil: nothing.
func changeFactors(inv optim.Invariance) func(b problem.Block, a, g []float64) {
	switch inv {
	case optim.Rotation:
		return func(b problem.Block, a, g []float64) {
			rows, cols := b.Shape[0], b.Shape[1]
			conjugate(a, orthogonal(cols, b.Name), cols, true)
			conjugate(g, orthogonal(rows, b.Name), rows, false)
		}
	case optim.Rescaling:
		return func(b problem.Block, _, g []float64) {
			for k, other := range matrices.Blocks {
				if other.Name == b.Name {
					kernel.Scale(g, 1/(sizes[k]*sizes[k]))
				}
			}
		}
	}
	return nil
}

// conjugate sets m, n x n, to Q m Q', or Q' m Q if back.
func conjugate(m, q []float64, n int, back bool) {
	transposed := make([]float64, n*n)
	for i := range n {
		for j := range n {
			transposed[j*n+i] = q[i*n+j]
		}
	}
	turn(m, append([]float64(nil), m...), q, transposed, n, n, back)
}
