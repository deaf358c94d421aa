package task

import "fmt"

var rotatedDoc = Doc{
	Name: "rotated", Group: streams, Example: "rotated(glyphs, tasks=5, degrees=20)",
	Summary: "A task of pictures, turned further each time.",
	Notes: append([]string{
		"Task k is turned counterclockwise by (k-1) times degrees about the middle, by bilinear interpolation; what comes in from outside is as at the border (Lopez-Paz and Ranzato 2017, arXiv 1706.08840, with angles at random).",
	}, streamNotes...),
}

type rotated struct {
	over
	Tasks   int     `arg:"tasks" default:"5" valid:"[1,1000]" help:"how many angles"`
	Degrees float64 `arg:"degrees" default:"20" valid:"[-360,360]" help:"from one angle to the next"`
	pace
}

func (r *rotated) phases() int { return r.Tasks }

func (r *rotated) split(s *supervised) ([]part, error) {
	shape := s.net.Input().Shape
	if s.train.x == nil || len(shape) != 3 {
		return nil, fmt.Errorf("only pictures can be turned, and the inputs are %v", s.net.Input())
	}
	warps := make([]*warp, r.Tasks)
	for k := range warps {
		if k > 0 {
			warps[k] = rotation(shape[0], shape[1], shape[2], float64(k)*r.Degrees)
		}
	}
	return r.warped(s, warps), nil
}
