package nn

import (
	"math"

	"basin/rng"
)

// orthogonal orthonormalises normal vectors, the rows or the columns of the matrix,
// whichever are fewer, by Gram and Schmidt's process; done twice, it leaves them
// orthogonal to rounding (Giraud, Langou and Rozloznik 2005).
func orthogonal(dst []float64, shape []int, s *rng.Stream) {
	rows := shape[0]
	cols := len(dst) / rows
	count, length, next, along := rows, cols, cols, 1
	if cols < rows {
		count, length, next, along = cols, rows, 1, cols
	}
	q := make([]float64, count*length)
	for i := range count {
		v := q[i*length : (i+1)*length]
		for j := range v {
			v[j] = s.Norm()
		}
		for range 2 {
			for k := range i {
				u := q[k*length : (k+1)*length]
				c := dot(u, v)
				for j := range v {
					v[j] -= float64(c * u[j])
				}
			}
		}
		norm := math.Sqrt(dot(v, v))
		for j := range v {
			v[j] /= norm
			dst[i*next+j*along] = v[j]
		}
	}
}

func dot(a, b []float64) float64 {
	var s float64
	for i, v := range a {
		s += float64(v * b[i])
	}
	return s
}
