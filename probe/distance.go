package probe

import (
	"errors"
	"math"

	"basin/kernel"
	"basin/problem"
)

var distanceDoc = Doc{
	Name:    "distance",
	Family:  "path",
	Summary: "How far training went from its start, and by how straight a path.",
	Readings: []Reading{
		{Name: "distance", Formula: "|theta - theta_0|_2", Invariant: Permutation | Rotation, Parts: "blocks", Headline: true},
		{Name: "path_length", Formula: "sum_t |theta_t - theta_(t-1)|_2", Invariant: Permutation | Rotation},
		{Name: "straightness", Formula: "distance / path_length", Null: "1 for a straight path, about 1/sqrt(T) for a random walk of T steps", Invariant: Permutation | Rotation},
		{Name: "start_coefficient", Formula: "a = <w, w_0> / |w_0|^2, for which |w - a w_0| is least; mean over blocks", Null: "1 without decay, prod_t (1 - lr_t decay) with decay alone", Invariant: Permutation | Rotation, Parts: "blocks"},
	},
	Needs: "the start; for the path, a record of training",
	Cost:  "none to speak of",
	Notes: []string{
		"Blocks of start_coefficient are weights without biases and gains.",
	},
}

type distance struct{}

func (distance) Measure(p *Pass) error {
	d, err := Need(p, change{})
	if err != nil {
		return err
	}
	whole(p, "distance", d, kernel.Norm2[float64])
	perBlock(p, "start_coefficient", weights(p.Layout), func(b problem.Block) (float64, error) {
		a, ok := startCoefficient(p, b)
		if !ok {
			return 0, errors.New("the start is zero")
		}
		return a, nil
	})
	if math.IsNaN(p.Path) {
		return errors.New("the length of the path was not recorded")
	}
	p.Exact("path_length", p.Path)
	if p.Path == 0 {
		return errors.New("no step was taken")
	}
	p.Exact("straightness", kernel.Norm2(d)/p.Path)
	return nil
}
