package probe

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var normDoc = Doc{
	Name:    "norm",
	Summary: "Norms of the parameters, whole and by block.",
	Readings: []Reading{
		{Name: "norm", Formula: "(sum_i theta_i^2)^(1/2)", Invariant: Permutation, Parts: "blocks", Headline: true},
		{Name: "norm_l1", Formula: "sum_i |theta_i|", Invariant: Permutation, Parts: "blocks"},
		{Name: "norm_linf", Formula: "max_i |theta_i|", Invariant: Permutation, Parts: "blocks"},
	},
	Needs: "nothing",
	Cost:  "none to speak of",
}

type norm struct{}

func (norm) Measure(p *Pass) error {
	whole(p, "norm", p.X, kernel.Norm2[float64])
	whole(p, "norm_l1", p.X, l1)
	whole(p, "norm_linf", p.X, kernel.AbsMax[float64])
	return nil
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
