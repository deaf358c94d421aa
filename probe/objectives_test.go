package probe

import (
	"math"

	"basin/kernel"
	"basin/problem"
	"basin/rng"
)

// bare is an objective of vectors with no ability but those of its fields: a loss,
// and products with its Hessian if there is one.
type bare struct {
	layout  *problem.Layout
	loss    func(x []float64) float64
	hessian func(dst, x, v []float64)
}

func (f *bare) Layout() *problem.Layout  { return f.layout }
func (f *bare) Loss(x []float64) float64 { return f.loss(x) }

func (f *bare) Grad(dst, x []float64) float64 {
	clear(dst)
	return f.loss(x)
}

func (f *bare) MulVec(m problem.Matrix, dst, x, v []float64) bool {
	if m != problem.Hessian || f.hessian == nil {
		return false
	}
	f.hessian(dst, x, v)
	return true
}

// quadratic is x' D x / 2 for a diagonal D.
func quadratic(d []float64) *bare {
	return &bare{
		layout: problem.NewLayout(problem.Block{Name: "x", Shape: []int{len(d)}}),
		loss: func(x []float64) float64 {
			s := 0.
			for i, v := range x {
				s += d[i] * v * v / 2
			}
			return s
		},
		hessian: func(dst, _, v []float64) {
			for i := range dst {
				dst[i] = d[i] * v[i]
			}
		},
	}
}

// regression is softmax regression of n examples of d inputs to k classes, with
// weights and biases, in closed form: the Hessian is the mean over examples of
// (diag(p) - p p') kron (u u'), u an example's inputs and a one.
type regression[T problem.Float] struct {
	layout  *problem.Layout
	n, d, k int
	in      []float64
	labels  []int
}

func newRegression[T problem.Float](n, d, k int, seed uint64) *regression[T] {
	f := &regression[T]{n: n, d: d, k: k, layout: problem.NewLayout(
		problem.Block{Name: "head.weight", Shape: []int{k, d}},
		problem.Block{Name: "head.bias", Role: problem.Bias, Shape: []int{k}},
	)}
	s := rng.At(seed, "regression", 0)
	for range n {
		y := s.IntN(k)
		f.labels = append(f.labels, y)
		for j := range d {
			// Rounded to float32, so that both precisions pose one problem.
			v := s.Norm()
			if j == y%d {
				v += 1.5
			}
			f.in = append(f.in, float64(float32(v)))
		}
	}
	return f
}

func (f *regression[T]) Layout() *problem.Layout { return f.layout }

// logits and probabilities of example i.
func (f *regression[T]) predict(x []T, i int) (z, p []float64) {
	z, p = make([]float64, f.k), make([]float64, f.k)
	for c := range z {
		z[c] = float64(x[f.k*f.d+c])
		for j, u := range f.in[i*f.d : (i+1)*f.d] {
			z[c] += float64(x[c*f.d+j]) * u
		}
	}
	softmax(p, z)
	return z, p
}

func (f *regression[T]) Loss(x []T) float64 {
	s := 0.
	for i, y := range f.labels {
		_, p := f.predict(x, i)
		s -= math.Log(p[y]) / float64(f.n)
	}
	return s
}

// add puts the outer product of g, one number per class, with example i into dst.
func (f *regression[T]) add(dst, g []float64, i int) {
	for c, v := range g {
		kernel.Axpy(dst[c*f.d:(c+1)*f.d], v/float64(f.n), f.in[i*f.d:(i+1)*f.d])
		dst[f.k*f.d+c] += v / float64(f.n)
	}
}

func (f *regression[T]) Grad(dst, x []T) float64 {
	g := make([]float64, len(dst))
	for i, y := range f.labels {
		_, p := f.predict(x, i)
		p[y]--
		f.add(g, p, i)
	}
	convert(dst, g)
	return f.Loss(x)
}

func (f *regression[T]) MulVec(m problem.Matrix, dst, x, v []T) bool {
	h := make([]float64, len(dst))
	for i := range f.labels {
		_, p := f.predict(x, i)
		zv, _ := f.predict(v, i)
		mean := kernel.Dot(p, zv)
		for c := range zv {
			zv[c] = p[c] * (zv[c] - mean)
		}
		f.add(h, zv, i)
	}
	convert(dst, h)
	return true
}

// hessian is the dense matrix, by the formula.
func (f *regression[T]) hessian(x []T) []float64 {
	n := f.layout.N
	h := make([]float64, n*n)
	coordinate := func(c, j int) int {
		if j == f.d {
			return f.k*f.d + c
		}
		return c*f.d + j
	}
	for i := range f.labels {
		_, p := f.predict(x, i)
		u := append(append([]float64(nil), f.in[i*f.d:(i+1)*f.d]...), 1)
		for a := range f.k {
			for b := range f.k {
				w := -p[a] * p[b]
				if a == b {
					w += p[a]
				}
				for s := range u {
					for t := range u {
						h[coordinate(a, s)*n+coordinate(b, t)] += w * u[s] * u[t] / float64(f.n)
					}
				}
			}
		}
	}
	return h
}

func (f *regression[T]) LossKind() problem.LossKind { return problem.SoftmaxCrossEntropy }
func (f *regression[T]) Size() (int, int)           { return f.n, f.k }
func (f *regression[T]) Labels() []int              { return f.labels }

func (f *regression[T]) Outputs(dst, x []T) {
	for i := range f.n {
		z, _ := f.predict(x, i)
		convert(dst[i*f.k:], z)
	}
}

func (f *regression[T]) Examples() int { return f.n }

func (f *regression[T]) Subset(indices []int) problem.Objective[T] {
	s := *f
	s.n, s.in, s.labels = len(indices), nil, nil
	for _, i := range indices {
		s.in = append(s.in, f.in[i*f.d:(i+1)*f.d]...)
		s.labels = append(s.labels, f.labels[i])
	}
	return &s
}

// posed is softmax regression as a problem, and a solution of it.
func posed[T problem.Float]() (*problem.Problem[T], []T) {
	train := newRegression[T](300, 6, 4, 1)
	p := &problem.Problem[T]{Layout: train.layout, Start: make([]T, train.layout.N), Match: train,
		Sets: map[string]problem.Objective[T]{
			"train": train, "val": newRegression[T](80, 6, 4, 2), "test": newRegression[T](90, 6, 4, 3), "test/2": newRegression[T](70, 6, 4, 4),
		}}
	x := make([]T, train.layout.N)
	s := rng.At(5, "solution", 0)
	for i := range x {
		p.Start[i] = T(float32(.1 * s.Norm()))
		x[i] = p.Start[i] + T(float32(.5*s.Norm()))
	}
	for c := range 4 {
		x[c*6+c] += 1
	}
	return p, x
}
