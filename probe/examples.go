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
// it where it has no more, where it is not made of examples, or for 0. An example of
// several predictions, such as a sequence, counts as so many. The choice depends on
// the pass's seed alone, and a larger one contains the smaller.
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
	n, each := examples(f)
	take := (q.Examples + each - 1) / each
	s, ok := problem.As[problem.Subsetter[float64]](f)
	if q.Examples == 0 || n <= take || !ok {
		return f, nil
	}
	order := make([]int, n)
	stream := rng.At(p.Seed, "probe/subset/"+q.Set, 0)
	stream.Perm(order)
	chosen := order[:take]
	slices.Sort(chosen)
	return s.Subset(chosen), nil
}

// examples gives the number of examples of an objective, 0 where it has none, and
// that of predictions of each.
func examples(f problem.Objective[float64]) (n, each int) {
	p, ok := problem.As[problem.Predictor[float64]](f)
	if !ok {
		return 0, 1
	}
	n, _ = p.Size()
	if s, ok := problem.As[problem.Subsetter[float64]](f); ok && n > 0 {
		return s.Examples(), n / s.Examples()
	}
	return n, 1
}

// Predictions are a network's outputs on examples.
type Predictions struct {
	Kind   problem.LossKind
	N, K   int       // predictions, outputs of each
	Each   int       // predictions per example
	Z      []float64 // N x K, row-major
	Labels []int     // nil where targets are not classes
}

// Row is the outputs for one prediction.
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
	_, each := examples(f)
	o := &Predictions{Kind: a.LossKind(), N: n, K: k, Each: each, Z: make([]float64, n*k), Labels: a.Labels()}
	a.Outputs(o.Z, x)
	if !kernel.Finite(o.Z) {
		return nil, fmt.Errorf("some outputs on the set %q are not finite", set)
	}
	return o, nil
}

// Features is the quantity of the activations of a Subset's hidden layers.
type Features Subset

// A FeatureSet is the activations of hidden layers at N predictions, Each of them of
// one example: Values[i] is N x Layers[i].Width, row-major.
type FeatureSet struct {
	N      int
	Each   int
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
	n, each := examples(f)
	s := &FeatureSet{N: n * each, Each: each, Layers: a.Hidden()}
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

// names gives the ways to name the readings of a layer: by the layer, and the last
// one's also without it.
func (f *FeatureSet) names(layer int) []func(reading string) string {
	of := []func(string) string{func(reading string) string { return part(reading, f.Layers[layer].Name) }}
	if layer == len(f.Layers)-1 {
		of = append(of, func(reading string) string { return reading })
	}
	return of
}

// byExample gives the mean of each example's values, of which v has each in a row:
// examples are drawn at random, the predictions of one belong together.
func byExample(v []float64, each int) []float64 {
	if each == 1 {
		return v
	}
	means := make([]float64, len(v)/each)
	for i := range means {
		means[i] = kernel.Sum(v[i*each:(i+1)*each]) / float64(each)
	}
	return means
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
