package probe

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var normDoc = Doc{
	Name:    "norm",
	Family:  "weights",
	Summary: "Norms of the parameters, whole and by block.",
	Readings: []Reading{
		{Name: "norm", Formula: "(sum_i theta_i^2)^(1/2)", Null: untrained, Invariant: Permutation | Rotation, Parts: "blocks", Headline: true},
		{Name: "norm_l1", Formula: "sum_i |theta_i|", Null: untrained, Invariant: Permutation, Parts: "blocks"},
		{Name: "norm_linf", Formula: "max_i |theta_i|", Null: untrained, Invariant: Permutation, Parts: "blocks"},
		{Name: "norm_spectral", Formula: "s_1, the largest singular value of W; mean over matrices", Null: "about (sqrt m + sqrt n) sd for a Gaussian m x n matrix", Invariant: Permutation | Rotation, Parts: "blocks"},
		{Name: "norm_path", Formula: "(sum over paths of prod_l w_l^2)^(1/2), from each input and each bias to each output", Null: untrained, Invariant: Permutation | Rescaling},
		{Name: "norm_path_l1", Formula: "sum over paths of prod_l |w_l|", Null: untrained, Invariant: Permutation | Rescaling},
	},
	Source: "path norm: Neyshabur, Tomioka & Srebro 2015, arXiv 1503.00036; with biases: Jiang et al. 2020, arXiv 1912.02178",
	Needs:  "for path norms, a network of dense layers",
	Cost:   "singular values of every matrix (shared with rank)",
	Notes: []string{
		"The nuclear norm is in rank.",
		"A bias is the weight of an input that is one. Path norms leave the activation out of account.",
	},
}

type norm struct{}

func (norm) Measure(p *Pass) error {
	whole(p, "norm", p.X, kernel.Norm2[float64])
	whole(p, "norm_l1", p.X, l1)
	whole(p, "norm_linf", p.X, kernel.AbsMax[float64])
	perBlock(p, "norm_spectral", matrices(p.Layout), func(b problem.Block) (float64, error) {
		a, err := Need(p, weightSpectrum{b.Name, solution})
		if err != nil {
			return 0, err
		}
		return a.s[0], nil
	})
	layers, err := denseLayers(p.Layout)
	if err != nil {
		return err
	}
	p.Exact("norm_path", math.Sqrt(paths(p.X, layers, func(w float64) float64 { return w * w })))
	p.Exact("norm_path_l1", paths(p.X, layers, math.Abs))
	return nil
}

// paths is the sum over all paths of the product of their weights' sizes: the sum of
// the outputs for inputs of one, with each parameter replaced by its size.
func paths(x []float64, layers []dense, size func(float64) float64) float64 {
	h := make([]float64, layers[0].weight.Shape[1])
	for i := range h {
		h[i] = 1
	}
	for _, l := range layers {
		w, next := problem.View(x, l.weight), make([]float64, l.weight.Shape[0])
		for i := range next {
			if l.bias != nil {
				next[i] = size(problem.View(x, *l.bias)[i])
			}
			for j, v := range h {
				next[i] += float64(size(w[i*len(h)+j]) * v)
			}
		}
		h = next
	}
	return kernel.Sum(h)
}

// whole reads f of a vector as name, and of each block's part as name/block.
func whole(p *Pass, name string, x []float64, f func([]float64) float64) {
	p.Exact(name, f(x))
	for _, b := range p.Layout.Blocks {
		p.Exact(part(name, b.Name), f(problem.View(x, b)))
	}
}

func l1(x []float64) float64 {
	s := 0.
	for _, v := range x {
		s += math.Abs(v)
	}
	return s
}
