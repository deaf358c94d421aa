package probe

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"basin/kernel"
	"basin/problem"
)

// Inputs is the quantity of the inputs of a Subset.
type Inputs Subset

// An InputSet is the inputs of N examples, Size numbers each.
type InputSet struct {
	N, Size int
	Shape   []int
	X       []float64 // N x Size, row-major

	f problem.Inputs[float64]
}

// Row is the input of one example.
func (s *InputSet) Row(i int) []float64 { return s.X[i*s.Size : (i+1)*s.Size] }

// With is the objective with other inputs, which it keeps.
func (s *InputSet) With(x []float64) problem.Objective[float64] { return s.f.WithInputs(x) }

// picture tells whether each input is one, and its size.
func (s *InputSet) picture() (height, width, channels int, ok bool) {
	if len(s.Shape) != 3 {
		return 0, 0, 0, false
	}
	return s.Shape[0], s.Shape[1], s.Shape[2], true
}

// Compute implements a quantity for Need.
func (q Inputs) Compute(p *Pass) (*InputSet, error) {
	f, err := Need(p, Subset(q))
	if err != nil {
		return nil, err
	}
	a, ok := problem.As[problem.Inputs[float64]](f)
	if !ok {
		return nil, errors.New("the problem shows no inputs")
	}
	shape := a.InputShape()
	if shape == nil {
		return nil, errors.New("the inputs are no numbers")
	}
	n, _ := examples(f)
	s := &InputSet{N: n, Size: 1, Shape: slices.Clone(shape), f: a}
	for _, d := range shape {
		s.Size *= d
	}
	s.X = make([]float64, s.N*s.Size)
	a.Inputs(s.X)
	if !kernel.Finite(s.X) {
		return nil, fmt.Errorf("some inputs of the set %q are not finite", q.Set)
	}
	return s, nil
}

// inputScale is the quantity of the mean and standard deviation of all numbers among
// the inputs of up to 2,000 training examples, the unit of changes to inputs.
type inputScale struct{}

type moments struct{ mean, sd float64 }

// Compute implements a quantity for Need.
func (inputScale) Compute(p *Pass) (moments, error) {
	s, err := Need(p, Inputs{"train", 2000})
	if err != nil {
		return moments{}, err
	}
	m := moments{mean: kernel.Sum(s.X) / float64(len(s.X))}
	for _, v := range s.X {
		m.sd += (v - m.mean) * (v - m.mean)
	}
	if m.sd = math.Sqrt(m.sd / float64(len(s.X))); m.sd == 0 {
		return m, errors.New("all inputs are equal")
	}
	return m, nil
}
