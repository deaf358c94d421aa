package data

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"basin/rng"
)

// Regression generates n examples for linear regression in d variables,
//
//	x ~ N(0, I),  y = w.x + noise*e,  w ~ N(0, I/d),  e ~ N(0, 1),
//
// so that y without noise has variance near 1.
func Regression(n, d int, noise float64, seed uint64) *Tables {
	w := make([]float64, d)
	s := rng.At(seed, "regression/w", 0)
	for i := range w {
		w[i] = s.Norm() / math.Sqrt(float64(d))
	}
	return newTables(n, d, func(x []float64, part string, i int) float64 {
		s := rng.At(seed, "regression/"+part, i)
		for j := range x {
			x[j] = s.Norm()
		}
		return dot(w, x) + noise*s.Norm()
	})
}

// MinNorm gives the solution of least squares, of those the one of the least norm,
// pinv(X) y: what gradient descent from 0 comes to (Gunasekar et al. 2018, arXiv
// 1802.08246). Singular values below max(N, In) times the machine precision, relative
// to the largest, count as zero.
func (t *Table) MinNorm() ([]float64, error) {
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(t.N, t.In, t.X), mat.SVDThin) {
		return nil, errors.New("data: the singular value decomposition did not converge")
	}
	rank := svd.Rank(float64(max(t.N, t.In)) * 0x1p-52)
	if rank == 0 {
		return make([]float64, t.In), nil
	}
	var w mat.VecDense
	svd.SolveVecTo(&w, mat.NewVecDense(t.N, t.Y), rank)
	return w.RawVector().Data, nil
}

// LeastSquares is the least mean of (w.x - y)^2 / 2 over all w. Where there are as
// many dimensions as examples it is 0, the examples being in general position.
func (t *Table) LeastSquares() (float64, error) {
	if t.N <= t.In {
		return 0, nil
	}
	w, err := t.MinNorm()
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for i, y := range t.Y {
		r := dot(w, t.Row(i)) - y
		sum += r * r
	}
	return sum / 2 / float64(t.N), nil
}
