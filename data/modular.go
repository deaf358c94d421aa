package data

import (
	"fmt"
	"slices"

	"basin/rng"
)

// ModularAddition is the table of a + b modulo p, all p^2 pairs (Power et al. 2022,
// arXiv 2201.02177): a share of them, drawn by seed, for training, and of the rest
// half each for validation and testing. Inputs are a and b one-hot, 2p numbers, and
// the class is the sum. The examples are the same on every machine.
func ModularAddition(p int, share float64, seed uint64) (*Samples[float32], error) {
	s := &Samples[float32]{Shape: []int{2 * p}, Classes: p}
	pairs := p * p
	train := int(share * float64(pairs))
	val := (pairs - train) / 2
	if train == 0 || val == 0 {
		return nil, fmt.Errorf("train=%v of the %d pairs leaves a part without any; choose another share", share, pairs)
	}
	const perInput = 4
	if err := Fits(fmt.Sprintf("the table of addition modulo %d", p), float64(pairs)*float64(2*p)*perInput); err != nil {
		return nil, err
	}
	order := make([]int, pairs)
	stream := rng.At(seed, "modular", 0)
	stream.Perm(order)
	part := func(chosen []int) *Sample[float32] {
		slices.Sort(chosen)
		m := &Sample[float32]{N: len(chosen), X: make([]float32, len(chosen)*2*p), Labels: make([]int, len(chosen))}
		for i, pair := range chosen {
			a, b := pair/p, pair%p
			m.X[i*2*p+a], m.X[i*2*p+p+b] = 1, 1
			m.Labels[i] = (a + b) % p
		}
		return m
	}
	s.Train, s.Val, s.Test = part(order[:train]), part(order[train:train+val]), part(order[train+val:])
	return s, nil
}
