package probe

import (
	"errors"
	"math"

	"basin/kernel"
	"basin/problem"
)

var balanceDoc = Doc{
	Name:    "balance",
	Family:  "weights",
	Summary: "How much consecutive layers differ in what they share: gradient flow keeps the difference.",
	Readings: []Reading{
		{Name: "imbalance", Formula: "|B - A|_F / (|B|_F + |A|_F), A = W_l W_l', B = W_(l+1)' W_(l+1); mean over pairs of layers", Null: "0 from a small start in deep linear networks under gradient flow", Invariant: Permutation | Rotation, Parts: "blocks, each with the one before", Headline: true},
		{Name: "imbalance_units", Formula: "sum_k |B_kk - A_kk| / sum_k (B_kk + A_kk)", Null: "0 from a small start in ReLU networks without biases under gradient flow", Invariant: Permutation, Parts: "blocks, each with the one before"},
		{Name: "imbalance_norm", Formula: "|B - A|_F", Null: "that of the start, in deep linear networks under gradient flow", Invariant: Permutation | Rotation, Parts: "blocks, each with the one before"},
	},
	Source: "Arora, Cohen & Hazan 2018, arXiv 1802.06509; Du, Hu & Lee 2018, arXiv 1806.00900",
	Needs:  "a network of dense layers, two or more",
	Cost:   "two products of matrices for each pair of layers",
	Notes: []string{
		"Biases are left out. A_kk and B_kk are the squared norms of the weights into and out of unit k.",
	},
}

type balance struct{}

func (balance) Measure(p *Pass) error {
	next, before, err := pairs(p.Layout)
	if err != nil {
		return err
	}
	for _, s := range []struct {
		name string
		of   func(a, b []float64, n int) float64
	}{{"imbalance", imbalance}, {"imbalance_units", imbalanceOfUnits}, {"imbalance_norm", unbalance}} {
		perBlock(p, s.name, next, func(b problem.Block) (float64, error) {
			in, out := before[b.Name], b
			n := out.Shape[1]
			inner, outer := make([]float64, n*n), make([]float64, n*n)
			var room kernel.Scratch[float64]
			kernel.Gram(&room, inner, n, problem.View(p.X, in), in.Shape[1], 1, n, in.Shape[1], false)
			kernel.Gram(&room, outer, n, problem.View(p.X, out), 1, n, n, out.Shape[0], false)
			kernel.Mirror(inner, n, n)
			kernel.Mirror(outer, n, n)
			switch {
			case !kernel.Finite(inner) || !kernel.Finite(outer):
				return 0, errors.New("the squares of the weights are not finite")
			case kernel.AbsMax(inner) == 0 && kernel.AbsMax(outer) == 0:
				return 0, errZero
			}
			return s.of(inner, outer, n), nil
		})
	}
	return nil
}

func unbalance(a, b []float64, _ int) float64 {
	d := append([]float64(nil), b...)
	kernel.Axpy(d, -1, a)
	return kernel.Norm2(d)
}

func imbalance(a, b []float64, n int) float64 {
	return unbalance(a, b, n) / (kernel.Norm2(a) + kernel.Norm2(b))
}

func imbalanceOfUnits(a, b []float64, n int) float64 {
	apart, total := 0., 0.
	for k := range n {
		apart += math.Abs(b[k*n+k] - a[k*n+k])
		total += b[k*n+k] + a[k*n+k]
	}
	return apart / total
}
