package probe

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"basin/kernel"
	"basin/problem"
)

var adversarialDoc = Doc{
	Name:    "adversarial",
	Family:  "function",
	Summary: "Accuracy on inputs that are moved a little, so as to raise the loss.",
	Readings: []Reading{
		{Name: "fgsm_accuracy", Formula: "accuracy at x + eps sign(g), or x + eps g / |g|_2, g the gradient of the example's loss in x", Null: "accuracy on the inputs as they are", Invariant: Permutation | Rescaling | Rotation, Parts: "norm_eps"},
		{Name: "pgd_accuracy", Formula: "share of examples that are right at x and at each of `steps` points x <- P(x + a sign(g)), or P(x + a g / |g|_2), with a = 2.5 eps / steps and P the projection onto the ball of radius eps about x", Null: "accuracy on the inputs as they are", Invariant: Permutation | Rescaling | Rotation, Parts: "norm_eps"},
		{Name: "adversarial_accuracy", Formula: "mean of pgd_accuracy over all eps of both norms", Null: "accuracy on the inputs as they are", Invariant: Permutation | Rescaling | Rotation, Headline: true},
	},
	Source: "fgsm: Goodfellow, Shlens & Szegedy 2015, arXiv 1412.6572; pgd: Madry et al. 2018, arXiv 1706.06083",
	Needs:  "gradients in inputs that are numbers; outputs and classes",
	Cost:   "`steps` + 2 gradients of `examples` examples for each eps",
	Notes: []string{
		"eps is in units of the standard deviation of all numbers among 2,000 training inputs, as the network sees them; that of l2 is the length of the whole change. Inputs are not held to the range of a picture's values, which the problem does not tell.",
		"Any attack gives an upper bound of the accuracy under the worst change. Where confidence has flattened the loss its gradient may vanish, and the bound is loose: a warning says at how many inputs it is zero. pgd starts at x, without a random restart.",
		"The standard error is binomial over examples, as for `accuracy`; that of the mean is over examples. 95 % intervals held the true value in 94 to 95 % of samples (docs/intervals.md).",
	},
}

type adversarial struct {
	Linf     []float64 `arg:"linf" default:"[0.05, 0.1, 0.2]" valid:"(0,inf)" help:"largest changes of any number, in standard deviations of the inputs"`
	L2       []float64 `arg:"l2" default:"[0.5, 1, 2]" valid:"(0,inf)" help:"largest lengths of the change, in the same unit"`
	Steps    int       `arg:"steps" default:"10" valid:"[1,inf)" help:"of pgd"`
	Set      string    `arg:"set" default:"test" help:"the set whose inputs are moved"`
	Examples int       `arg:"examples" default:"500" valid:"[0,inf)" help:"how many of its examples, 0 for all"`
}

func (s *adversarial) Measure(p *Pass) error {
	in, err := Need(p, Inputs{s.Set, s.Examples})
	if err != nil {
		return err
	}
	unit, err := Need(p, inputScale{})
	if err != nil {
		return err
	}
	clean, err := Need(p, Outputs{s.Set, s.Examples})
	if err != nil {
		return err
	}
	right, err := clean.right()
	if err != nil {
		return err
	}
	grads, err := Need(p, inputGrads{s.Set, s.Examples})
	if err != nil {
		return err
	}
	warnings, budgets := masked(grads, in), 0.
	var mean []float64
	for _, ball := range []struct {
		norm string
		ball ball
		eps  []float64
	}{{"linf", linfBall{}, s.Linf}, {"l2", l2Ball{}, s.L2}} {
		for _, eps := range unique(ball.eps) {
			a := attack{p, in, ball.ball, eps * unit.sd, s.Set}
			name := ball.norm + "_" + strconv.FormatFloat(eps, 'g', -1, 64)
			once, err := a.step(in.X, grads, a.eps)
			if err != nil {
				return err
			}
			share, stderr := proportion(once.right, clean.Each)
			p.Estimate(part("fgsm_accuracy", name), share, stderr, warnings...)
			held, err := a.ascend(grads, right, s.Steps)
			if err != nil {
				return err
			}
			share, stderr = proportion(held, clean.Each)
			p.Estimate(part("pgd_accuracy", name), share, stderr, warnings...)
			mean = added(mean, byExample(held, clean.Each), 1)
			budgets++
		}
	}
	if budgets == 0 {
		return errors.New("no eps is given")
	}
	kernel.Scale(mean, 1/budgets)
	accuracy, stderr := meanShare(mean, clean.Each)
	p.Estimate("adversarial_accuracy", accuracy, stderr, warnings...)
	return nil
}

// masked warns where too many gradients say nothing.
func masked(grads []float64, in *InputSet) []string {
	zero := 0
	for i := range in.N {
		if kernel.AbsMax(grads[i*in.Size:(i+1)*in.Size]) == 0 {
			zero++
		}
	}
	if zero*100 <= in.N {
		return nil
	}
	return []string{fmt.Sprintf("the gradient of the loss is zero at %d of %d inputs, which are not moved at first", zero, in.N)}
}

// inputGrads is the quantity of the gradients of a Subset's losses in their inputs.
type inputGrads Subset

// Compute implements a quantity for Need.
func (q inputGrads) Compute(p *Pass) ([]float64, error) {
	f, err := Need(p, Subset(q))
	if err != nil {
		return nil, err
	}
	return gradsIn(f, p.X)
}

// gradsIn gives the gradient of each example's loss in its input.
func gradsIn(f problem.Objective[float64], x []float64) ([]float64, error) {
	a, ok := problem.As[problem.InputGrader[float64]](f)
	if !ok || a.InputSize() == 0 {
		return nil, errors.New("the loss has no gradient in the inputs")
	}
	n, _ := examples(f)
	g := make([]float64, n*a.InputSize())
	a.InputGrads(g, x)
	if !kernel.Finite(g) {
		return nil, errors.New("some gradients in the inputs are not finite")
	}
	return g, nil
}

// A ball is the unit ball of a norm.
type ball interface {
	// steepest makes d the direction of unit size along which g rises most, zero for g = 0.
	steepest(d, g []float64)
	// project brings d into the ball of radius eps.
	project(d []float64, eps float64)
}

type linfBall struct{}

func (linfBall) steepest(d, g []float64) { kernel.Sign(d, g) }

func (linfBall) project(d []float64, eps float64) {
	for i, v := range d {
		d[i] = min(max(v, -eps), eps)
	}
}

type l2Ball struct{}

func (l2Ball) steepest(d, g []float64) {
	copy(d, g)
	if top := kernel.AbsMax(d); top > 0 {
		kernel.Scale(d, 1/top) // so that squares do not vanish
		kernel.Scale(d, 1/kernel.Norm2(d))
	}
}

func (l2Ball) project(d []float64, eps float64) {
	if size := kernel.Norm2(d); size > eps {
		kernel.Scale(d, eps/size)
	}
}

// An attack moves inputs within balls of radius eps.
type attack struct {
	p    *Pass
	in   *InputSet
	ball ball
	eps  float64
	set  string
}

// A move is where inputs were moved to, and what is right there.
type move struct {
	x     []float64
	f     problem.Objective[float64]
	right []float64
}

// step moves inputs from x some way along their gradients g, no further than the balls reach.
func (a *attack) step(x, g []float64, by float64) (move, error) {
	m := move{x: make([]float64, len(x))}
	size := a.in.Size
	d := make([]float64, size)
	for i := range a.in.N {
		to, own := m.x[i*size:(i+1)*size], a.in.Row(i)
		a.ball.steepest(d, g[i*size:(i+1)*size])
		kernel.Scale(d, by)
		kernel.Axpy(d, 1, x[i*size:(i+1)*size])
		kernel.Axpy(d, -1, own)
		a.ball.project(d, a.eps)
		kernel.Add(to, own, d)
	}
	m.f = a.in.With(m.x)
	o, err := predict(m.f, a.p.X, a.set)
	if err != nil {
		return m, err
	}
	m.right, err = o.right()
	return m, err
}

// ascend tells which predictions are right at all points of projected gradient
// ascent, given those that are right, and the gradients, at its start.
func (a *attack) ascend(g, right []float64, steps int) (held []float64, err error) {
	held = append(held, right...)
	m := move{x: a.in.X}
	for t := range steps {
		if t > 0 {
			if g, err = gradsIn(m.f, a.p.X); err != nil {
				return nil, err
			}
		}
		if m, err = a.step(m.x, g, 2.5*a.eps/float64(steps)); err != nil {
			return nil, err
		}
		for i, r := range m.right {
			held[i] = math.Min(held[i], r)
		}
	}
	return held, nil
}
