package data

import (
	"math"

	"basin/rng"
)

// TwoMoons generates n points in the plane on two half circles of radius 1 that reach
// into one another,
//
//	class 0: (cos t, sin t),  class 1: (1 - cos t, 1/2 - sin t),  t ~ U(0, pi),
//
// with noise*e, e ~ N(0, I), added. Classes come by turns. Points are rounded to
// single precision, so that they are nearly always the same on every machine.
func TwoMoons(n int, noise float64, seed uint64) *Samples[float64] {
	s := &Samples[float64]{Shape: []int{2}, Classes: 2}
	s.generate(n, func(x, _ []float64, part string, i int) int {
		stream := rng.At(seed, "moons/"+part, i)
		sin, cos := math.Sincos(math.Pi * stream.Float64())
		if i%2 == 1 {
			sin, cos = 0.5-sin, 1-cos
		}
		x[0] = single(cos + float64(noise*stream.Norm()))
		x[1] = single(sin + float64(noise*stream.Norm()))
		return i % 2
	})
	return s
}
