package probe

import (
	"errors"
	"math"

	"basin/kernel"
)

var distanceDoc = Doc{
	Name:    "distance",
	Summary: "How far training went from its start, and by how straight a path.",
	Readings: []Reading{
		{Name: "distance", Formula: "|theta - theta_0|_2", Invariant: Permutation, Parts: "blocks", Headline: true},
		{Name: "path_length", Formula: "sum_t |theta_t - theta_(t-1)|_2", Invariant: Permutation},
		{Name: "straightness", Formula: "distance / path_length", Null: "1 for a straight path, about 1/sqrt(T) for a random walk of T steps", Invariant: Permutation},
	},
	Needs: "the start; for the path, a record of training",
	Cost:  "none to speak of",
}

type distance struct{}

func (distance) Measure(p *Pass) error {
	d, err := Need(p, change{})
	if err != nil {
		return err
	}
	whole(p, "distance", d, kernel.Norm2[float64])
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
