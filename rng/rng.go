// Package rng gives named random streams. A stream is a pure function of a seed, a
// name and a counter, so that any random choice can be made again without
// replaying those before it.
package rng

import (
	"math"
	"math/bits"
	"math/rand/v2"
)

// A Stream is a source of random numbers. Its values are fixed by its making, on
// every machine; copying it copies its position.
type Stream struct{ pcg rand.PCG }

// At returns the stream for a seed, a name such as "batches", and a counter such
// as the step. Streams that differ in any of the three are independent.
func At(seed uint64, name string, t int) Stream {
	h := mix(seed ^ 0x9e3779b97f4a7c15)
	for _, c := range []byte(name) {
		h = mix(h ^ uint64(c) + 0x9e3779b97f4a7c15)
	}
	h = mix(h ^ uint64(t)*0xd1342543de82ef95)
	var s Stream
	s.pcg.Seed(h, mix(h^0xda942042e4dd58b5))
	return s
}

// mix is the finaliser of splitmix64 (Steele, Lea, Flood 2014): a bijection whose
// every output bit depends on every input bit.
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Uint64 is uniform over all 64-bit values.
func (s *Stream) Uint64() uint64 { return s.pcg.Uint64() }

// Float64 is uniform in [0, 1), a multiple of 2^-53.
func (s *Stream) Float64() float64 { return float64(s.pcg.Uint64()>>11) * 0x1p-53 }

// IntN is uniform over 0..n-1, for n > 0 (Lemire 2019, without bias).
func (s *Stream) IntN(n int) int {
	hi, lo := bits.Mul64(s.pcg.Uint64(), uint64(n))
	for floor := -uint64(n) % uint64(n); lo < floor; {
		hi, lo = bits.Mul64(s.pcg.Uint64(), uint64(n))
	}
	return int(hi)
}

// Norm is standard normal, by the polar method; the second value of a pair is not
// kept, so that a stream has no hidden position.
func (s *Stream) Norm() float64 {
	for {
		u, v := 2*s.Float64()-1, 2*s.Float64()-1
		if q := u*u + v*v; q > 0 && q < 1 {
			return u * math.Sqrt(-2*math.Log(q)/q)
		}
	}
}

// Sign is -1 or +1, each with probability 1/2.
func (s *Stream) Sign() float64 { return float64(int64(s.pcg.Uint64()>>63)<<1 - 1) }

// Perm sets p to a uniform permutation of 0..len(p)-1.
func (s *Stream) Perm(p []int) {
	for i := range p {
		j := s.IntN(i + 1)
		p[i] = p[j]
		p[j] = i
	}
}
