package optim

import (
	"math"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
)

// A mode is one dimension of a block, of length n: the block is an array of
// pre x n x post. It keeps the sum of G G' over the unfoldings G of the gradients
// along the dimension, n x n, and a root of it; of both only the diagonal if n is
// large.
type mode[T problem.Float] struct {
	pre, n, post int
	full         bool
	stat, root   []T
	failed       int64 // renewals of the root that failed
}

func newModes[T problem.Float](b problem.Block, maxDim int) []*mode[T] {
	modes := make([]*mode[T], len(b.Shape))
	pre, post := 1, b.Len()
	for i, n := range b.Shape {
		post /= n
		f := &mode[T]{pre: pre, n: n, post: post, full: n <= maxDim}
		if f.full {
			f.stat, f.root = make([]T, n*n), make([]T, n*n)
			for j := range n {
				f.root[j*n+j] = 1
			}
		} else {
			f.stat, f.root = make([]T, n), make([]T, n)
			for j := range n {
				f.root[j] = 1
			}
		}
		modes[i] = f
		pre *= n
	}
	return modes
}

// observe takes a gradient into the sum: stat = keep*stat + G G'.
func (f *mode[T]) observe(s *kernel.Scratch[T], g []T, keep T) {
	if keep != 1 {
		kernel.Scale(f.stat, keep)
	}
	n, post := f.n, f.post
	switch {
	case !f.full:
		for i := range f.pre {
			for j := range n {
				row := g[(i*n+j)*post:][:post]
				f.stat[j] += T(kernel.Dot(row, row))
			}
		}
	case post == 1:
		kernel.MatMul(s, f.stat, n, g, 1, n, g, n, 1, n, n, f.pre, true)
	default:
		for i := range f.pre {
			part := g[i*n*post:][:n*post]
			kernel.MatMul(s, f.stat, n, part, post, 1, part, 1, post, n, n, post, true)
		}
	}
}

// renew sets root = (weight*stat + (eps + ridge*top) I)^-power, with top the largest
// eigenvalue of weight*stat, or keeps it if that cannot be had. Eigenvalues that
// rounding has made negative count as zero, and directions that stay without any
// weight are left out, as in a pseudo-inverse.
func (f *mode[T]) renew(weight, eps, ridge, power float64) {
	if !kernel.Finite(f.stat) {
		f.failed++
		return
	}
	n := f.n
	values, vectors := make([]float64, len(f.stat)), []float64(nil)
	for i, v := range f.stat {
		values[i] = weight * float64(v)
	}
	if f.full {
		var err error
		if values, vectors, err = linop.SymEig(values, n); err != nil {
			f.failed++
			return
		}
	}
	top := 0.0
	for _, v := range values {
		top = max(top, v)
	}
	for i, v := range values {
		values[i] = 0
		if v = max(v, 0) + eps + ridge*top; v > 0 {
			values[i] = math.Pow(v, -power)
		}
	}
	if !f.full {
		for i, v := range values {
			f.root[i] = T(v)
		}
		return
	}
	// V diag(values) V', as W W' with W = V diag(values)^(1/2).
	for i := range n {
		for j, v := range values {
			vectors[i*n+j] *= math.Sqrt(v)
		}
	}
	var s kernel.Scratch[float64]
	root := make([]float64, n*n)
	kernel.MatMul(&s, root, n, vectors, n, 1, vectors, 1, n, n, n, n, false)
	for i, v := range root {
		f.root[i] = T(v)
	}
}

// apply sets dst to src multiplied by root along the dimension.
func (f *mode[T]) apply(s *kernel.Scratch[T], dst, src []T) {
	n, post := f.n, f.post
	switch {
	case !f.full:
		for i := range f.pre {
			for j := range n {
				at := (i*n + j) * post
				for k, v := range src[at:][:post] {
					dst[at+k] = f.root[j] * v
				}
			}
		}
	case post == 1:
		kernel.MatMul(s, dst, n, src, n, 1, f.root, n, 1, f.pre, n, n, false)
	default:
		for i := range f.pre {
			at := i * n * post
			kernel.MatMul(s, dst[at:], post, f.root, n, 1, src[at:], post, 1, n, post, n, false)
		}
	}
}

// flops is the work on a block of the given length per step. The eigenvectors of
// an n x n matrix take about 9 n^3 operations (Golub & Van Loan 2013, 8.3), the
// root made of them 2 n^3.
func (f *mode[T]) flops(length, interval int) float64 {
	n, size := float64(f.n), float64(length)
	if !f.full {
		return 3*size + n
	}
	return 4*size*n + n*n + 11*n*n*n/float64(interval)
}
