package task

import "fmt"

var permutedDoc = Doc{
	Name: "permuted", Group: streams, Example: "permuted(glyphs, tasks=5)",
	Summary: "A task with its inputs in another random order each time.",
	Notes: append([]string{
		"The orders follow from data_seed, and so are the same for all seeds and optimizers. None leaves the inputs as they are; with identity=true the first task is that of base itself. Of pictures all numbers are permuted, over pixels and channels (Kirkpatrick et al. 2017, arXiv 1612.00796).",
	}, streamNotes...),
}

type permuted struct {
	over
	Tasks    int  `arg:"tasks" default:"5" valid:"[1,1000]" help:"how many orders"`
	Identity bool `arg:"identity" default:"false" help:"leave the inputs of the first task as they are"`
	pace
	DataSeed int `arg:"data_seed" default:"0" valid:"[0,inf)" help:"seed of the orders"`
}

func (p *permuted) phases() int { return p.Tasks }

func (p *permuted) split(s *supervised) ([]part, error) {
	if s.train.x == nil || s.train.in < 2 {
		return nil, fmt.Errorf("there is nothing to permute: the inputs are %v", s.net.Input())
	}
	warps := make([]*warp, p.Tasks)
	for k := range warps {
		if k > 0 || !p.Identity {
			warps[k] = permutation(s.train.in, uint64(p.DataSeed), k)
		}
	}
	return p.warped(s, warps), nil
}

// warped makes tasks that differ in how they see the examples.
func (p *pace) warped(s *supervised, warps []*warp) []part {
	var parts []part
	for k, w := range warps {
		t := part{train: s.train, val: s.val.warped(w), test: s.test.warped(w), warp: w}
		p.heads(&t, k, len(warps), s.classes())
		parts = append(parts, t)
	}
	return parts
}
