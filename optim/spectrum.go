package optim

import (
	"math"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
)

// matricesAmong lists the blocks that are weight matrices.
func matricesAmong(blocks []problem.Block) []problem.Block {
	var list []problem.Block
	for _, b := range blocks {
		if isMatrix(b) {
			list = append(list, b)
		}
	}
	return list
}

// A spectrum is the room in which singular values of matrices are changed.
type spectrum struct {
	linop.Scratch
	product         kernel.Scratch[float64]
	y, u, vt, value []float64
	flops           float64 // of all blocks once
}

func newSpectrum(blocks []problem.Block) *spectrum {
	n, short, u, vt := 0, 0, 0, 0
	w := &spectrum{}
	for _, b := range blocks {
		rows, cols, _ := b.Matrix()
		k := min(rows, cols)
		n, short, u, vt = max(n, rows*cols), max(short, k), max(u, rows*k), max(vt, k*cols)
		// A Gram matrix, its eigenvectors, the other side and the product.
		w.flops += float64(k)*(7*float64(rows*cols)) + 9*float64(k*k*k)
	}
	w.y, w.u, w.vt, w.value = make([]float64, n), make([]float64, u), make([]float64, vt), make([]float64, short)
	return w
}

// respectrum changes d so that the singular values of x+d become what shrink makes of
// them; shrink is handed those of x+d, which descend, and amount. d stays as it is
// where they stay, and becomes NaN where they cannot be found.
func respectrum[T problem.Float](w *spectrum, d, x []T, b problem.Block, amount float64, shrink func(values []float64, amount float64)) {
	rows, cols, _ := b.Matrix()
	k := min(rows, cols)
	y, u, vt, values := w.y[:len(d)], w.u[:rows*k], w.vt[:k*cols], w.value[:k]
	for i, v := range d {
		y[i] = float64(x[i]) + float64(v)
	}
	if err := w.SVD(u, values, vt, y, rows, cols); err != nil {
		for i := range d {
			d[i] = T(math.NaN())
		}
		return
	}
	sum := kernel.Sum(values)
	shrink(values, amount)
	if kernel.Sum(values) == sum {
		return
	}
	for i := range u {
		u[i] *= values[i%k]
	}
	kernel.MatMul(&w.product, y, cols, u, k, 1, vt, cols, 1, rows, cols, k, false)
	for i, v := range y {
		d[i] = T(v - float64(x[i]))
	}
}
