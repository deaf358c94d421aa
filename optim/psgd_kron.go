package optim

import (
	"fmt"
	"math"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
	"basin/rng"
)

var psgdKronDoc = Doc{
	Name:    "psgd_kron",
	Aliases: []string{"kron"},
	Family:  "matrix",
	Summary: "A Kronecker-factored preconditioner that is learnt: it is moved, at a rate, to where it whitens the momentum.",
	Equations: `m = beta1*m + (1-beta1)*g,  h = m/(1-beta1^t)
at every n-th step, n = ceil(1/preconditioner_update_probability), for a matrix, V of standard normal numbers:
  h = h + 2^-11.5*mean|h|*V
  A = Ql h Qr',  B = Ql'^-1 V Qr^-1
  Ql = Ql - precond_lr * triu(A A' - B B')/lb(A A' + B B') Ql
  Qr = Qr - precond_lr * triu(A' A - B' B)/lb(A' A + B' B) Qr
u = Ql' Ql h Qr' Qr
u = u * min(1, 1.1/(rms(u) + 1e-12))
d = -lr*(u + weight_decay*x)                             (no decay for vectors)
lb(S) = top |S z|/|z|, S divided by its largest entry top before, z = S s for its longest column s`,
	Source: "Li 2018, Preconditioned stochastic gradient descent, arXiv 1512.04202; Pooladzandi & Li 2024, Curvature-informed SGD via general purpose Lie-group preconditioners, arXiv 2402.04553",
	Notes: []string{
		"Conventions are those of Kron in evanatyourservice/kron_torch at 884427c: upper triangular Ql and Qr from precond_init_scale^(1/2) I; the noise stays in h, so that it is part of the step; the Q are used as soon as they are updated. PSGD has other variants, with other groups, rates and clips.",
		"Vectors have a diagonal Q from precond_init_scale: the same equations entry by entry, with the largest entry for lb. So have sides of a matrix that are 1 or longer than max_size_triangular.",
		"Blocks of more than two dimensions are matrices of (all but the last) x last or first x (all but the first), the former unless its columns less its rows are more than the latter's. The sign counts: 4 x 3 x 3 x 3 is 36 x 3.",
		"preconditioner_update_probability is a number; the authors' default falls from 1 to 0.03 in the first thousands of steps. Nothing is drawn: as in their code updates are evenly apart, the first at step n. At every hundredth step Ql and Qr are scaled to have largest entries alike, which does not change their product; there a draw decides when.",
		"V is drawn anew at each update, named noise_v. A Q that cannot be updated, as A, B or their squares are not finite, is kept, and a warning says how often.",
	},
	Blocks:     "matrices have two triangular factors, vectors a diagonal one; further dimensions are merged",
	Clipping:   "u, at a root mean square of 1.1",
	Decay:      "apart from the gradient, times lr, not for vectors",
	Correction: "m",
	Memory:     "1 value per parameter (m), and m^2 + n^2 for an m x n matrix, n for a vector of length n",
	Gradients:  1,
	Example:    "psgd_kron(lr=0.01)",
}

type psgdKronSettings struct {
	LR          Schedule `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Beta1       float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
	PrecondLR   float64  `arg:"precond_lr" default:"0.1" valid:"[0,1]" search:"1e-3..1 log" help:"rate of the preconditioner"`
	Probability float64  `arg:"preconditioner_update_probability" default:"1" valid:"[0,1]" help:"share of steps that update the preconditioner"`
	InitScale   float64  `arg:"precond_init_scale" default:"1" valid:"(0,inf)" search:"1e-2..1e2 log" help:"preconditioner at the start, its root"`
	MaxSize     int      `arg:"max_size_triangular" default:"8192" valid:"[1,inf)" help:"longest side with a triangular factor"`
}

// A side is the factor for one side of a matrix, n x n or its diagonal.
type side[T problem.Float] struct {
	n    int
	full bool
	q    []T
}

// A kron is what there is for a block, as a matrix; a vector is one column.
type kron[T problem.Float] struct {
	block       problem.Block
	m           []T
	left, right side[T]
	failed      int64
}

type psgdKron[T problem.Float] struct {
	psgdKronSettings
	given      func(what string, b problem.Block, t int) []float64
	seed       uint64
	krons      []*kron[T]
	h, v, u, w []T // room for the longest block
	a, b, c    []T // for the longest triangular side
	z, y       []T
	scratch    kernel.Scratch[T]
	room       linop.Room[T]
}

func newPSGDKron[T problem.Float](s *psgdKronSettings, c *Context[T]) (part[T], error) {
	r := &psgdKron[T]{psgdKronSettings: *s, given: c.given, seed: c.Seed}
	longest, widest, diagonal := 0, 0, 1
	newSide := func(n int, scale float64, full bool) side[T] {
		q := side[T]{n: n, full: full && n > 1 && n <= s.MaxSize}
		size, next := n, 1
		if q.full {
			size, next, widest = n*n, n+1, max(widest, n)
		}
		q.q, diagonal = make([]T, size), max(diagonal, n)
		for i := 0; i < size; i += next {
			q.q[i] = T(scale)
		}
		return q
	}
	for _, b := range c.Blocks {
		k := &kron[T]{block: b, m: kernel.Vector[T](b.Len())}
		if len(b.Shape) < 2 {
			k.left, k.right = newSide(b.Len(), s.InitScale, false), newSide(1, 1, false)
		} else {
			rows, cols := merged(b.Shape)
			k.left, k.right = newSide(rows, math.Sqrt(s.InitScale), true), newSide(cols, math.Sqrt(s.InitScale), true)
		}
		r.krons, longest = append(r.krons, k), max(longest, b.Len())
	}
	r.h, r.v, r.u, r.w = make([]T, longest), make([]T, longest), make([]T, longest), make([]T, longest)
	r.a, r.b, r.c = make([]T, widest*widest), make([]T, widest*widest), make([]T, widest*widest)
	r.z, r.y = make([]T, diagonal), make([]T, diagonal)
	r.scratch.Use(c.Crew)
	r.room.Use(c.Crew)
	return r, nil
}

// merged gives the rows and columns of a block of two or more dimensions.
func merged(shape []int) (rows, cols int) {
	n, first, last := 1, shape[0], shape[len(shape)-1]
	for _, d := range shape {
		n *= d
	}
	if last-n/last <= n/first-first {
		return n / last, last
	}
	return first, n / first
}

func (r *psgdKron[T]) Step(s *Step[T]) {
	noise, update := rng.At(r.seed, "noise_v", s.T), r.updates(s.T)
	lr, correct := r.LR.At(s.T), T(1/(1-math.Pow(r.Beta1, float64(s.T))))
	for _, k := range r.krons {
		x, d := problem.View(s.X, k.block), problem.View(s.D, k.block)
		n, decay := len(d), T(0)
		if len(k.block.Shape) >= 2 {
			decay = T(lr * r.WeightDecay.At(s.T))
		}
		kernel.Axpby(T(r.Beta1), k.m, T(1-r.Beta1), d)
		h := r.h[:n]
		copy(h, k.m)
		kernel.Scale(h, correct)
		if update {
			v := r.v[:n]
			if given := r.given("noise_v", k.block, s.T); len(given) == n {
				for i := range v {
					v[i] = T(given[i])
				}
			} else {
				for i := range v {
					v[i] = T(noise.Norm())
				}
			}
			r.update(k, h, v)
			if s.T%100 == 0 {
				k.balance()
			}
		}
		u, w := h, r.w[:n]
		rows, cols := k.left.n, k.right.n
		for _, transposed := range []bool{false, true} {
			r.multiplyLeft(w, &k.left, u, cols, transposed)
			r.multiplyRight(u, w, rows, &k.right, transposed)
		}
		rms := kernel.Norm2(u)/math.Sqrt(float64(n)) + 1e-12
		copy(d, u)
		kernel.Axpby(-T(lr*min(1, 1.1/rms)), d, -decay, x)
	}
}

// updates tells whether the factors are updated at step t.
func (r *psgdKron[T]) updates(t int) bool {
	return math.Mod(float64(t), math.Ceil(1/r.Probability)) == 0
}

// update moves the factors of a block to where they whiten h, which is given noise.
func (r *psgdKron[T]) update(k *kron[T], h, v []T) {
	rows, cols, n := k.left.n, k.right.n, len(h)
	mean := 0.0
	for _, e := range h {
		mean += math.Abs(float64(e))
	}
	kernel.Axpy(h, T(0x1p-11*math.Sqrt2/2*mean/float64(n)), v)
	a, w := r.u[:n], r.w[:n]
	r.multiplyLeft(w, &k.left, h, cols, false)
	r.multiplyRight(a, w, rows, &k.right, false)
	b := v
	if k.left.full {
		r.room.SolveLeft(linop.Upper(k.left.q, rows).Transposed(), b, cols)
	} else {
		for i, q := range k.left.q {
			for j := range b[i*cols:][:cols] {
				b[i*cols+j] /= q
			}
		}
	}
	if k.right.full {
		r.room.SolveRight(b, rows, linop.Upper(k.right.q, cols))
	} else {
		for i := range b {
			b[i] /= k.right.q[i%cols]
		}
	}
	moved := kernel.Finite(a) && kernel.Finite(b) && r.move(&k.left, a, b, cols, 1, cols)
	if moved && len(k.block.Shape) >= 2 {
		moved = r.move(&k.right, a, b, 1, cols, rows)
	}
	if !moved {
		k.failed++
	}
}

// move takes the step of a factor for matrices a and b of n rows, whose strides are rs
// and cs, or tells that squares of theirs are not finite.
func (r *psgdKron[T]) move(f *side[T], a, b []T, rs, cs, cols int) bool {
	n := f.n
	if !f.full {
		less, more := r.z[:n], r.y[:n]
		for i := range n {
			sum, other := T(0), T(0)
			for j := range cols {
				sum += T(a[i*rs+j*cs] * a[i*rs+j*cs])
				other += T(b[i*rs+j*cs] * b[i*rs+j*cs])
			}
			less[i], more[i] = sum-other, sum+other
		}
		top := kernel.AbsMax(more)
		if top > 0 && top <= math.MaxFloat64 {
			for i, e := range less {
				f.q[i] -= T(T(r.PrecondLR) * T(T(e/T(top))*f.q[i]))
			}
		}
		return top <= math.MaxFloat64
	}
	less, more, next := r.a[:n*n], r.b[:n*n], r.c[:n*n]
	kernel.Gram(&r.scratch, less, n, a, rs, cs, n, cols, false)
	kernel.Gram(&r.scratch, more, n, b, rs, cs, n, cols, false)
	for i := range n {
		clear(less[i*n:][:i])
		for j := i; j < n; j++ {
			at := i*n + j
			less[at], more[at] = less[at]-more[at], less[at]+more[at]
		}
	}
	kernel.Mirror(more, n, n)
	top := kernel.AbsMax(more)
	scale := T(1 / top)
	if !(top <= math.MaxFloat64) || math.IsInf(float64(scale), 0) { // top may be zero
		return top <= math.MaxFloat64
	}
	kernel.Scale(more, scale)
	kernel.Scale(less, scale)
	kernel.MatMul(&r.scratch, next, n, less, n, 1, f.q, n, 1, n, n, n, false)
	kernel.Axpy(f.q, -T(r.PrecondLR/r.lowerBound(more, n)), next)
	return true
}

// lowerBound is lb of a symmetric matrix whose largest entry is one.
func (r *psgdKron[T]) lowerBound(s []T, n int) float64 {
	best, most := 0, -1.0
	for i := range n {
		if sum := kernel.Dot(s[i*n:][:n], s[i*n:][:n]); sum > most {
			best, most = i, sum
		}
	}
	z, y := r.z[:n], r.y[:n]
	for i := range n {
		z[i] = T(kernel.Dot(s[i*n:][:n], s[best*n:][:n]))
	}
	for i := range n {
		y[i] = T(kernel.Dot(s[i*n:][:n], z))
	}
	return kernel.Norm2(y) / kernel.Norm2(z)
}

// multiplyLeft sets dst to the factor, or its transpose, times src of cols columns.
func (r *psgdKron[T]) multiplyLeft(dst []T, f *side[T], src []T, cols int, transposed bool) {
	if !f.full {
		for i, q := range f.q {
			row := dst[i*cols:][:cols]
			for j, e := range src[i*cols:][:cols] {
				row[j] = q * e
			}
		}
		return
	}
	rs, cs := f.n, 1
	if transposed {
		rs, cs = 1, f.n
	}
	kernel.MatMul(&r.scratch, dst, cols, f.q, rs, cs, src, cols, 1, f.n, cols, f.n, false)
}

// multiplyRight sets dst to src, of so many rows, times the transpose of the factor, or
// times the factor if transposed.
func (r *psgdKron[T]) multiplyRight(dst, src []T, rows int, f *side[T], transposed bool) {
	n := f.n
	if !f.full {
		for i := range rows {
			row := dst[i*n:][:n]
			for j, e := range src[i*n:][:n] {
				row[j] = e * f.q[j]
			}
		}
		return
	}
	rs, cs := 1, n
	if transposed {
		rs, cs = n, 1
	}
	kernel.MatMul(&r.scratch, dst, n, src, n, 1, f.q, rs, cs, rows, n, n, false)
}

// balance gives both factors the same largest entry.
func (k *kron[T]) balance() {
	ratio := math.Sqrt(kernel.AbsMax(k.right.q) / kernel.AbsMax(k.left.q))
	if len(k.block.Shape) >= 2 && ratio > 0 && !math.IsInf(ratio, 0) {
		kernel.Scale(k.left.q, T(ratio))
		kernel.Scale(k.right.q, T(1/ratio))
	}
}

func (r *psgdKron[T]) Memory() []any {
	var all []any
	for _, k := range r.krons {
		all = append(all, k.m, k.left.q, k.right.q, &k.failed)
	}
	return all
}

func (r *psgdKron[T]) Warnings() []string {
	var all []string
	for _, k := range r.krons {
		if k.failed > 0 {
			all = append(all, fmt.Sprintf("psgd_kron: %d updates of the preconditioner of %s failed; the older one was kept", k.failed, k.block.Name))
		}
	}
	return all
}

func (r *psgdKron[T]) Flops() float64 {
	sum := 0.0
	for _, k := range r.krons {
		length := float64(k.block.Len())
		sum += 20 * length
		for _, f := range []side[T]{k.left, k.right} {
			if n := float64(f.n); f.full {
				sum += 4*n*length + r.Probability*(5*n*length+2*n*n*n)
			}
		}
	}
	return sum
}
