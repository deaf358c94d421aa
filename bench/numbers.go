package bench

import "math"

// What a stream of numbers is for. Streams of parameters and directions have the
// number of their block added.
const (
	inputs = 1 << 20 * iota
	classes
	weights
	direction
)

// hash is the i-th number of a stream: the output function of SplitMix64 (Steele, Lea
// and Flood 2014) on a counter. Any language can compute it in a line.
func hash(stream, i int) uint64 {
	z := (uint64(stream)<<32 + uint64(i)) * 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// uniform sets dst to numbers evenly distributed on [-bound, bound). The numbers on
// [-1, 1) have 24 bits, so that they are the same in single and double precision.
func uniform(dst []float32, stream int, bound float64) {
	for i := range dst {
		dst[i] = (float32(hash(stream, i)>>40)/(1<<23) - 1) * float32(bound)
	}
}

// unitBound is the bound of numbers of variance 1.
var unitBound = math.Sqrt(3)

// class is the i-th of a stream of numbers from 0 to n-1.
func class(stream, i, n int) int { return int(hash(stream, i) >> 40 % uint64(n)) }
