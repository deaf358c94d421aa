package probe

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"basin/kernel"
	"basin/problem"
)

var barrierDoc = Doc{
	Name:    "barrier",
	Family:  between,
	Summary: "How far the loss rises on the straight line between two solutions, as they are and with the hidden units of one renumbered to match the other's.",
	Pairs:   Kin,
	Readings: []Reading{
		{Name: "barrier", Formula: "max over alpha of L((1 - alpha) A + alpha B) - (1 - alpha) L(A) - alpha L(B), no less than 0", Null: "0 where the loss is convex between them: both are in one basin", Headline: true},
		{Name: "barrier_at", Formula: "min(alpha, 1 - alpha) where that is largest: the part of the way from the nearer solution", Null: "0.5 for two that are alike"},
		{Name: "barrier_accuracy", Formula: "max over alpha of (1 - alpha) a(A) + alpha a(B) - a((1 - alpha) A + alpha B) of the accuracies a, no less than 0", Null: "0"},
		{Name: "barrier_matched", Formula: "barrier of A and P B, P the permutation of hidden units found for which |A - P B| is least", Null: "0 where they are one basin but for the numbering of units", Headline: true},
		{Name: "barrier_matched_at", Formula: "barrier_at of A and P B", Null: "0.5 for two that are alike"},
		{Name: "barrier_matched_accuracy", Formula: "barrier_accuracy of A and P B", Null: "0"},
		{Name: "barrier_matched_distance", Formula: "|A - P B|_2, which is separation for |A - B|_2", Null: "0 for the same function with other numbers for its units"},
	},
	Source: "barrier: Frankle, Dziugaite, Roy & Carbin 2020, arXiv 1912.05671; Entezari, Sedghi, Saukh & Neyshabur 2022, arXiv 2110.06296; matching: Ainsworth, Hayase & Srinivasa 2023, Git Re-Basin, arXiv 2209.04836, algorithm 1",
	Needs:  "nothing; hidden units for what is matched, classes for accuracies",
	Cost:   "`points` evaluations of `examples` examples for each pair, as many again where matching renumbers anything, and one for each solution; with batch normalisation as many of its statistics; for matching, an assignment problem of the order of n^3 for each group of n units, some five times in each of the `attempts`",
	Notes: []string{
		"The largest is taken on a grid of `points` inner points, so that with 11 of them a barrier of the shape of a parabola is missed by less than a hundredth of itself. Means and variances of batch normalisation are computed anew at every point: without that the barrier is of the statistics (Jordan et al. 2023, arXiv 2211.08403).",
		"The standard error is over examples, of each one's own difference at the point that is highest; for squared loss it comes from up to 32 groups of them. It covers neither the choice of that point nor the matching nor other seeds. Where the loss is nowhere above the line it is that of the inner point nearest to it.",
		"Which units may be renumbered follows from the network's graph: those of dense layers and channels, in networks with residuals those of the whole stream together, in attention whole heads and the numbers within them, and with group normalisation groups and what is within them. Biases and gains are matched with their units.",
		"Matching is a descent that ends where no layer alone can be improved, each time from the numbering there is. So barrier_matched is an upper bound of the least that any renumbering has, and can exceed barrier; other ends, as near, have been seen with barriers 0.6 to 1.7 times as high (mlp(128, 128) on 4,000 examples of MNIST). Renumbered solutions may be matched otherwise.",
		"Whether two solutions are in one basin depends on the start and on how long it is shared more than on the optimizer (Frankle et al. 2020); compare pairs of one seed with pairs of one optimizer.",
	},
}

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
	eps    float64
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
	e := &end{x: p.X, layout: p.Layout, seed: p.Seed, eps: p.Eps, sight: at}
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
			at.loss, at.each = f.Loss(p.X), groupLosses(p, f, s.Set, p.X)
		}
	}
	if !kernel.Finite([]float64{at.loss}) {
		return at, errors.New("the loss is not finite")
	}
	return at, nil
}

// Between takes the readings of two solutions as they are, and matched.
func (s *barrier) Between(p *Pair, a, b *end) error {
	r, err := s.cross(p.At, a, b)
	r.read(p, "barrier", a, b, err)
	m, none := s.matched(a, b)
	if none != nil {
		return none
	}
	if !slices.Equal(m.x, b.x) {
		r, err = s.cross(p.At, a, m)
	}
	r.read(p, "barrier_matched", a, m, err)
	if d := distanceOf(a.x, m.x); kernel.Finite([]float64{d}) {
		p.Exact("barrier_matched_distance", d)
		return nil
	}
	return errors.New("the distance is not finite")
}

// read takes the readings of the line from a to b, or says why there are none.
func (r *ridge) read(p *Pair, name string, a, b *end, err error) {
	if err != nil {
		for _, of := range []string{"", "_at", "_accuracy"} {
			p.None(name+of, err.Error())
		}
		return
	}
	p.Estimate(name, max(r.height, 0), r.heightErr)
	if rounding := 4 * a.eps * max(math.Abs(a.loss), math.Abs(b.loss)); r.height > rounding {
		p.Exact(name+"_at", r.at)
	} else {
		p.None(name+"_at", "the loss is nowhere above the line")
	}
	if a.none != nil {
		p.None(name+"_accuracy", a.none.Error())
	} else {
		p.Estimate(name+"_accuracy", max(r.fall, 0), r.fallErr)
	}
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
		return nil, errors.New("products of the weights of the two are not finite")
	}
	renumbered := *b
	renumbered.x = x
	return &renumbered, nil
}
