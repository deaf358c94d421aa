package task

import (
	"fmt"

	"basin/problem"
)

var classIncrementalDoc = Doc{
	Name: "class_incremental", Group: streams, Example: "class_incremental(glyphs, groups=5)",
	Summary: "The classes of a task in groups, in order, one group after another.",
	Notes: append([]string{
		"Of C classes group k of G has those from C(k-1)/G to before Ck/G, rounded down. With head=multi the groups must be of one size: in each phase the loss is of the outputs of its group alone.",
	}, streamNotes...),
}

type classIncremental struct {
	over
	Groups int `arg:"groups" default:"5" valid:"[1,1000]" help:"groups of classes"`
	pace
}

func (c *classIncremental) phases() int { return c.Groups }

func (c *classIncremental) split(s *supervised) ([]part, error) {
	if s.loss != problem.SoftmaxCrossEntropy {
		return nil, fmt.Errorf("groups of classes are for softmax, and the loss is %v", s.loss)
	}
	classes := s.classes()
	if c.Groups > classes {
		return nil, fmt.Errorf("groups=%d is more than the %d classes there are", c.Groups, classes)
	}
	if c.multi() && classes%c.Groups != 0 {
		return nil, fmt.Errorf("head=multi takes groups of one size, and %d classes do not part into %d", classes, c.Groups)
	}
	var parts []part
	for g := range c.Groups {
		lo, hi := g*classes/c.Groups, (g+1)*classes/c.Groups
		p := part{train: s.train.ofClasses(lo, hi), val: s.val.ofClasses(lo, hi), test: s.test.ofClasses(lo, hi), mask: [2]int{lo, hi}}
		if p.train == nil || p.test == nil {
			return nil, fmt.Errorf("there are no examples of the classes %d to %d for training, or none for testing", lo, hi-1)
		}
		if c.multi() {
			p.head, p.width, p.mask = [2]int{g, c.Groups}, hi-lo, [2]int{}
			for _, e := range []*examples{p.train, p.val, p.test} {
				e.countFrom(lo)
			}
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// ofClasses are the examples of the classes lo to hi-1; nil where there are none.
func (e *examples) ofClasses(lo, hi int) *examples {
	if e == nil {
		return nil
	}
	var indices []int
	for i, y := range e.labels {
		if lo <= y && y < hi {
			indices = append(indices, i)
		}
	}
	if indices == nil {
		return nil
	}
	return e.pick(indices)
}

// countFrom numbers the classes from lo on.
func (e *examples) countFrom(lo int) {
	if e == nil {
		return
	}
	for i := range e.labels {
		e.labels[i] -= lo
	}
}
