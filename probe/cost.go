package probe

import "errors"

var costDoc = Doc{
	Name:    "cost",
	Family:  "path",
	Summary: "What training spent on its way to the solution.",
	Readings: []Reading{
		{Name: "cost_steps", Formula: "steps of the optimizer", Null: "0 at the start", Invariant: Permutation | Rescaling | Rotation},
		{Name: "cost_gradients", Formula: "gradients + losses / 3 + 2 products with curvature matrices, each of a batch", Unit: "gradients", Null: "cost_steps for rules of one gradient a step", Invariant: Permutation | Rescaling | Rotation, Headline: true},
		{Name: "cost_flops", Formula: "floating-point operations of all these and of the update rule itself", Null: "0 at the start", Invariant: Permutation | Rescaling | Rotation, Headline: true},
	},
	Needs: "a record of training",
	Cost:  "none",
	Notes: []string{
		"Nothing of it depends on a clock: the seconds to each point are in timings.json.",
		"The cost of a solution at train_loss=V is what it took to come to that loss. At other points it is the same for all seeds, as a rule.",
		"Checks of the matching loss and probes are not counted.",
	},
}

type cost struct{}

func (cost) Measure(p *Pass) error {
	c := p.Course
	if c == nil {
		return errors.New("what was spent was not recorded")
	}
	p.Exact("cost_steps", float64(c.Steps))
	p.Exact("cost_gradients", c.Cost.GradEquivalents())
	p.Exact("cost_flops", c.Cost.Flops)
	return nil
}
