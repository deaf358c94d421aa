package nn

import (
	"math"

	"basin/problem"
	"basin/rng"
)

// An Initializer draws the initial values of a block of the given shape.
type Initializer func(dst []float64, shape []int, s *rng.Stream)

// Scaled gives an initialiser by its name in recipes, times a factor. The fans are
// the lengths of the second and the first axis, times those of all further axes.
//
//	he_normal, he_uniform          variance 2/fan_in (He et al. 2015)
//	glorot_normal, glorot_uniform  variance 2/(fan_in + fan_out) (Glorot and Bengio 2010)
//	lecun_normal, lecun_uniform    variance 1/fan_in (LeCun et al. 1998)
//	truncated_normal               the same, without values beyond two standard
//	                               deviations of the normal that is cut
//	orthogonal                     rows or columns, the fewer of them, orthonormal,
//	                               uniformly distributed (Saxe et al. 2014)
//	identity                       one on the diagonal, else zero
func Scaled(name string, scale float64) Initializer {
	init := named(name)
	return func(dst []float64, shape []int, s *rng.Stream) {
		init(dst, shape, s)
		for i := range dst {
			dst[i] *= scale
		}
	}
}

func named(name string) Initializer {
	switch name {
	case "zeros":
		return zeros
	case "he_normal":
		return normal(func(in, _ float64) float64 { return 2 / in })
	case "he_uniform":
		return uniform(func(in, _ float64) float64 { return 2 / in })
	case "glorot_normal":
		return normal(func(in, out float64) float64 { return 2 / (in + out) })
	case "glorot_uniform":
		return uniform(func(in, out float64) float64 { return 2 / (in + out) })
	case "lecun_normal":
		return normal(func(in, _ float64) float64 { return 1 / in })
	case "lecun_uniform":
		return uniform(func(in, _ float64) float64 { return 1 / in })
	case "truncated_normal":
		return truncatedNormal
	case "orthogonal":
		return orthogonal
	case "identity":
		return identity
	}
	panic("nn: unknown initialiser")
}

// Init sets dst, of n.Layout().N numbers, to the start that a seed gives. Each block
// has a stream of its own, so that its start does not depend on the other blocks;
// values are drawn in double precision and rounded to T.
func Init[T problem.Float](n *Net, dst []T, seed uint64) {
	for i, b := range n.layout.Blocks {
		s := rng.At(seed, "init/"+b.Name, 0)
		values := make([]float64, b.Len())
		n.inits[i](values, b.Shape, &s)
		for j, v := range values {
			problem.View(dst, b)[j] = T(v)
		}
	}
}

func zeros(dst []float64, _ []int, _ *rng.Stream) { clear(dst) }

func identity(dst []float64, shape []int, _ *rng.Stream) {
	for i := range min(shape[0], shape[1]) {
		dst[i*shape[1]+i] = 1
	}
}

func constant(c float64) Initializer {
	return func(dst []float64, _ []int, _ *rng.Stream) {
		for i := range dst {
			dst[i] = c
		}
	}
}

// ones starts the gains.
var ones = constant(1)

// gaussian is normal with a given standard deviation.
func gaussian(sd float64) Initializer {
	return normal(func(_, _ float64) float64 { return sd * sd })
}

// fans gives the inputs and outputs of each unit.
func fans(shape []int) (in, out float64) {
	out, in = float64(shape[0]), 1
	for _, d := range shape[1:] {
		in *= float64(d)
	}
	for _, d := range shape[min(2, len(shape)):] {
		out *= float64(d)
	}
	return in, out
}

func normal(variance func(in, out float64) float64) Initializer {
	return func(dst []float64, shape []int, s *rng.Stream) {
		sd := math.Sqrt(variance(fans(shape)))
		for i := range dst {
			dst[i] = sd * s.Norm()
		}
	}
}

// uniform on (-a, a) has the variance a^2/3.
func uniform(variance func(in, out float64) float64) Initializer {
	return func(dst []float64, shape []int, s *rng.Stream) {
		a := math.Sqrt(3 * variance(fans(shape)))
		for i := range dst {
			dst[i] = a * (2*s.Float64() - 1)
		}
	}
}

// truncatedSD is the standard deviation of a standard normal within (-2, 2),
// sqrt(1 - 4 pdf(2) / (2 cdf(2) - 1)).
const truncatedSD = 0.87962566103423978

func truncatedNormal(dst []float64, shape []int, s *rng.Stream) {
	in, _ := fans(shape)
	sd := math.Sqrt(1/in) / truncatedSD
	for i := range dst {
		v := s.Norm()
		for math.Abs(v) > 2 {
			v = s.Norm()
		}
		dst[i] = sd * v
	}
}
