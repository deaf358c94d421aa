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
		{Name: "distance", Formula: "|theta - theta_0|_2", Null: "0 at the start", Invariant: Permutation | Rotation, Parts: "blocks", Headline: true},
		{Name: "path_length", Formula: "sum_t |u_t|_2 over the T steps u_t = theta_t - theta_(t-1)", Null: "0 at the start", Invariant: Permutation | Rotation, Parts: "blocks"},
		{Name: "straightness", Formula: "distance / path_length", Null: "1 for a straight path, about 1/sqrt(T) for a random walk of T steps", Invariant: Permutation | Rotation, Parts: "blocks"},
		{Name: "step_mean", Formula: "path_length / T", Null: "step_last for steps of one length", Invariant: Permutation | Rotation, Parts: "blocks"},
		{Name: "step_mean_relative", Formula: "step_mean / |theta|_2", Null: "step_last_relative for steps of one length", Invariant: Permutation | Rotation, Parts: "blocks"},
		{Name: "step_last", Formula: "|u_T|_2", Null: "step_mean for steps of one length", Invariant: Permutation | Rotation, Parts: "blocks"},
		{Name: "step_last_relative", Formula: "|u_T|_2 / |theta|_2", Null: "step_mean_relative for steps of one length", Invariant: Permutation | Rotation, Parts: "blocks"},
		{Name: "start_coefficient", Formula: "a = <w, w_0> / |w_0|^2, for which |w - a w_0| is least; mean over blocks", Null: "1 without decay, prod_t (1 - lr_t decay) with decay alone", Invariant: Permutation | Rotation, Parts: "blocks"},
	},
	Needs: "the start; for the path, a record of training",
	Cost:  "none to speak of",
	Notes: []string{
		"A part is the reading of one block, as if the others stood still. Blocks of start_coefficient are weights without biases and gains.",
		"The path is that of the point that is trained. Where an optimizer answers with an average of such points, theta and distance are of the average.",
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
	path := lengths{p.Path, nil}
	if math.IsNaN(p.Path) {
		return errors.New("the length of the path was not recorded")
	}
	c := p.Course
	if c != nil {
		path.blocks = c.Path
	}
	one := func(length, _ float64) (float64, error) { return length, nil }
	path.read(p, "path_length", p.X, one)
	path.read(p, "straightness", d, func(length, distance float64) (float64, error) {
		if length == 0 {
			return 0, errors.New("no step was taken")
		}
		return distance / length, nil
	})
	switch {
	case c == nil:
		return errors.New("the steps were not recorded")
	case c.Last == nil:
		return errors.New("no step was taken")
	}
	relative := func(length, size float64) (float64, error) {
		if size == 0 {
			return 0, errors.New("the parameters are zero")
		}
		return length / size, nil
	}
	mean := path.over(float64(c.Steps))
	mean.read(p, "step_mean", p.X, one)
	mean.read(p, "step_mean_relative", p.X, relative)
	last := lengths{kernel.Norm2(c.Last), c.Last}
	last.read(p, "step_last", p.X, one)
	last.read(p, "step_last_relative", p.X, relative)
	return nil
}

// lengths are those of a vector and of its blocks' parts, nil where they are not known.
type lengths struct {
	whole  float64
	blocks []float64
}

// read takes the reading f of the whole, and of each block as a part, from a length and the
// length of x.
func (l lengths) read(p *Pass, name string, x []float64, f func(length, size float64) (float64, error)) {
	read := func(name string, length float64, x []float64) {
		if v, err := f(length, kernel.Norm2(x)); err != nil {
			p.None(name, err.Error())
		} else {
			p.Exact(name, v)
		}
	}
	read(name, l.whole, x)
	for i, b := range p.Layout.Blocks {
		if l.blocks == nil {
			p.None(part(name, b.Name), "the paths of blocks were not recorded")
		} else {
			read(part(name, b.Name), l.blocks[i], problem.View(x, b))
		}
	}
}

// over gives the lengths divided by n.
func (l lengths) over(n float64) lengths {
	mean := lengths{l.whole / n, nil}
	for _, v := range l.blocks {
		mean.blocks = append(mean.blocks, v/n)
	}
	return mean
}
