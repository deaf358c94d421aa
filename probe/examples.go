package probe

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"basin/kernel"
	"basin/problem"
	"basin/rng"
)

// Subset is the objective over a fixed choice of Examples of a set, or over all of
// it where it has no more, where it is not made of examples, or for 0. The choice
// depends on the pass's seed alone, and a larger one contains the smaller.
type Subset struct {
	Set      string
	Examples int
}

// Compute implements a quantity for Need.
func (q Subset) Compute(p *Pass) (problem.Objective[float64], error) {
	f, ok := p.Sets[q.Set]
	if !ok {
		return nil, fmt.Errorf("the problem has no set %q", q.Set)
	}
	n := examples(f)
	s, ok := problem.As[problem.Subsetter[float64]](f)
	if q.Examples == 0 || n <= q.Examples || !ok {
		return f, nil
	}
	order := make([]int, n)
	stream := rng.At(p.Seed, "probe/subset/"+q.Set, 0)
	stream.Perm(order)
	chosen := order[:q.Examples]
	slices.Sort(chosen)
	return s.Subset(chosen), nil
}

// examples is the number of examples of an objective, 0 where it has none.
func examples(f problem.Objective[float64]) int {
	if p, ok := problem.As[problem.Predictor[float64]](f); ok {
		n, _ := p.Size()
		return n
	}
	return 0
}

// Predictions are a network's outputs on examples.
type Predictions struct {
	Kind   problem.LossKind
	N, K   int       // examples, outputs per example
	Z      []float64 // N x K, row-major
	Labels []int     // nil where targets are not classes
}

// Row is the outputs for one example.
func (o *Predictions) Row(i int) []float64 { return o.Z[i*o.K : (i+1)*o.K] }

// Outputs is the quantity of a solution's outputs on a Subset.
type Outputs Subset

// Compute implements a quantity for Need.
func (q Outputs) Compute(p *Pass) (*Predictions, error) {
	f, err := Need(p, Subset(q))
	if err != nil {
		return nil, err
	}
	return predict(f, p.X, q.Set)
}

// predict gives the outputs of f at x.
func predict(f problem.Objective[float64], x []float64, set string) (*Predictions, error) {
	a, ok := problem.As[problem.Predictor[float64]](f)
	if !ok {
		return nil, errors.New("the problem has no outputs per example")
	}
	n, k := a.Size()
	if n == 0 {
		return nil, fmt.Errorf("the set %q is empty", set)
	}
	o := &Predictions{Kind: a.LossKind(), N: n, K: k, Z: make([]float64, n*k), Labels: a.Labels()}
	a.Outputs(o.Z, x)
	if !kernel.Finite(o.Z) {
		return nil, fmt.Errorf("some outputs on the set %q are not finite", set)
	}
	return o, nil
}

// Features is the quantity of the activations of a Subset's hidden layers.
type Features Subset

// A FeatureSet is the activations of hidden layers on N examples: Values[i] is
// N x Layers[i].Width, row-major.
type FeatureSet struct {
	N      int
	Layers []problem.Activation
	Values [][]float64
}

// Compute implements a quantity for Need.
func (q Features) Compute(p *Pass) (*FeatureSet, error) {
	f, err := Need(p, Subset(q))
	if err != nil {
		return nil, err
	}
	a, ok := problem.As[problem.Hidden[float64]](f)
	if !ok || len(a.Hidden()) == 0 {
		return nil, errors.New("the model has no hidden layer")
	}
	s := &FeatureSet{N: examples(f), Layers: a.Hidden()}
	for _, l := range s.Layers {
		s.Values = append(s.Values, make([]float64, s.N*l.Width))
	}
	a.Activations(s.Values, p.X)
	for i, v := range s.Values {
		if !kernel.Finite(v) {
			return nil, fmt.Errorf("some activations of layer %s are not finite", s.Layers[i].Name)
		}
	}
	return s, nil
}

// meanErr is the mean of v and its standard error, NaN for a single value.
func meanErr(v []float64) (mean, stderr float64) {
	n := float64(len(v))
	mean = kernel.Sum(v) / n
	if len(v) < 2 {
		return mean, math.NaN()
	}
	ss := 0.
	for _, x := range v {
		ss += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(ss / (n - 1) / n)
}
