package data

import (
	"math"

	"basin/rng"
)

// Separable generates n examples of two classes that a plane through the origin in
// d dimensions separates,
//
//	x ~ N(0, diag(s^2)),  s ~ U(0.3, 2),  y = sign(w.x),  w ~ N(0, I),
//
// of which those nearer to the plane than margin are drawn again. margin is at most
// 1, so that this comes to an end soon.
func Separable(n, d int, margin float64, seed uint64) *Tables {
	if margin > 1 {
		panic("data: Separable with a margin above 1")
	}
	w, scale := make([]float64, d), make([]float64, d)
	s := rng.At(seed, "separable/w", 0)
	for i := range w {
		w[i] = s.Norm()
		scale[i] = 0.3 + 1.7*s.Float64()
	}
	norm := math.Sqrt(dot(w, w))
	return newTables(n, d, func(x []float64, part string, i int) float64 {
		s := rng.At(seed, "separable/"+part, i)
		for {
			for j := range x {
				x[j] = scale[j] * s.Norm()
			}
			if z := dot(w, x) / norm; math.Abs(z) > margin {
				return math.Copysign(1, z)
			}
		}
	})
}

// Signed gives z_i = y_i x_i, N x In row-major: w separates the classes where all
// z_i.w are positive.
func (t *Table) Signed() []float64 {
	z := make([]float64, len(t.X))
	for i := range t.N {
		for j, x := range t.Row(i) {
			z[i*t.In+j] = t.Y[i] * x
		}
	}
	return z
}
