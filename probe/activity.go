package probe

import (
	"errors"
	"math"

	"basin/kernel"
)

var activityDoc = Doc{
	Name:    "activity",
	Family:  "representations",
	Summary: "How many hidden units are at zero, for an example or altogether.",
	Readings: []Reading{
		{Name: "zero_activations", Formula: "share of activations h_k(x) = 0 in the last hidden layer", Null: "1/2 for ReLU units of symmetric inputs", Invariant: Permutation | Rescaling, Parts: "layers", Headline: true},
		{Name: "hoyer_activations", Formula: "(sqrt n - |h(x)|_1 / |h(x)|_2) / (sqrt n - 1) for n units, mean over examples, in the last hidden layer", Null: "0 for equal sizes, about 0.202 for many Gaussian units, 1 for a single active one", Invariant: Permutation | Rescaling, Parts: "layers"},
		{Name: "dead", Formula: "share of units with h_k(x) = 0 for all examples in the last hidden layer", Null: "0", Invariant: Permutation | Rescaling, Parts: "layers"},
		{Name: "dormant", Formula: "share of units with mean_x |h_k| <= tau mean_j mean_x |h_j| in the last hidden layer", Null: "0", Invariant: Permutation | Rescaling, Parts: "layers"},
	},
	Source: "dormant units: Sokar et al. 2023, arXiv 2302.12902; Hoyer's sparsity: Hoyer 2004",
	Needs:  "a hidden layer",
	Cost:   "one evaluation of `examples` examples (shared with rank)",
	Notes: []string{
		"The standard errors of zero_activations and hoyer_activations are over examples. 95 % intervals held the true value in 94 to 95 % of samples (docs/intervals.md).",
		"Units are zero only where the activation has a flat part, as that of ReLU; hoyer_activations tells sparse activations for any. It leaves out examples for which all units are at zero.",
		"A unit that is dead on these examples may be active on others.",
	},
}

type activity struct {
	Set      string  `arg:"set" default:"test" help:"the set whose activations are measured"`
	Examples int     `arg:"examples" default:"2048" valid:"[0,inf)" help:"how many of its examples, 0 for all; a sequence counts as its predictions"`
	Tau      float64 `arg:"tau" default:"0.025" valid:"[0,inf)" help:"mean activation, as a share of the layer's, up to which a unit is dormant"`
}

func (a *activity) Measure(p *Pass) error {
	f, err := Need(p, Features{a.Set, a.Examples})
	if err != nil {
		return err
	}
	for i, l := range f.Layers {
		zero, mean := zeros(f.Values[i], f.N, l.Width)
		share, stderr := meanErr(byExample(zero, f.Each))
		sparse, sparseErr, noSparse := hoyerActivations(f.Values[i], l.Width, f.Each)
		for _, of := range f.names(i) {
			p.Estimate(of("zero_activations"), share, stderr)
			if noSparse != nil {
				p.None(of("hoyer_activations"), noSparse.Error())
			} else {
				p.Estimate(of("hoyer_activations"), sparse, sparseErr)
			}
			p.Exact(of("dead"), dormant(mean, 0))
			p.Exact(of("dormant"), dormant(mean, a.Tau))
		}
	}
	return nil
}

// hoyerActivations is the mean of Hoyer's sparsity over the predictions that have an
// active unit.
func hoyerActivations(h []float64, width, each int) (mean, stderr float64, err error) {
	if width < 2 {
		return 0, 0, errors.New("a single unit")
	}
	var all []float64
	for i := 0; i < len(h); i += width * each {
		var own []float64
		for j := i; j < i+width*each; j += width {
			if row := h[j : j+width]; kernel.AbsMax(row) > 0 {
				own = append(own, hoyer(row))
			}
		}
		if own != nil {
			all = append(all, kernel.Sum(own)/float64(len(own)))
		}
	}
	if all == nil {
		return 0, 0, errors.New("all activations are zero")
	}
	mean, stderr = meanErr(all)
	return mean, stderr, nil
}

// zeros gives, for activations h of n predictions, each prediction's share of units at
// zero, and each unit's mean size.
func zeros(h []float64, n, width int) (share, mean []float64) {
	share, mean = make([]float64, n), make([]float64, width)
	for i := range n {
		for k, v := range h[i*width : (i+1)*width] {
			if v == 0 {
				share[i] += 1 / float64(width)
			}
			mean[k] += math.Abs(v) / float64(n)
		}
	}
	return share, mean
}

// dormant is the share of units whose mean is at most tau times the mean over units.
func dormant(mean []float64, tau float64) float64 {
	overall, _ := meanErr(mean)
	n := 0
	for _, v := range mean {
		if v <= tau*overall {
			n++
		}
	}
	return float64(n) / float64(len(mean))
}
