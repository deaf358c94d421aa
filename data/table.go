package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"
)

// A Table holds N examples of In numbers with a target each: a number, or a class
// as -1 or +1.
type Table struct {
	N, In int
	X     []float64 // N x In row-major
	Y     []float64 // N
}

// Tables are a table cut into parts for training, for tuning and for the final
// judgement.
type Tables struct{ Train, Val, Test *Table }

// heldExamples is the number of examples in Val and in Test of generated tables.
const heldExamples = 1000

// newTables generates the parts of a table; row fills one example of a part and
// returns its target.
func newTables(n, in int, row func(x []float64, part string, i int) float64) *Tables {
	part := func(name string, n int) *Table {
		t := &Table{N: n, In: in, X: make([]float64, n*in), Y: make([]float64, n)}
		for i := range n {
			t.Y[i] = row(t.Row(i), name, i)
		}
		return t
	}
	return &Tables{Train: part("train", n), Val: part("val", heldExamples), Test: part("test", heldExamples)}
}

// Row is the inputs of example i.
func (t *Table) Row(i int) []float64 { return t.X[i*t.In : (i+1)*t.In : (i+1)*t.In] }

// Hash is the SHA-256 of inputs and targets of all parts, in hexadecimal.
func (s *Tables) Hash() string {
	h := sha256.New()
	for _, t := range []*Table{s.Train, s.Val, s.Test} {
		hashNumbers(h, t.X)
		hashNumbers(h, t.Y)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// hashNumbers adds the length and the bits of some numbers to a hash.
func hashNumbers(h hash.Hash, numbers []float64) {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(numbers)))
	for _, x := range numbers {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	h.Write(b)
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
