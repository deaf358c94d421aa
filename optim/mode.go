package optim

import (
	"fmt"
	"math"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
)

// A mode is one dimension of a block, of length n: the block is an array of
// pre x n x post. It keeps the sum of G G' over the unfoldings G of the gradients
// along the dimension, n x n, of which only the upper triangle counts, and a root
// of it; of both only the diagonal if n is large.
type mode[T problem.Float] struct {
	pre, n, post int
	full         bool
	stat, root   []T
	failed       int64 // renewals of the root that failed
}

// newModes gives the modes of a block, of which a scalar has one too.
func newModes[T problem.Float](b problem.Block, maxDim int) []*mode[T] {
	shape := b.Shape
	if len(shape) == 0 {
		shape = []int{1}
	}
	modes := make([]*mode[T], len(shape))
	pre, post := 1, b.Len()
	for i, n := range shape {
		post /= n
		f := &mode[T]{pre: pre, n: n, post: post, full: n <= maxDim}
		size, next := n, 1
		if f.full {
			size, next = n*n, n+1
		}
		f.stat, f.root = make([]T, size), make([]T, size)
		for j := 0; j < size; j += next {
			f.root[j] = 1
		}
		modes[i] = f
		pre *= n
	}
	return modes
}

// observe takes a gradient into the sum: stat = keep*stat + G G'.
func (f *mode[T]) observe(s *kernel.Scratch[T], g []T, keep T) {
	n, post := f.n, f.post
	switch {
	case keep == 1:
	case f.full:
		for i := range n {
			kernel.Scale(f.stat[i*n+i:(i+1)*n], keep)
		}
	default:
		kernel.Scale(f.stat, keep)
	}
	switch {
	case !f.full:
		for i := range f.pre {
			for j := range n {
				row := g[(i*n+j)*post:][:post]
				f.stat[j] += T(kernel.Dot(row, row))
			}
		}
	case post == 1:
		kernel.Gram(s, f.stat, n, g, 1, n, n, f.pre, true)
	default:
		for i := range f.pre {
			kernel.Gram(s, f.stat, n, g[i*n*post:], post, 1, n, post, true)
		}
	}
}

// renew sets root = (weight*stat + (eps + ridge*top) I)^-power, with top the largest
// eigenvalue of weight*stat, or keeps it if that cannot be had. w serves all modes.
func (f *mode[T]) renew(w *linop.Spectral[T], weight, eps, ridge, power float64) {
	if !f.full {
		f.renewDiagonal(weight, eps, ridge, power)
		return
	}
	err := w.Apply(f.root, f.stat, f.n, func(values []float64) error {
		shift := eps + ridge*weight*max(values[f.n-1], 0)
		for i, v := range values {
			values[i] = inverse(weight*v, shift, power)
		}
		return nil
	})
	if err != nil {
		f.failed++
	}
}

func (f *mode[T]) renewDiagonal(weight, eps, ridge, power float64) {
	if !kernel.Finite(f.stat) {
		f.failed++
		return
	}
	shift := eps + ridge*weight*kernel.AbsMax(f.stat)
	for j, v := range f.stat {
		f.root[j] = T(inverse(weight*float64(v), shift, power))
	}
}

// inverse is (v+shift)^-power. A v that rounding has made negative counts as zero,
// and zero has no inverse but zero, as in a pseudo-inverse; to the power 0 all are 1.
func inverse(v, shift, power float64) float64 {
	if v = max(v, 0) + shift; v == 0 && power > 0 {
		return 0
	}
	return math.Pow(v, -power)
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

// failures warns of renewals that failed, for the modes of a block.
func failures[T problem.Float](rule string, b problem.Block, modes []*mode[T]) []string {
	var all []string
	for k, f := range modes {
		if f.failed > 0 {
			all = append(all, fmt.Sprintf("%s: %d renewals of the root for dimension %d of %s failed; the older root was kept",
				rule, f.failed, k+1, b.Name))
		}
	}
	return all
}

// flops is the work on a block of the given length per step. A root of an n x n
// matrix takes about 17/3 n^3 operations (reduction 4/3, division 4/3 at most,
// back-transformation 2, the root made of it 1).
func (f *mode[T]) flops(length, interval int) float64 {
	n, size := float64(f.n), float64(length)
	if !f.full {
		return 3*size + n
	}
	return 3*size*n + n*n + 17./3*n*n*n/float64(interval)
}
