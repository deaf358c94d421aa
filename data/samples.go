package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"basin/problem"
	"basin/rng"
)

// A Sample holds N examples of one shape with what is to be made of each: a class, or
// numbers.
type Sample[T problem.Float] struct {
	N      int
	X      []T   // N x the shape of an example, row-major
	Labels []int // N classes counted from 0; nil where there are none
	Y      []T   // N x outputs; nil where there are classes
}

// Samples are a data set cut into parts for training, for tuning and for the final
// judgement.
type Samples[T problem.Float] struct {
	Shape   []int // of one example
	Classes int   // 0 where the targets are numbers
	Outputs int   // numbers per target; 0 where there are classes
	Train   *Sample[T]
	Val     *Sample[T]
	Test    *Sample[T]
}

// Parts are the samples in order.
func (s *Samples[T]) Parts() []*Sample[T] { return []*Sample[T]{s.Train, s.Val, s.Test} }

// Hash is the SHA-256 of shape, inputs and targets of all parts, in hexadecimal.
func (s *Samples[T]) Hash() string {
	h := sha256.New()
	var b []byte
	integers := func(list ...int) {
		b = binary.LittleEndian.AppendUint64(b[:0], uint64(len(list)))
		for _, i := range list {
			b = binary.LittleEndian.AppendUint64(b, uint64(i))
		}
		h.Write(b)
	}
	numbers := func(list []T) {
		integers(len(list))
		for part := range slices.Chunk(list, 4096) {
			b = b[:0]
			for _, x := range part {
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(x)))
			}
			h.Write(b)
		}
	}
	integers(s.Shape...)
	integers(s.Classes, s.Outputs)
	for _, p := range s.Parts() {
		numbers(p.X)
		integers(p.Labels...)
		numbers(p.Y)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// pick copies the examples with the given indices, in that order.
func (s *Sample[T]) pick(indices []int) *Sample[T] {
	p := &Sample[T]{N: len(indices)}
	in, out := len(s.X)/s.N, len(s.Y)/s.N
	p.X = make([]T, 0, len(indices)*in)
	for _, i := range indices {
		p.X = append(p.X, s.X[i*in:(i+1)*in]...)
		if s.Labels != nil {
			p.Labels = append(p.Labels, s.Labels[i])
		}
		p.Y = append(p.Y, s.Y[i*out:(i+1)*out]...)
	}
	return p
}

// A Cut says how one sample is cut into parts.
type Cut struct {
	Val, Test float64 // shares
	Seed      uint64
}

// cut makes the parts that s does not have yet, training among them, of one sample: at
// random, of each class its share, rounded down. Examples keep their order.
func (s *Samples[T]) cut(all *Sample[T], c Cut) error {
	if s.Val != nil {
		c.Val = 0
	}
	if s.Test != nil {
		c.Test = 0
	}
	train, val, test := c.indices(all.N, all.Labels, s.Classes)
	for _, p := range []struct {
		name    string
		indices []int
		part    **Sample[T]
	}{{"training", train, &s.Train}, {"validation", val, &s.Val}, {"testing", test, &s.Test}} {
		switch {
		case *p.part != nil:
			continue
		case len(p.indices) == 0:
			return fmt.Errorf("the shares val=%v and test=%v leave none of %s for %s; choose others", c.Val, c.Test, counted{all.N, "example"}, p.name)
		}
		*p.part = all.pick(p.indices)
	}
	return nil
}

// indices gives the examples of each part.
func (c Cut) indices(n int, labels []int, classes int) (train, val, test []int) {
	order := make([]int, n)
	s := rng.At(c.Seed, "data/cut", 0)
	s.Perm(order)
	class := func(i int) int {
		if labels == nil {
			return 0
		}
		return labels[i]
	}
	size := make([]int, max(1, classes))
	for i := range n {
		size[class(i)]++
	}
	seen := make([]int, len(size))
	for _, i := range order {
		k := class(i)
		ofVal, ofTest := int(c.Val*float64(size[k])), int(c.Test*float64(size[k]))
		switch {
		case seen[k] < ofVal:
			val = append(val, i)
		case seen[k] < ofVal+ofTest:
			test = append(test, i)
		default:
			train = append(train, i)
		}
		seen[k]++
	}
	slices.Sort(train)
	slices.Sort(val)
	slices.Sort(test)
	return train, val, test
}

// generate fills the parts of s: n examples for training and heldExamples each for
// the others. row makes one example of a part in x and, where targets are numbers, y;
// else it returns the class.
func (s *Samples[T]) generate(n int, row func(x, y []T, part string, i int) (class int)) {
	in := 1
	for _, d := range s.Shape {
		in *= d
	}
	part := func(name string, n int) *Sample[T] {
		p := &Sample[T]{N: n, X: make([]T, n*in)}
		if s.Classes > 0 {
			p.Labels = make([]int, n)
		} else {
			p.Y = make([]T, n*s.Outputs)
		}
		for i := range n {
			class := row(p.X[i*in:(i+1)*in], p.Y[i*s.Outputs:(i+1)*s.Outputs], name, i)
			if s.Classes > 0 {
				p.Labels[i] = class
			}
		}
		return p
	}
	s.Train, s.Val, s.Test = part("train", n), part("val", heldExamples), part("test", heldExamples)
}

// single rounds to single precision. What is computed in double precision with other
// last bits on another kind of processor is the same after it, but for one value in
// some hundred million.
func single(x float64) float64 { return float64(float32(x)) }
