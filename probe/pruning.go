package probe

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"strconv"

	"basin/problem"
)

var pruningDoc = Doc{
	Name:    "pruning",
	Family:  "weights",
	Summary: "Accuracy after keeping only the largest weights, without further training.",
	Readings: []Reading{
		{Name: "pruned_accuracy", Formula: "accuracy with all but a share `keep` of each block's weights, the largest in size, set to zero", Null: "the share of the commonest class", Invariant: Permutation | Rescaling, Parts: "shares kept"},
		{Name: "pruned_loss", Formula: "loss with these weights", Null: "that of weights that are all zero", Invariant: Permutation | Rescaling, Parts: "shares kept"},
		{Name: "pruned_area", Formula: "mean of pruned_accuracy over ln(keep), from 1 to the least share, by trapezoids", Null: "the share of the commonest class", Invariant: Permutation | Rescaling, Headline: true},
		{Name: "pruned_accuracy_global", Formula: "accuracy where the weights of all blocks compete in size", Null: "the share of the commonest class", Invariant: Permutation, Parts: "shares kept"},
		{Name: "pruned_loss_global", Formula: "loss with these weights", Null: "that of weights that are all zero", Invariant: Permutation, Parts: "shares kept"},
		{Name: "pruned_area_global", Formula: "mean of pruned_accuracy_global over ln(keep)", Null: "the share of the commonest class", Invariant: Permutation},
	},
	Source: "the curve: Schwarz et al. 2021, Powerpropagation, arXiv 2110.00296",
	Needs:  "weights; for accuracy, outputs and classes",
	Cost:   "two evaluations of `examples` examples per share, and two sorts of the weights",
	Notes: []string{
		"Biases and gains are kept. Ties keep the first.",
		"The standard error of the area is over examples, whose results at all shares belong together. 95 % intervals held the true value in 94 to 96 % of samples (docs/intervals.md).",
	},
}

type pruning struct {
	Keep     []float64 `arg:"keep" default:"[0.5, 0.2, 0.1, 0.05, 0.02]" valid:"(0,1)" help:"shares of the weights to keep"`
	Last     float64   `arg:"last" default:"1" valid:"[1,inf)" help:"block by block, the last one keeps this many times the share, 1 at most"`
	Set      string    `arg:"set" default:"test" help:"the set on which loss and accuracy are measured"`
	Examples int       `arg:"examples" default:"2000" valid:"[0,inf)" help:"how many of its examples, 0 for all; a sequence counts as its predictions"`
}

func (s *pruning) Measure(p *Pass) error {
	if len(s.Keep) == 0 {
		return errors.New("no share to keep is given")
	}
	f, err := Need(p, Subset{s.Set, s.Examples})
	if err != nil {
		return err
	}
	for _, global := range []bool{false, true} {
		if err := s.curve(p, f, global); err != nil {
			return err
		}
	}
	return nil
}

func (s *pruning) curve(p *Pass, f problem.Objective[float64], global bool) error {
	suffix := ""
	if global {
		suffix = "_global"
	}
	shares := append([]float64{1}, s.Keep...)
	slices.SortFunc(shares, func(a, b float64) int { return cmp.Compare(b, a) })
	shares = slices.Compact(shares)
	cut := s.cutter(p, global)
	x := make([]float64, len(p.X))
	var area []float64 // each example's share of the area
	var why error      // that there is none
	each := 1
	span := math.Log(shares[0] / shares[len(shares)-1])
	for i, keep := range shares {
		copy(x, p.X)
		cut(x, keep)
		v, err := judge(f, x, s.Set)
		if err != nil {
			return err
		}
		if i > 0 {
			of := strconv.FormatFloat(keep, 'g', -1, 64)
			p.Estimate(part("pruned_loss"+suffix, of), v.loss, v.lossErr)
			v.read(p, part("pruned_accuracy"+suffix, of))
		}
		if why = v.why; why != nil {
			continue
		}
		// The trapezoid weight of this share: half the way to each neighbour.
		weight := math.Log(shares[max(i-1, 0)]/shares[min(i+1, len(shares)-1)]) / 2 / span
		if area == nil {
			area = make([]float64, len(v.right)/v.each)
		}
		each = v.each
		for e, share := range byExample(v.right, each) {
			area[e] += float64(weight * share)
		}
	}
	if why != nil {
		p.None("pruned_area"+suffix, why.Error())
		return nil
	}
	mean, stderr := meanShare(area, each)
	p.Estimate("pruned_area"+suffix, mean, stderr)
	return nil
}

// cutter gives the function that prunes a copy of the solution to a share, of each
// block or of all together.
func (s *pruning) cutter(p *Pass, global bool) func(x []float64, keep float64) {
	type group struct {
		spans [][2]int
		sizes []float64 // descending
		times float64
	}
	var all []*group
	blocks := weights(p.Layout)
	for i, b := range blocks {
		if i == 0 || !global {
			all = append(all, &group{times: 1})
		}
		g := all[len(all)-1]
		if !global && i == len(blocks)-1 {
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
