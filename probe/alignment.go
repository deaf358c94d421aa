package probe

import (
	"errors"
	"math"

	"basin/problem"
)

var alignmentDoc = Doc{
	Name:    "alignment",
	Family:  "weights",
	Summary: "Whether what a layer gives most weight to is what the next one looks at most.",
	Readings: []Reading{
		{Name: "alignment", Formula: "|v_1(W_(l+1))' u_1(W_l)|, v_1 and u_1 the right and left singular vectors of the largest singular value; mean over pairs of layers", Null: "about (2 / (pi n))^(1/2) for random directions of n units", Invariant: Permutation | Rescaling | Rotation, Parts: "blocks, each with the one before", Headline: true},
		{Name: "alignment_delta", Formula: "the same of the changes W - W_0", Null: "about (2 / (pi n))^(1/2)", Invariant: Permutation | Rotation, Parts: "blocks, each with the one before"},
	},
	Source: "Ji & Telgarsky 2019, arXiv 1810.02032: it goes to 1 in deep linear networks on separable data",
	Needs:  "a network of dense layers, two or more",
	Cost:   "singular vectors of every matrix, twice (shared with lowrank)",
	Notes: []string{
		"The activation between the layers is left out of account, as are biases. Where the largest singular value is not single the direction is not defined.",
	},
}

type alignment struct{}

func (alignment) Measure(p *Pass) error {
	next, before, err := pairs(p.Layout)
	if err != nil {
		return err
	}
	for _, s := range []struct {
		name string
		kind matrixKind
	}{{"alignment", solution}, {"alignment_delta", moved}} {
		perBlock(p, s.name, next, func(b problem.Block) (float64, error) {
			a, err := leading(p, weightVectors{before[b.Name].Name, s.kind})
			if err != nil {
				return 0, err
			}
			c, err := leading(p, weightVectors{b.Name, s.kind})
			if err != nil {
				return 0, err
			}
			dot := 0.
			for i, v := range c.vt[:c.n] {
				dot += v * a.u[i*len(a.s)]
			}
			return min(math.Abs(dot), 1), nil
		})
	}
	return nil
}

// pairs gives the weights of all dense layers but the first, and of each, by name,
// that of the layer before.
func pairs(l *problem.Layout) (next []problem.Block, before map[string]problem.Block, err error) {
	layers, err := denseLayers(l)
	if err != nil {
		return nil, nil, err
	}
	if len(layers) < 2 {
		return nil, nil, errors.New("the model has a single layer")
	}
	before = map[string]problem.Block{}
	for i, layer := range layers[1:] {
		next = append(next, layer.weight)
		before[layer.weight.Name] = layers[i].weight
	}
	return next, before, nil
}

// leading is a decomposition with a single largest singular value.
func leading(p *Pass, q weightVectors) (decomposition, error) {
	a, err := Need(p, q)
	switch {
	case err != nil:
		return a, err
	case a.s[0] == 0:
		return a, errZero
	case len(a.s) > 1 && a.s[0]-a.s[1] <= float64(max(a.m, a.n))*p.Eps*a.s[0]:
		return a, errors.New("the largest singular value is not single")
	}
	return a, nil
}
