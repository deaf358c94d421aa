package data

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"basin/internal/near"
)

func TestQuadraticSpectrum(t *testing.T) {
	for _, rotated := range []bool{false, true} {
		q := NewQuadratic(7, 1e4, rotated, 3)
		a := mat.NewDense(7, 7, q.A)
		if !mat.Equal(a, a.T()) {
			t.Fatal("A is not symmetric")
		}
		if diagonal := mat.Equal(a, mat.NewDiagDense(7, q.Eigenvalues)); diagonal == rotated {
			t.Errorf("rotated %v: diagonal is %v", rotated, diagonal)
		}
		var eigen mat.EigenSym
		if !eigen.Factorize(mat.NewSymDense(7, q.A), false) {
			t.Fatal("no eigenvalues")
		}
		// Evenly spaced in log from 1e-4 to 1.
		want := make([]float64, 7)
		for i := range want {
			want[i] = math.Pow(10, -4+4*float64(i)/6)
		}
		if d := near.Diff(q.Eigenvalues, want, 0, 1e-14); d != "" {
			t.Errorf("declared: %s", d)
		}
		if d := near.Diff(eigen.Values(nil), want, 1e-15, 0); d != "" {
			t.Errorf("rotated %v: %s", rotated, d)
		}
	}
	if one := NewQuadratic(1, 100, true, 0); !slices.Equal(one.Eigenvalues, []float64{1}) || math.Abs(one.A[0]-1) > 1e-15 {
		t.Errorf("in one dimension A is %v", one.A)
	}
}

// Under Haar's distribution E a_ii = tr/n, and E a_ij^2 for i != j is
// (tr A^2 - (tr A)^2/n) / ((n-1)(n+2)).
func TestQuadraticAxes(t *testing.T) {
	const n, draws = 4, 4000
	var diagonal, corner, off, offSquares float64
	var tr, tr2 float64
	for seed := range uint64(draws) {
		q := NewQuadratic(n, 10, true, seed)
		if seed == 0 {
			for _, l := range q.Eigenvalues {
				tr += l
				tr2 += l * l
			}
		}
		diagonal += q.A[0]
		corner += q.A[0] * q.A[0]
		square := q.A[1] * q.A[1]
		off += square
		offSquares += square * square
	}
	mean := diagonal / draws
	if se := math.Sqrt((corner/draws - mean*mean) / draws); math.Abs(mean-tr/n) > 5*se {
		t.Errorf("mean of a_11 is %v, want %v within five times %v", mean, tr/n, se)
	}
	mean = off / draws
	want := (tr2 - tr*tr/n) / ((n - 1) * (n + 2))
	if se := math.Sqrt((offSquares/draws - mean*mean) / draws); math.Abs(mean-want) > 5*se {
		t.Errorf("mean of a_12^2 is %v, want %v within five times %v", mean, want, se)
	}
}

func TestQuadraticHash(t *testing.T) {
	q := NewQuadratic(3, 10, true, 1)
	if NewQuadratic(3, 10, true, 1).Hash() != q.Hash() {
		t.Error("the hash does not repeat")
	}
	for name, other := range map[string]*Quadratic{
		"seed": NewQuadratic(3, 10, true, 2), "condition": NewQuadratic(3, 11, true, 1), "axes": NewQuadratic(3, 10, false, 1),
	} {
		if other.Hash() == q.Hash() {
			t.Errorf("another %s has the same hash", name)
		}
	}
}
