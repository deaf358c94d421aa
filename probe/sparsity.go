package probe

import (
	"errors"
	"math"
	"slices"

	"basin/kernel"
	"basin/problem"
)

var sparsityDoc = Doc{
	Name:    "sparsity",
	Summary: "How unequal the sizes of the weights are, block by block.",
	Readings: []Reading{
		{Name: "gini", Formula: "1 - 2 sum_k (|w|_(k) / |w|_1) (n - k + 1/2) / n, |w| ascending; mean over blocks", Null: "0 for equal sizes, 0.414 for Gaussian weights, 1 - 1/n for a single one", Invariant: Permutation | Rescaling, Parts: "blocks", Headline: true},
		{Name: "hoyer", Formula: "(sqrt n - |w|_1 / |w|_2) / (sqrt n - 1); mean over blocks", Null: "0 for equal sizes, about 0.202 for many Gaussian weights, 1 for a single one", Invariant: Permutation | Rescaling, Parts: "blocks"},
		{Name: "near_zero", Formula: "#{i: |w_i| <= threshold * rms(w)} / n; mean over blocks", Null: "0.008 for Gaussian weights at threshold 0.01", Invariant: Permutation | Rescaling, Parts: "blocks"},
		{Name: "kurtosis", Formula: "mean (w - mean w)^4 / var(w)^2; mean over blocks", Null: "3 for Gaussian weights, 1.8 for uniform ones", Invariant: Permutation | Rescaling, Parts: "blocks"},
	},
	Source: "Hurley & Rickard 2009, Comparing measures of sparsity, arXiv 0811.4706; Hoyer 2004",
	Needs:  "weights",
	Cost:   "one sort of each block",
	Notes: []string{
		"Blocks are weights without biases and gains; each counts the same in the mean.",
		"Weights from inputs that are always zero keep their start and weigh in.",
	},
}

type sparsity struct {
	Threshold float64 `arg:"threshold" default:"0.01" valid:"[0,inf)" help:"size below which a weight is near zero, in units of its block's root mean square"`
}

func (s *sparsity) Measure(p *Pass) error {
	for _, m := range []struct {
		name string
		of   func([]float64) float64
	}{
		{"gini", gini}, {"hoyer", hoyer}, {"near_zero", s.nearZero}, {"kurtosis", kurtosis},
	} {
		perBlock(p, m.name, weights(p.Layout), func(b problem.Block) (float64, error) {
			w := problem.View(p.X, b)
			switch {
			case len(w) < 2:
				return 0, errors.New("a single weight")
			case kernel.AbsMax(w) == 0:
				return 0, errZero
			}
			v := m.of(w)
			if math.IsNaN(v) {
				return 0, errors.New("the weights are all the same")
			}
			return v, nil
		})
	}
	return nil
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

func (s *sparsity) nearZero(w []float64) float64 {
	limit := s.Threshold * kernel.Norm2(w) / math.Sqrt(float64(len(w)))
	near := 0
	for _, v := range w {
		if math.Abs(v) <= limit {
			near++
		}
	}
	return float64(near) / float64(len(w))
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
