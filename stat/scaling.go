package stat

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// ClassicalScaling lays things out in the plane so that their distances are about the
// dissimilarities d, n x n and symmetric (Torgerson 1952; Gower 1966): with B = -J D J / 2,
// D the squares and J = I - 1 1'/n, the coordinates are the eigenvectors of the two largest eigenvalues
// of B, times their roots. share is the sum of these two over that of the sizes of all
// (Mardia, Kent and Bibby 1979, 14.4): 1 where the plane shows the dissimilarities exactly, NaN
// where all are zero. Each axis has the sign by which the first thing that is not at zero has a positive
// coordinate. It reports false where a dissimilarity is not finite or the decomposition fails.
func ClassicalScaling(d [][]float64) (plane [][2]float64, share float64, ok bool) {
	n := len(d)
	plane = make([][2]float64, n)
	if n == 0 {
		return plane, math.NaN(), true
	}
	mean, all := make([]float64, n), 0.
	for i, row := range d {
		for _, v := range row {
			mean[i] += v * v / float64(n)
		}
		all += mean[i] / float64(n)
	}
	if !isFinite(all) {
		return nil, math.NaN(), false
	}
	b := mat.NewSymDense(n, nil)
	for i, row := range d {
		for j := range i + 1 {
			b.SetSym(i, j, -(row[j]*row[j]-mean[i]-mean[j]+all)/2)
		}
	}
	var e mat.EigenSym
	if !e.Factorize(b, true) {
		return nil, math.NaN(), false
	}
	values := e.Values(nil) // ascending
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	size, shown := 0., 0.
	for _, v := range values {
		size += math.Abs(v)
	}
	for axis := range min(2, n) {
		k := n - 1 - axis
		if values[k] <= tie*size {
			break
		}
		shown += values[k]
		scale := math.Sqrt(values[k])
		for i := range n {
			if v := vectors.At(i, k); math.Abs(v) > 1e-6 {
				scale = math.Copysign(scale, v)
				break
			}
		}
		for i := range n {
			plane[i][axis] = scale * vectors.At(i, k)
		}
	}
	return plane, shown / size, true
}
