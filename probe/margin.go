package probe

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"basin/kernel"
)

var marginDoc = Doc{
	Name:    "margin",
	Family:  "function",
	Summary: "By how much training examples are on the right side, raw and in units of the weights' size.",
	Readings: append(append(
		quantiles("margin", "f_y(x) - max_{k != y} f_k(x), or y f(x) for a single output", Permutation|Rescaling|Rotation, false),
		quantiles("margin_spectral", "margin / prod_l |W_l|_2", Permutation|Rescaling|Rotation, true)...),
		quantiles("margin_homogeneous", "margin / |theta|_2^L, where f(c theta) = c^L f(theta)", Permutation|Rotation, false)...),
	Source: "spectral: Bartlett, Foster & Telgarsky 2017, arXiv 1706.08498; homogeneous: Lyu & Li 2020, arXiv 1906.05890",
	Needs:  "outputs and classes",
	Cost:   "one evaluation of the training set (shared with other probes), and of 64 examples",
	Notes: []string{
		"The standard error of a quantile comes from the order statistics between which a binomial interval of 95 % lies, over examples as for `accuracy` (Woodruff 1952); a minimum has none. 95 % intervals held the true value in 90 to 96 % of samples (docs/intervals.md).",
		"The product of spectral norms leaves biases out, and exists for chains of weight matrices alone. The degree L is found by doubling the parameters; a network with biases below its last layer has none.",
	},
}

func quantiles(name, formula string, v Invariance, headline bool) []Reading {
	return []Reading{
		{Name: name + "_min", Formula: "least " + formula + ", over the training set", Null: untrained, Invariant: v},
		{Name: name + "_q05", Formula: "5% quantile of " + formula, Null: untrained, Invariant: v},
		{Name: name + "_median", Formula: "median of " + formula, Null: untrained, Invariant: v, Headline: headline},
	}
}

type margin struct{}

func (margin) Measure(p *Pass) error {
	o, err := Need(p, Outputs{"train", 0})
	if err != nil {
		return err
	}
	if err := o.classes(); err != nil {
		return err
	}
	each := make([]float64, o.N)
	for i := range each {
		each[i] = o.margin(i)
	}
	for _, scaled := range []struct {
		name string
		unit func(*Pass) (float64, error)
	}{
		{"margin", func(*Pass) (float64, error) { return 1, nil }},
		{"margin_spectral", spectralProduct},
		{"margin_homogeneous", homogeneousNorm},
	} {
		unit, err := scaled.unit(p)
		for _, q := range []struct {
			name string
			q    float64
		}{{"_min", 0}, {"_q05", .05}, {"_median", .5}} {
			name := scaled.name + q.name
			if err != nil {
				p.None(name, err.Error())
				continue
			}
			v, stderr := quantile(each, o.Each, q.q)
			p.Estimate(name, v/unit, stderr/unit)
		}
	}
	return nil
}

// quantile is the ceil(q n)-th of n values in ascending order. Those that are 1.96 n e ranks
// to either side, e the standard error of the share of values up to it, hold the true one
// in 95 % of samples (Woodruff 1952); their distance is 3.92 standard errors.
func quantile(values []float64, each int, q float64) (v, stderr float64) {
	ascending := slices.Sorted(slices.Values(values))
	n := float64(len(values))
	at := func(rank float64) float64 {
		return ascending[min(max(int(math.Ceil(rank))-1, 0), len(ascending)-1)]
	}
	if q == 0 {
		return ascending[0], math.NaN()
	}
	upTo := make([]float64, len(values))
	for i, u := range values {
		if u <= at(q*n) {
			upTo[i] = 1
		}
	}
	_, e := proportion(upTo, each)
	return at(q * n), (at(n*(q+1.96*e)) - at(n*(q-1.96*e))) / 3.92
}

// spectralProduct is prod_l |W_l|_2 over weight matrices of which each takes what
// the one before gives.
func spectralProduct(p *Pass) (float64, error) {
	layers, err := denseLayers(p.Layout)
	if err != nil {
		return 0, err
	}
	product := 1.
	for _, l := range layers {
		a, err := Need(p, weightSpectrum{l.weight.Name, solution})
		if err != nil {
			return 0, fmt.Errorf("%s: %w", l.weight.Name, err)
		}
		product *= a.s[0]
	}
	return product, nil
}

// homogeneousNorm is |theta|_2^L for the degree L in which the outputs are
// homogeneous, found from those at twice the parameters.
func homogeneousNorm(p *Pass) (float64, error) {
	q := Subset{"train", 64}
	f, err := Need(p, q)
	if err != nil {
		return 0, err
	}
	once, err := Need(p, Outputs(q))
	if err != nil {
		return 0, err
	}
	x := append([]float64(nil), p.X...)
	kernel.Scale(x, 2)
	twice, err := predict(f, x, q.Set)
	if err != nil {
		return 0, err
	}
	size := kernel.Norm2(once.Z)
	if size == 0 {
		return 0, errors.New("all outputs are zero")
	}
	degree := math.Round(math.Log2(kernel.Norm2(twice.Z) / size))
	off := append([]float64(nil), twice.Z...)
	kernel.Axpy(off, -math.Exp2(degree), once.Z)
	// Doubling is exact in floating point, so that only real terms of another degree
	// can differ.
	if degree < 1 || kernel.Norm2(off) > 1e-6*kernel.Norm2(twice.Z) {
		return 0, errors.New("the network is not homogeneous in its parameters")
	}
	return math.Pow(kernel.Norm2(p.X), degree), nil
}
