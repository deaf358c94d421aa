package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"

	"basin/rng"
)

// A PairTable is all pairs (a, b) of numbers below P, cut into parts: a pair is the
// number a*P + b, and parts are in order.
type PairTable struct {
	P                int
	Train, Val, Test []int
}

// NewPairTable draws a share of the pairs for training, and of the rest half each for
// validation and testing, the same on every machine.
func NewPairTable(p int, share float64, seed uint64) (*PairTable, error) {
	order := make([]int, p*p)
	train := int(share * float64(len(order)))
	val := (len(order) - train) / 2
	if train == 0 || val == 0 {
		return nil, fmt.Errorf("train=%v of the %d pairs leaves a part without any; choose another share", share, len(order))
	}
	stream := rng.At(seed, "modular", 0)
	stream.Perm(order)
	t := &PairTable{P: p, Train: order[:train], Val: order[train : train+val], Test: order[train+val:]}
	for _, part := range t.Parts() {
		slices.Sort(part)
	}
	return t, nil
}

// Parts are those for training, validation and testing.
func (t *PairTable) Parts() [][]int { return [][]int{t.Train, t.Val, t.Test} }

// Hash is the SHA-256 of P and the parts, in hexadecimal.
func (t *PairTable) Hash() string {
	b := binary.LittleEndian.AppendUint64(nil, uint64(t.P))
	for _, part := range t.Parts() {
		b = binary.LittleEndian.AppendUint64(b, uint64(len(part)))
		for _, pair := range part {
			b = binary.LittleEndian.AppendUint64(b, uint64(pair))
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
