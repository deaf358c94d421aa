package probe

import (
	"errors"
	"math"
	"slices"

	"basin/kernel"
)

var outliersDoc = Doc{
	Name:    "outliers",
	Family:  "representations",
	Summary: "Whether a few hidden units are far larger than the others.",
	Readings: []Reading{
		{Name: "outlier_kurtosis", Formula: "mean_k s_k^4 / (mean_k s_k^2)^2 with s_k^2 = mean_x h_k(x)^2, in the last hidden layer", Null: "1 for units of one size, the number of units for a single one", Invariant: Permutation | Rescaling, Parts: "layers", Headline: true},
		{Name: "outlier_ratio", Formula: "max_k s_k / median_k s_k", Null: "1 for units of one size", Invariant: Permutation | Rescaling, Parts: "layers"},
	},
	Source: "He et al. 2024, arXiv 2405.19279; kurtosis: Elhage et al. 2023, Privileged Bases in the Transformer Residual Stream",
	Needs:  "a hidden layer",
	Cost:   "one evaluation of `examples` examples (shared with rank and activity)",
	Notes: []string{
		"s_k is of the activations as they are, no mean taken off. He et al. take the ratio example by example, of |h_k(x)|.",
		"Standard errors are of the jackknife over examples, in 20 groups. 95 % intervals held the true value in 96 % of samples (docs/intervals.md).",
		"Units that are always zero count: where they are half of all, there is no median to divide by.",
	},
}

type outliers struct {
	Set      string `arg:"set" default:"test" help:"the set whose activations are measured"`
	Examples int    `arg:"examples" default:"2048" valid:"[0,inf)" help:"how many of its examples, 0 for all; a sequence counts as its predictions"`
}

func (o *outliers) Measure(p *Pass) error {
	f, err := Need(p, Features{o.Set, o.Examples})
	if err != nil {
		return err
	}
	folds := deal(jackknifeFolds, p.Seed, f.N, f.Each)
	for i, l := range f.Layers {
		h := unit(f.Values[i])
		powers := leaveOut(folds, func(without int) []float64 { return squaresWithout(without, folds, h, l.Width) })
		for _, m := range []struct {
			name string
			of   func([]float64) (float64, error)
		}{{"outlier_kurtosis", outlierKurtosis}, {"outlier_ratio", outlierRatio}} {
			jackknife(powers, m.of).read(p, m.name, f.names(i))
		}
	}
	return nil
}

// squaresWithout gives s_k^2 of each unit over the predictions outside a fold, up to a
// factor.
func squaresWithout(without int, folds folds, h []float64, width int) []float64 {
	s := make([]float64, width)
	for i, fold := range folds.of {
		if fold == without {
			continue
		}
		for k, v := range h[i*width : (i+1)*width] {
			s[k] += v * v
		}
	}
	return s
}

func outlierKurtosis(square []float64) (float64, error) {
	total := kernel.Sum(square)
	if total == 0 {
		return 0, errZero
	}
	return kernel.Dot(square, square) / total / total * float64(len(square)), nil
}

func outlierRatio(square []float64) (float64, error) {
	s := slices.Sorted(slices.Values(square))
	n := len(s)
	median := (math.Sqrt(s[(n-1)/2]) + math.Sqrt(s[n/2])) / 2
	if median == 0 {
		return 0, errors.New("half of the units are always zero")
	}
	return math.Sqrt(s[n-1]) / median, nil
}
