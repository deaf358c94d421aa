package data

import (
	"crypto/sha256"
	"encoding/hex"
	"math"

	"gonum.org/v1/gonum/mat"

	"basin/rng"
)

// A Quadratic is the function (x-c)'A(x-c)/2 with A symmetric and positive definite.
type Quadratic struct {
	Dim         int
	Eigenvalues []float64 // ascending
	A           []float64 // Dim x Dim row-major
	Center      []float64 // c
}

// NewQuadratic makes a quadratic whose eigenvalues are evenly spaced in log from
// 1/condition to 1 and whose centre is N(0, I). Its axes are those of the
// coordinates or, if rotated, uniformly distributed.
func NewQuadratic(dim int, condition float64, rotated bool, seed uint64) *Quadratic {
	q := &Quadratic{
		Dim: dim, Eigenvalues: make([]float64, dim),
		A: make([]float64, dim*dim), Center: make([]float64, dim),
	}
	s := rng.At(seed, "quadratic/center", 0)
	for i := range dim {
		q.Eigenvalues[i] = math.Pow(condition, -float64(dim-1-i)/float64(max(1, dim-1)))
		q.A[i*dim+i] = q.Eigenvalues[i]
		q.Center[i] = s.Norm()
	}
	if rotated {
		q.rotate(seed)
	}
	return q
}

// rotate replaces A by Q A Q' with Q the orthogonal factor of a Gaussian matrix. Up
// to the signs of its columns, which do not matter here, it has Haar's distribution
// (Mezzadri 2007, How to generate random matrices from the classical compact groups).
func (q *Quadratic) rotate(seed uint64) {
	n := q.Dim
	gaussian := mat.NewDense(n, n, nil)
	s := rng.At(seed, "quadratic/axes", 0)
	for i := range n {
		for j := range n {
			gaussian.Set(i, j, s.Norm())
		}
	}
	var qr mat.QR
	var axes, scaled, a mat.Dense
	qr.Factorize(gaussian)
	qr.QTo(&axes)
	scaled.Mul(&axes, mat.NewDense(n, n, q.A))
	a.Mul(&scaled, axes.T())
	for i := range n {
		for j := range n {
			q.A[i*n+j] = (a.At(i, j) + a.At(j, i)) / 2
		}
	}
}

// Hash is the SHA-256 of A and c, in hexadecimal.
func (q *Quadratic) Hash() string {
	h := sha256.New()
	hashNumbers(h, q.A)
	hashNumbers(h, q.Center)
	return hex.EncodeToString(h.Sum(nil))
}
