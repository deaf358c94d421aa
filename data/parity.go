package data

import (
	"slices"

	"basin/rng"
)

// Parity generates n examples of the parity of k of some bits: x uniform on {-1, +1}
// to the power bits, and class 1 where the product over the k bits of the support is
// +1, else 0. A share noise of the training examples, each at random, has the other
// class. The examples are the same on every machine.
//
// That gradient descent learns it although the gradient says nothing of the support
// until late is the subject of Barak et al. 2022 (arXiv 2207.08799).
func Parity(n, bits, k int, noise float64, seed uint64) (s *Samples[float32], support []int) {
	order := make([]int, bits)
	stream := rng.At(seed, "parity/support", 0)
	stream.Perm(order)
	support = slices.Sorted(slices.Values(order[:k]))
	s = &Samples[float32]{Shape: []int{bits}, Classes: 2}
	s.generate(n, func(x, _ []float32, part string, i int) int {
		stream := rng.At(seed, "parity/"+part, i)
		for j := range x {
			x[j] = float32(stream.Sign())
		}
		product := float32(1)
		for _, j := range support {
			product *= x[j]
		}
		if part == "train" && stream.Float64() < noise {
			product = -product
		}
		return int(1+product) / 2
	})
	return s, support
}
