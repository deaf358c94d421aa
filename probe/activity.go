package probe

import "math"

var activityDoc = Doc{
	Name:    "activity",
	Summary: "How many hidden units are at zero, for an example or altogether.",
	Readings: []Reading{
		{Name: "zero_activations", Formula: "share of activations h_k(x) = 0 in the last hidden layer", Null: "1/2 for ReLU units of symmetric inputs", Invariant: Permutation | Rescaling, Parts: "layers", Headline: true},
		{Name: "dormant", Formula: "share of units with mean_x |h_k| <= tau mean_j mean_x |h_j| in the last hidden layer", Null: "0", Invariant: Permutation | Rescaling, Parts: "layers"},
	},
	Source: "dormant units: Sokar et al. 2023, arXiv 2302.12902",
	Needs:  "a hidden layer",
	Cost:   "one evaluation of `examples` examples (shared with rank)",
	Notes: []string{
		"The standard error of zero_activations is over examples.",
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
		asleep := dormant(mean, a.Tau)
		p.Estimate(part("zero_activations", l.Name), share, stderr)
		p.Exact(part("dormant", l.Name), asleep)
		if i == len(f.Layers)-1 {
			p.Estimate("zero_activations", share, stderr)
			p.Exact("dormant", asleep)
		}
	}
	return nil
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
