package probe

import (
	"errors"
	"math"
	"slices"
	"strconv"

	"basin/kernel"
	"basin/problem"
)

var sparsityDoc = Doc{
	Name:    "sparsity",
	Family:  "weights",
	Summary: "How unequal the sizes of the weights are, block by block and over all.",
	Readings: []Reading{
		{Name: "gini", Formula: "1 - 2 sum_k (|w|_(k) / |w|_1) (n - k + 1/2) / n, |w| ascending; mean over blocks", Null: "0 for equal sizes, 0.414 for Gaussian weights, 1 - 1/n for a single one", Invariant: Permutation | Rescaling, Parts: "blocks", Headline: true},
		{Name: "hoyer", Formula: "(sqrt n - |w|_1 / |w|_2) / (sqrt n - 1); mean over blocks", Null: "0 for equal sizes, about 0.202 for many Gaussian weights, 1 for a single one", Invariant: Permutation | Rescaling, Parts: "blocks"},
		{Name: "near_zero", Formula: "#{i: |w_i| <= threshold * rms(w)} / n; mean over blocks", Null: "0.008 for Gaussian weights at threshold 0.01", Invariant: Permutation | Rescaling, Parts: "blocks"},
		{Name: "kurtosis", Formula: "mean (w - mean w)^4 / var(w)^2; mean over blocks", Null: "3 for Gaussian weights, 1.8 for uniform ones", Invariant: Permutation | Rescaling, Parts: "blocks"},
		{Name: "gini_global", Formula: "gini of the weights of all blocks together", Null: untrained, Invariant: Permutation},
		{Name: "hoyer_global", Formula: "hoyer of them", Null: untrained, Invariant: Permutation},
		{Name: "near_zero_global", Formula: "near_zero of them, in units of their own root mean square", Null: "erf(threshold / sqrt 2) for Gaussian weights", Invariant: Permutation, Parts: "thresholds"},
		{Name: "kurtosis_global", Formula: "kurtosis of them", Null: untrained, Invariant: Permutation},
	},
	Source: "Hurley & Rickard 2009, Comparing measures of sparsity, arXiv 0811.4706; Hoyer 2004",
	Needs:  "weights",
	Cost:   "one sort of each block",
	Notes: []string{
		"Blocks are weights without biases and gains; each counts the same in the mean.",
		"Over all blocks together, blocks whose weights differ in scale make a distribution look sparse by that alone.",
		"Weights from inputs that are always zero keep their start and weigh in.",
	},
}

type sparsity struct {
	Threshold  float64   `arg:"threshold" default:"0.01" valid:"[0,inf)" help:"size below which a weight is near zero, in units of its block's root mean square"`
	Thresholds []float64 `arg:"thresholds" default:"[0.001, 0.01, 0.1]" valid:"[0,inf)" help:"the same for near_zero_global, in units of the root mean square of all weights"`
}

func (s *sparsity) Measure(p *Pass) error {
	measures := []struct {
		name string
		of   func([]float64) float64
	}{{"gini", gini}, {"hoyer", hoyer}, {"near_zero", nearZero(s.Threshold)}, {"kurtosis", kurtosis}}
	var all []float64
	for _, b := range weights(p.Layout) {
		all = append(all, problem.View(p.X, b)...)
	}
	for _, m := range measures {
		perBlock(p, m.name, weights(p.Layout), func(b problem.Block) (float64, error) { return unequal(problem.View(p.X, b), m.of) })
	}
	global := func(name string, of func([]float64) float64) {
		if v, err := unequal(all, of); err != nil {
			p.None(name, err.Error())
		} else {
			p.Exact(name, v)
		}
	}
	for _, m := range measures {
		if m.name != "near_zero" {
			global(m.name+"_global", m.of)
		}
	}
	thresholds := slices.Clone(s.Thresholds)
	slices.Sort(thresholds)
	if len(thresholds) == 0 {
		return errors.New("no threshold is given")
	}
	for _, threshold := range slices.Compact(thresholds) {
		global(part("near_zero_global", strconv.FormatFloat(threshold, 'g', -1, 64)), nearZero(threshold))
	}
	return nil
}

// unequal is a measure of weights for which it is defined.
func unequal(w []float64, of func([]float64) float64) (float64, error) {
	switch {
	case len(w) < 2:
		return 0, errors.New("fewer than two weights")
	case kernel.AbsMax(w) == 0:
		return 0, errZero
	}
	v := of(w)
	if math.IsNaN(v) {
		return 0, errors.New("the weights are all the same")
	}
	return v, nil
}

// gini is the Gini index of the sizes of w.
func gini(w []float64) float64 {
	a := slices.Clone(w)
	for i, v := range a {
		a[i] = math.Abs(v)
	}
	slices.Sort(a)
	n, total, sum := float64(len(a)), 0., 0.
	for i, v := range a {
		total += v
		sum += v * (n - float64(i) - .5) / n
	}
	return 1 - 2*sum/total
}

// hoyer is Hoyer's sparsity of w, of two weights or more.
func hoyer(w []float64) float64 {
	root := math.Sqrt(float64(len(w)))
	return (root - l1(w)/kernel.Norm2(w)) / (root - 1)
}

// nearZero gives the share of weights up to a threshold, in units of their root mean
// square.
func nearZero(threshold float64) func([]float64) float64 {
	return func(w []float64) float64 {
		limit := threshold * kernel.Norm2(w) / math.Sqrt(float64(len(w)))
		near := 0
		for _, v := range w {
			if math.Abs(v) <= limit {
				near++
			}
		}
		return float64(near) / float64(len(w))
	}
}

// kurtosis is not a number for weights that are all the same.
func kurtosis(w []float64) float64 {
	n := float64(len(w))
	mean, m2, m4 := kernel.Sum(w)/n, 0., 0.
	for _, v := range w {
		d := (v - mean) * (v - mean)
		m2 += d
		m4 += d * d
	}
	return n * m4 / (m2 * m2)
}
