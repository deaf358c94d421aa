package optim

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// schedules are what an argument such as lr may be besides a number: one row for each,
// whose settings, which follow below in the same order, know the value at a step.
//
// Unless its equations say otherwise a schedule rises in a straight line as peak*t/w
// until step w = max(warmup, 1). From there p = (t-w)/(steps+1-w) runs from 0 towards 1,
// which it would reach one step after the last, and stays at 1 after it.
var schedules = []struct {
	Doc
	settings func() curve
}{
	{Doc{
		Name: "constant", Summary: "The same value at every step after the warm-up.",
		Equations: "peak * min(1, t/warmup)",
		Example:   "sgd(lr=constant(0.1, warmup=100))",
	}, func() curve { return new(constantCurve) }},
	{Doc{
		Name: "linear", Summary: "A fall in a straight line after the warm-up.",
		Equations: risen + "peak + (floor-peak)*p",
		Example:   "sgd(lr=linear(0.1, floor=0.01))",
	}, func() curve { return new(linearCurve) }},
	{Doc{
		Name: "cosine", Summary: "A fall along half a cosine wave after the warm-up.",
		Equations: risen + "floor + (peak-floor)*(1+cos(pi*p))/2",
		Source:    "Loshchilov & Hutter 2017, SGDR: stochastic gradient descent with warm restarts, arXiv 1608.03983, without restarts",
		Example:   "adamw(lr=cosine(1e-3, warmup=100))",
	}, func() curve { return new(cosineCurve) }},
	{Doc{
		Name: "polynomial", Summary: "A fall along a power of the rest of the run after the warm-up.",
		Equations: risen + "floor + (peak-floor)*(1-p)^power",
		Source:    "Chen et al. 2017, DeepLab, arXiv 1606.00915, section 4.1 (poly)",
		Notes:     []string{"power=1 is linear. PyTorch's PolynomialLR has floor=0."},
		Example:   "sgd(lr=polynomial(0.1, power=0.9))",
	}, func() curve { return new(polynomialCurve) }},
	{Doc{
		Name: "exponential", Summary: "A fall by a factor gamma in every so many steps, in equal ratios from step to step.",
		Equations: risen + "peak * gamma^((t-w)/every)",
		Notes: []string{
			"every=0 stands for the whole length after the warm-up, steps+1-w: exponential(0.1, gamma=0.01) falls to a hundredth by the end of the run. PyTorch's ExponentialLR has every=1.",
		},
		Example: "sgd(lr=exponential(0.1, gamma=0.01))",
	}, func() curve { return new(exponentialCurve) }},
	{Doc{
		Name: "inverse_sqrt", Summary: "A fall with the root of the number of the step after the warm-up.",
		Equations: "w = max(warmup, 1)\npeak * t/w up to step w, then peak * sqrt(w/t)",
		Source:    "Vaswani et al. 2017, Attention is all you need, arXiv 1706.03762, equation 3, where the peak is 1/sqrt(d_model*warmup)",
		Example:   "adamw(lr=inverse_sqrt(1e-3, warmup=100))",
	}, func() curve { return new(inverseSqrtCurve) }},
	{Doc{
		Name: "step", Summary: "A fall by a factor gamma after every so many steps, or at milestones.",
		Equations: "peak * t/w up to step w = max(warmup, 1), then peak * gamma^n\nn = floor((t-1)/every), or the number of milestones that are over before step t",
		Notes: []string{
			"Steps are counted from the start of the run, warm-up included: with every=n the first n steps are those before the first fall, as in PyTorch's StepLR.",
			"A milestone below 1 is a share of the run. After milestone m step m+1 is the first with the smaller value, as in PyTorch's MultiStepLR.",
		},
		Example: "sgd(lr=step(0.1, milestones=[0.5, 0.75]))",
	}, func() curve { return new(stepCurve) }},
	{Doc{
		Name: "piecewise", Summary: "The values of a list, one from each milestone to the next.",
		Equations: "values[n] * min(1, t/warmup), n = the number of milestones that are over before step t",
		Notes:     []string{"A milestone below 1 is a share of the run. There is one value more than milestones."},
		Example:   "sgd(lr=piecewise([0.1, 0.2, 0.01], milestones=[0.25, 0.75]))",
	}, func() curve { return new(piecewiseCurve) }},
	{Doc{
		Name: "wsd", Summary: "Warm-up, stable, decay: the peak for most of the run, and a fall at its end.",
		Equations: "w = max(warmup, 1), q = (t - (steps+1-decay))/decay between 0 and 1\n" +
			"peak * t/w up to step w, then floor + (peak-floor)*f(q)\n" +
			"f(q) = 1-q (linear), (1+cos(pi*q))/2 (cosine), 1-sqrt(q) (sqrt)",
		Source: "Hu et al. 2024, MiniCPM, arXiv 2404.06395, section 4; Hägele et al. 2024, Scaling laws and compute-optimal training beyond fixed training durations, arXiv 2405.18392 (sqrt)",
		Notes: []string{
			"A decay below 1 is a share of steps. Where it would begin within the warm-up it begins after it.",
			"Hu et al. fall exponentially; Hägele et al. find sqrt best, with a decay of 0.2.",
		},
		Example: "adamw(lr=wsd(1e-3, warmup=100))",
	}, func() curve { return new(wsdCurve) }},
	{Doc{
		Name: "one_cycle", Summary: "A rise to the peak and a fall far below where it began, over the whole run.",
		Equations: "low = peak/div_factor, end = low/final_div_factor, turn = pct_start*steps, e(q) = (1+cos(pi*q))/2, or 1-q with anneal=linear\n" +
			"up to step turn: peak + (low-peak)*e(q), q = (t-1)/(turn-1)\n" +
			"then: end + (peak-end)*e(q), q = (t-turn)/(steps-turn), at most 1",
		Source: "Smith & Topin 2019, Super-convergence, arXiv 1708.07120",
		Notes: []string{
			"The values are those of PyTorch's OneCycleLR with three_phase=False, step for step, whose last step has the value end; later steps, which PyTorch refuses, keep it. Momentum, which goes the opposite way there, is left alone.",
			"Smith's own cycle has a rise and a fall of equal length in straight lines, then a short fall below.",
		},
		Example: "sgd(lr=one_cycle(0.5), momentum=0.9)",
	}, func() curve { return new(oneCycleCurve) }},
	{Doc{
		Name: "restarts", Summary: "Falls along half a cosine wave, one after the other, each from the peak.",
		Equations: "peak * t/w up to step w = max(warmup, 1)\nthen floor + (peak-floor)*(1+cos(pi*c/n))/2, c = steps since the last restart, n = period * mult^restarts so far",
		Source:    "Loshchilov & Hutter 2017, SGDR: stochastic gradient descent with warm restarts, arXiv 1608.03983, equation 5",
		Notes: []string{
			"A period below 1 is a share of the run. The first period begins at the end of the warm-up.",
			"The fall would reach floor at the step that starts again, as in PyTorch's CosineAnnealingWarmRestarts.",
		},
		Example: "sgd(lr=restarts(0.1, period=0.25))",
	}, func() curve { return new(restartsCurve) }},
}

// risen is how the equations of most begin.
const risen = "w = max(warmup, 1), p = min(1, (t-w)/(steps+1-w))\npeak * t/w up to step w, then "

// A rise is the warm-up, after which there may be no need to know the length of the run.
type rise struct {
	Peak   float64 `arg:"peak" valid:"[0,inf)" help:"value at the end of the warm-up"`
	Warmup int     `arg:"warmup" default:"0" valid:"[0,inf)" help:"steps of linear rise from 0"`
}

func (s *rise) peak() float64 { return s.Peak }
func (s *rise) check() error  { return nil }
func (s *rise) open() string  { return "" }

// top is the first step at the peak.
func (s *rise) top() int { return max(s.Warmup, 1) }

// warm is the value at step t if what comes after the warm-up is then.
func (s *rise) warm(t int, then float64) float64 {
	if w := s.top(); t < w {
		return s.Peak * float64(t) / float64(w)
	}
	return then
}

// A fall is a rise and what ends with the run, or at a given step.
type fall struct {
	rise
	Steps int     `arg:"steps" default:"0" valid:"[0,inf)" help:"last step of the fall; 0: that of the run"`
	Floor float64 `arg:"floor" default:"0" valid:"[0,inf)" help:"value after that"`
}

func (s *fall) open() string { return unlessGiven(s.Steps, "steps") }

func (s *fall) check() error {
	if s.Floor > s.Peak {
		return errors.New("has a floor above its peak")
	}
	return stillWarming(s.Steps, s.Warmup)
}

func (s *fall) last(run int) int { return stepsOr(s.Steps, run) }

// part is p, the part of the fall that is over at step t.
func (s *fall) part(t, run int) float64 { return fraction(t-s.top(), s.last(run)+1-s.top()) }

// down is the value at step t where rest is what is left of the way from peak to floor.
func (s *fall) down(t int, rest float64) float64 {
	return s.warm(t, s.Floor+(s.Peak-s.Floor)*rest)
}

// stepsOr is a number of steps, or the run's where it is 0.
func stepsOr(steps, run int) int {
	if steps > 0 {
		return steps
	}
	return run
}

// unlessGiven is the name of an argument that is 0, else "".
func unlessGiven(steps int, name string) string {
	if steps > 0 {
		return ""
	}
	return name
}

func stillWarming(steps, warmup int) error {
	if steps > 0 && steps <= warmup {
		return fmt.Errorf("falls to step %d but is still warming up until %d", steps, warmup)
	}
	return nil
}

// fraction is a/n, between 0 and 1; that of nothing is 1 once it is over.
func fraction(a, n int) float64 {
	return max(0, min(1, float64(a)/float64(max(1, n))))
}

// half is half a cosine wave from 1 at q = 0 to 0 at 1.
func half(q float64) float64 { return (1 + math.Cos(math.Pi*q)) / 2 }

type constantCurve struct{ rise }

func (s *constantCurve) at(t, _ int) float64 { return s.warm(t, s.Peak) }

type linearCurve struct{ fall }

func (s *linearCurve) at(t, run int) float64 {
	return s.warm(t, s.Peak+(s.Floor-s.Peak)*s.part(t, run))
}

type cosineCurve struct{ fall }

func (s *cosineCurve) at(t, run int) float64 { return s.down(t, half(s.part(t, run))) }

type polynomialCurve struct {
	fall
	Power float64 `arg:"power" default:"2" valid:"(0,inf)" help:"power of the rest of the run"`
}

func (s *polynomialCurve) at(t, run int) float64 {
	return s.down(t, math.Pow(1-s.part(t, run), s.Power))
}

type exponentialCurve struct {
	rise
	Gamma float64 `arg:"gamma" default:"0.01" valid:"(0,1]" help:"factor"`
	Every int     `arg:"every" default:"0" valid:"[0,inf)" help:"steps in which it falls by that; 0: those of the run"`
}

func (s *exponentialCurve) open() string { return unlessGiven(s.Every, "every") }

func (s *exponentialCurve) at(t, run int) float64 {
	every := stepsOr(s.Every, max(1, run+1-s.top()))
	return s.warm(t, s.Peak*math.Pow(s.Gamma, float64(t-s.top())/float64(every)))
}

type inverseSqrtCurve struct{ rise }

func (s *inverseSqrtCurve) at(t, _ int) float64 {
	return s.warm(t, s.Peak*math.Sqrt(float64(s.top())/float64(t)))
}

type stepCurve struct {
	rise
	Gamma      float64  `arg:"gamma" default:"0.1" valid:"[0,1]" help:"factor"`
	Every      int      `arg:"every" default:"0" valid:"[0,inf)" help:"steps from one fall to the next; 0: see milestones"`
	Milestones []Moment `arg:"milestones" default:"" help:"steps after which it falls, or shares of the run"`
}

func (s *stepCurve) open() string { return openMilestones(s.Milestones) }

func (s *stepCurve) check() error {
	if (s.Every > 0) == (len(s.Milestones) > 0) {
		return errors.New("needs either every or milestones, as in step(0.1, milestones=[0.5, 0.75])")
	}
	return inOrder(s.Milestones)
}

func (s *stepCurve) at(t, run int) float64 {
	n := passed(s.Milestones, t, run)
	if s.Every > 0 {
		n = (t - 1) / s.Every
	}
	return s.warm(t, s.Peak*math.Pow(s.Gamma, float64(n)))
}

// openMilestones names milestones if one of them is a share of the run.
func openMilestones(list []Moment) string {
	if slices.ContainsFunc(list, Moment.isShare) {
		return "milestones in steps"
	}
	return ""
}

// inOrder refuses milestones that are out of order, as far as that is known.
func inOrder(list []Moment) error {
	for i, m := range list[min(1, len(list)):] {
		if before := list[i]; m <= before && m.isShare() == before.isShare() {
			return fmt.Errorf("has milestones out of order: %v after %v", m, before)
		}
	}
	return nil
}

// passed counts the milestones that are over before step t.
func passed(list []Moment, t, run int) int {
	n := 0
	for _, m := range list {
		if m.step(run) < t {
			n++
		}
	}
	return n
}

type piecewiseCurve struct {
	Values     []float64 `arg:"values" valid:"[0,inf)" help:"values in turn"`
	Milestones []Moment  `arg:"milestones" help:"steps after which the next one holds, or shares of the run"`
	Warmup     int       `arg:"warmup" default:"0" valid:"[0,inf)" help:"steps of linear rise from 0"`
}

func (s *piecewiseCurve) peak() float64 { return slices.Max(s.Values) }
func (s *piecewiseCurve) open() string  { return openMilestones(s.Milestones) }

func (s *piecewiseCurve) check() error {
	if len(s.Values) != len(s.Milestones)+1 {
		return fmt.Errorf("has %d values and %d milestones; it needs one value more than milestones", len(s.Values), len(s.Milestones))
	}
	return inOrder(s.Milestones)
}

func (s *piecewiseCurve) at(t, run int) float64 {
	return s.Values[passed(s.Milestones, t, run)] * min(1, float64(t)/float64(max(1, s.Warmup)))
}

type wsdCurve struct {
	fall
	Decay Moment `arg:"decay" default:"0.2" help:"steps of the fall, or its share of all"`
	Shape string `arg:"shape" default:"sqrt" choices:"linear|cosine|sqrt" help:"how it falls"`
}

func (s *wsdCurve) check() error {
	if s.Decay == 0 {
		return errors.New("needs a decay above 0; without one it is constant")
	}
	return s.fall.check()
}

func (s *wsdCurve) at(t, run int) float64 {
	last := s.last(run)
	length := max(1, min(s.Decay.step(last), last+1-s.top()))
	q := fraction(t-(last+1-length), length)
	switch s.Shape {
	case "linear":
		return s.down(t, 1-q)
	case "cosine":
		return s.down(t, half(q))
	}
	return s.down(t, 1-math.Sqrt(q))
}

type oneCycleCurve struct {
	Peak           float64 `arg:"peak" valid:"[0,inf)" help:"largest value"`
	Steps          int     `arg:"steps" default:"0" valid:"[0,inf)" help:"last step; 0: that of the run"`
	PctStart       float64 `arg:"pct_start" default:"0.3" valid:"[0,1]" help:"share of the steps in which it rises"`
	DivFactor      float64 `arg:"div_factor" default:"25" valid:"[1,inf)" help:"peak over the first value"`
	FinalDivFactor float64 `arg:"final_div_factor" default:"1e4" valid:"[1,inf)" help:"first value over the last"`
	Anneal         string  `arg:"anneal" default:"cos" choices:"cos|linear" help:"how it rises and falls"`
}

func (s *oneCycleCurve) peak() float64 { return s.Peak }
func (s *oneCycleCurve) check() error  { return nil }
func (s *oneCycleCurve) open() string  { return unlessGiven(s.Steps, "steps") }

func (s *oneCycleCurve) at(t, run int) float64 {
	last := float64(stepsOr(s.Steps, run))
	turn, low, now := s.PctStart*last, s.Peak/s.DivFactor, float64(t)
	if now <= turn {
		if turn == 1 {
			return s.Peak
		}
		return s.between(low, s.Peak, (now-1)/(turn-1))
	}
	if now >= last {
		return low / s.FinalDivFactor
	}
	return s.between(s.Peak, low/s.FinalDivFactor, (now-turn)/(last-turn))
}

// between goes from a at q = 0 to b at 1.
func (s *oneCycleCurve) between(a, b, q float64) float64 {
	if s.Anneal == "linear" {
		return a + (b-a)*q
	}
	return b + (a-b)*half(q)
}

type restartsCurve struct {
	rise
	Period Moment  `arg:"period" help:"steps of the first fall, or share of the run"`
	Mult   int     `arg:"mult" default:"1" valid:"[1,1000]" help:"how many times as long each is as the one before"`
	Floor  float64 `arg:"floor" default:"0" valid:"[0,inf)" help:"value at the end of each"`
}

func (s *restartsCurve) check() error {
	switch {
	case s.Period == 0:
		return errors.New("needs a period above 0")
	case s.Floor > s.Peak:
		return errors.New("has a floor above its peak")
	}
	return nil
}

func (s *restartsCurve) open() string {
	if s.Period.isShare() {
		return "period in steps"
	}
	return ""
}

func (s *restartsCurve) at(t, run int) float64 {
	since, period := t-s.top(), max(1, s.Period.step(run))
	if s.Mult == 1 {
		since = max(0, since) % period
	}
	for s.Mult > 1 && since >= period { // as often as there are restarts, log(t) at most
		since -= period
		period *= s.Mult
	}
	return s.warm(t, s.Floor+(s.Peak-s.Floor)*half(float64(since)/float64(period)))
}
