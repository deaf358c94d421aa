package probe

import (
	"errors"
	"fmt"
	"math"

	"basin/kernel"
	"basin/problem"
)

type barrier struct {
	Points   int    `arg:"points" default:"11" valid:"[1,inf)" help:"points between the two solutions, evenly spaced"`
	Set      string `arg:"set" default:"train" help:"the set on which losses are measured"`
	Examples int    `arg:"examples" default:"2048" valid:"[0,inf)" help:"how many of its examples, 0 for all; a sequence counts as its predictions"`
	Attempts int    `arg:"attempts" default:"3" valid:"[1,inf)" help:"how often units are matched, each time taking the layers in another order; the nearest counts"`
}

// An end is a solution at an end of a line.
type end struct {
	x      []float64
	layout *problem.Layout
	units  []problem.UnitGroup // nil where there are none that can be renumbered
	seed   uint64
	sight
}

func (e *end) Bytes() int { return 8 * (len(e.x) + len(e.each) + len(e.right)) }

// A sight is what there is to see at one point.
type sight struct {
	loss  float64
	each  []float64 // losses of examples or of groups of them; nil where there are none
	right []float64 // of each example, the share of its predictions that are right
	none  error     // why right is nil
}

// Sketch takes a solution with its losses.
func (s *barrier) Sketch(p *Pass) (*end, error) {
	at, err := s.look(p)
	if err != nil {
		return nil, err
	}
	e := &end{x: p.X, layout: p.Layout, seed: p.Seed, sight: at}
	if a, ok := problem.As[problem.Symmetric](p.Sets[s.Set]); ok {
		e.units = a.Units()
	}
	return e, nil
}

// look is what there is at the point of a pass.
func (s *barrier) look(p *Pass) (at sight, err error) {
	f, err := Need(p, Subset{s.Set, s.Examples})
	if err != nil {
		return at, err
	}
	at.none = errors.New("the problem has no outputs per example")
	if n, _ := examples(f); n == 0 {
		at.loss = f.Loss(p.X)
	} else {
		o, err := predict(f, p.X, s.Set)
		if err != nil {
			return at, err
		}
		if at.right, at.none = o.right(); at.none == nil {
			at.right = byExample(at.right, o.Each)
		}
		if each := o.losses(); each != nil {
			at.each = byExample(each, o.Each)
			at.loss = kernel.Sum(at.each) / float64(len(at.each))
		} else {
			at.loss, at.each = f.Loss(p.X), groupLosses(p, s.Set, f, p.X)
		}
	}
	if !kernel.Finite([]float64{at.loss}) {
		return at, errors.New("the loss is not finite")
	}
	return at, nil
}

// A ridge is what lies on the straight line (1-alpha) a + alpha b: how far the loss rises
// above the line through those of the ends, and how far the accuracy falls below it.
type ridge struct {
	height, heightErr float64
	at                float64 // the smaller of alpha and 1-alpha where it is highest
	fall, fallErr     float64
}

// cross looks at the points between, with the pass that at gives for each.
func (s *barrier) cross(at func(x []float64) *Pass, a, b *end) (*ridge, error) {
	r := &ridge{height: math.Inf(-1), fall: math.Inf(-1)}
	x := make([]float64, len(a.x))
	for k := 1; k <= s.Points; k++ {
		alpha := float64(k) / float64(s.Points+1)
		beta := float64(s.Points+1-k) / float64(s.Points+1)
		for i := range x {
			x[i] = float64(beta*a.x[i]) + float64(alpha*b.x[i])
		}
		between, err := s.look(at(x))
		if err != nil {
			return nil, fmt.Errorf("at alpha = %.3g: %w", alpha, err)
		}
		over := func(from, to, at []float64) (mean, stderr float64) {
			d := make([]float64, len(at))
			for i := range d {
				d[i] = at[i] - (beta*from[i] + alpha*to[i])
			}
			return meanErr(d)
		}
		if h := between.loss - (beta*a.loss + alpha*b.loss); h > r.height {
			r.height, r.heightErr, r.at = h, math.NaN(), min(alpha, beta)
			if between.each != nil {
				_, r.heightErr = over(a.each, b.each, between.each)
			}
		}
		if a.none == nil {
			if rise, stderr := over(a.right, b.right, between.right); -rise > r.fall {
				r.fall, r.fallErr = -rise, stderr
			}
		}
	}
	return r, nil
}

// matched gives b with its units renumbered to those of a.
func (s *barrier) matched(a, b *end) (*end, error) {
	if len(a.units) == 0 {
		return nil, errors.New("the model has no hidden units that can be renumbered")
	}
	m := matcher{layout: a.layout, groups: a.units, seed: a.seed}
	x, err := m.match(a.x, b.x, s.Attempts)
	if err != nil {
		return nil, fmt.Errorf("the products of weights: %w", err)
	}
	renumbered := *b
	renumbered.x = x
	return &renumbered, nil
}
