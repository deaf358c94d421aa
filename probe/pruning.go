package probe

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"basin/problem"
)

var pruningDoc = Doc{
	Name:    "pruning",
	Summary: "Accuracy after keeping only the largest weights, without further training.",
	Readings: []Reading{
		{Name: "pruned_accuracy", Formula: "accuracy with all but a share `keep` of the weights, the largest in size, set to zero", Null: "the share of the commonest class", Invariant: Permutation | Rescaling, Parts: "shares kept"},
		{Name: "pruned_area", Formula: "mean of that accuracy over ln(keep), from 1 to the least share, by trapezoids", Null: "the share of the commonest class", Invariant: Permutation | Rescaling, Headline: true},
	},
	Source: "the curve: Schwarz et al. 2021, Powerpropagation, arXiv 2110.00296",
	Needs:  "outputs and classes",
	Cost:   "one evaluation of `examples` examples per share, and a sort of the weights",
	Notes: []string{
		"Biases and gains are kept. With scope=global, which is not invariant under rescaling, sizes compete across blocks. Ties keep the first.",
		"The standard error of the area is over examples, whose results at all shares belong together.",
	},
}

type pruning struct {
	Keep     []float64 `arg:"keep" default:"[0.5, 0.2, 0.1, 0.05, 0.02]" valid:"(0,1)" help:"shares of the weights to keep"`
	Scope    string    `arg:"scope" default:"layer" choices:"layer|global" help:"whether each block keeps that share, or all together"`
	Last     float64   `arg:"last" default:"1" valid:"[1,inf)" help:"with scope=layer, the last block keeps this many times the share, 1 at most"`
	Set      string    `arg:"set" default:"test" help:"the set on which accuracy is measured"`
	Examples int       `arg:"examples" default:"2000" valid:"[0,inf)" help:"how many of its examples, 0 for all; a sequence counts as its predictions"`
}

func (s *pruning) Measure(p *Pass) error {
	f, err := Need(p, Subset{s.Set, s.Examples})
	if err != nil {
		return err
	}
	shares := append([]float64{1}, s.Keep...)
	slices.SortFunc(shares, func(a, b float64) int { return cmp.Compare(b, a) })
	shares = slices.Compact(shares)
	cut := s.cutter(p)
	x := make([]float64, len(p.X))
	var area []float64 // each example's share of the area
	span := math.Log(shares[0] / shares[len(shares)-1])
	for i, keep := range shares {
		copy(x, p.X)
		cut(x, keep)
		o, err := predict(f, x, s.Set)
		if err != nil {
			return err
		}
		right, err := o.right()
		if err != nil {
			return err
		}
		if i > 0 {
			share, stderr := proportion(right, o.Each)
			p.Estimate(part("pruned_accuracy", strconv.FormatFloat(keep, 'g', -1, 64)), share, stderr)
		}
		// The trapezoid weight of this share: half the way to each neighbour.
		weight := math.Log(shares[max(i-1, 0)]/shares[min(i+1, len(shares)-1)]) / 2 / span
		if area == nil {
			area = make([]float64, o.N/o.Each)
		}
		for e, share := range byExample(right, o.Each) {
			area[e] += float64(weight * share)
		}
	}
	mean, stderr := meanErr(area)
	p.Estimate("pruned_area", mean, stderr)
	return nil
}

// cutter gives the function that prunes a copy of the solution to a share.
func (s *pruning) cutter(p *Pass) func(x []float64, keep float64) {
	type group struct {
		spans [][2]int
		sizes []float64 // descending
		times float64
	}
	var all []*group
	blocks := weights(p.Layout)
	for i, b := range blocks {
		if i == 0 || s.Scope == "layer" {
			all = append(all, &group{times: 1})
		}
		g := all[len(all)-1]
		if s.Scope == "layer" && i == len(blocks)-1 {
			g.times = s.Last
		}
		g.spans = append(g.spans, [2]int{b.Off, b.Off + b.Len()})
		for _, v := range problem.View(p.X, b) {
			g.sizes = append(g.sizes, math.Abs(v))
		}
	}
	for _, g := range all {
		slices.SortFunc(g.sizes, func(a, b float64) int { return cmp.Compare(b, a) })
	}
	return func(x []float64, keep float64) {
		for _, g := range all {
			n := int(math.Round(min(1, g.times*keep) * float64(len(g.sizes))))
			if n == len(g.sizes) {
				continue
			}
			least := g.sizes[n] // the largest size that is not kept
			ties := 0           // of that size, how many are kept
			for n-ties > 0 && g.sizes[n-ties-1] == least {
				ties++
			}
			for _, span := range g.spans {
				for i := span[0]; i < span[1]; i++ {
					switch v := math.Abs(x[i]); {
					case v > least:
					case v == least && ties > 0:
						ties--
					default:
						x[i] = 0
					}
				}
			}
		}
	}
}
