package probe

import (
	"errors"
	"math"

	"basin/kernel"
	"basin/problem"
	"basin/rng"
)

var flatnessDoc = Doc{
	Name:    "flatness",
	Family:  "curvature",
	Summary: "How much the training loss rises around the solution: at worst in a ball and on average, in plain distance and relative to the size of each parameter.",
	Readings: []Reading{
		{Name: "flat_step", Formula: "L(x + rho g/|g|) - L(x), g the gradient at x", Null: untrained, Invariant: Permutation | Rotation},
		{Name: "flat_worst", Formula: "max of L(x + d) - L(x) over |d|_2 <= rho, by ascent", Null: "rho^2/2 lambda_max(H) at a minimum, for small rho", Invariant: Permutation | Rotation},
		{Name: "flat_average", Formula: "E L(x + d) - L(x), d_i ~ N(0, sigma^2)", Null: "sigma^2/2 tr(H), for small sigma"},
		{Name: "flat_adaptive_step", Formula: "L(x + d) - L(x) with d = rho x^2 g / |x g|, elementwise", Null: untrained, Invariant: Permutation | Rescaling},
		{Name: "flat_adaptive_worst", Formula: "max of L(x + d) - L(x) over |d / |x||_2 <= rho, by ascent", Null: untrained, Invariant: Permutation | Rescaling},
		{Name: "flat_adaptive_average", Formula: "E L(x + d) - L(x), d_i ~ N(0, sigma^2 x_i^2)", Null: "sigma^2/2 sum_i x_i^2 H_ii, for small sigma", Invariant: Rescaling},
		{Name: "flat_keskar", Formula: "100 (max L(x + d) - L(x)) / (1 + L(x)) over |d_i| <= box (|x_i| + 1), by ascent", Null: untrained, Invariant: Permutation},
		{Name: "flat_logit_factor", Formula: logitFactor, Null: "1 - 1/C for uniform predictions of C classes, 0 for certain ones", Invariant: Permutation | Rescaling | Rotation},
	},
	Source: "step: Foret et al. 2021, SAM, arXiv 2010.01412; adaptive: Kwon et al. 2021, ASAM, arXiv 2102.11600, and, also for averages, Andriushchenko et al. 2023, arXiv 2302.07011; keskar: Keskar et al. 2017, arXiv 1609.04836, metric 2.1",
	Needs:  "gradients",
	Cost:   "3 `steps` gradients and 4 `draws` losses on `examples` training examples",
	Notes: []string{
		"Radii: rho and adaptive_rho bound the 2-norm of d and of d/|x| over all parameters together; sigma and adaptive_sigma are the deviation of each single one, so that |d|_2 is about sigma sqrt(n). Biases and gains take part.",
		"Ascent goes from d to the point of the ball that is furthest along the gradient at x + d, and keeps the best of `steps` such points. The first one is the step of SAM or ASAM. For convex losses each is above the last; the value is a lower bound of the maximum. Keskar et al. take 10 iterations of L-BFGS-B.",
		"The errors of averages are standard errors over pairs d, -d. Student's 95 % intervals held the true value in 94 to 95 % of samples (docs/intervals.md).",
		"Averages are invariant under permutation but for the draw.",
	},
}

type flatness struct {
	Examples      int     `arg:"examples" default:"1024" valid:"[0,inf)" help:"training examples, 0 for all; a sequence counts as its predictions"`
	Rho           float64 `arg:"rho" default:"0.05" valid:"(0,inf)" help:"radius of the ball"`
	AdaptiveRho   float64 `arg:"adaptive_rho" default:"0.5" valid:"(0,inf)" help:"radius relative to the parameters"`
	Sigma         float64 `arg:"sigma" default:"0.01" valid:"(0,inf)" help:"deviation of each parameter"`
	AdaptiveSigma float64 `arg:"adaptive_sigma" default:"0.1" valid:"(0,inf)" help:"deviation relative to each parameter"`
	Box           float64 `arg:"box" default:"1e-3" valid:"(0,inf)" help:"size of Keskar's box"`
	Steps         int     `arg:"steps" default:"10" valid:"[1,inf)" help:"steps of ascent"`
	Draws         int     `arg:"draws" default:"10" valid:"[2,inf)" help:"pairs of random changes for each average"`
}

func (s *flatness) Measure(p *Pass) error {
	set := Subset{"train", s.Examples}
	f, err := Need(p, set)
	if err != nil {
		return err
	}
	warnings := confidence(p, "flat_logit_factor", set)
	here := f.Loss(p.X)
	if math.IsNaN(here) || math.IsInf(here, 0) {
		return errors.New("the loss is not finite at the solution")
	}
	a := &ascent{f: f, x: p.X, here: here, steps: s.Steps}
	ones, size := make([]float64, len(p.X)), make([]float64, len(p.X))
	for i := range ones {
		ones[i] = 1
	}
	kernel.Abs(size, p.X)
	for _, c := range []struct {
		name       string
		unit       []float64
		rho, sigma float64
	}{{"flat", ones, s.Rho, s.Sigma}, {"flat_adaptive", size, s.AdaptiveRho, s.AdaptiveSigma}} {
		first, best, err := a.climb(onSphere(c.unit, c.rho))
		if err != nil {
			p.None(c.name+"_step", err.Error())
			p.None(c.name+"_worst", err.Error())
		} else {
			p.Exact(c.name+"_step", first, warnings...)
			p.Exact(c.name+"_worst", best, warnings...)
		}
		draws := rng.At(p.Seed, "probe/flatness", 0)
		mean, stderr, err := a.average(c.unit, c.sigma, s.Draws, &draws)
		if err != nil {
			p.None(c.name+"_average", err.Error())
		} else {
			p.Estimate(c.name+"_average", mean, stderr, warnings...)
		}
	}
	_, best, err := a.climb(box(p.X, s.Box))
	if err != nil {
		return err
	}
	p.Exact("flat_keskar", 100*best/(1+here), warnings...)
	return nil
}

// An ascent looks at the loss around a point.
type ascent struct {
	f     problem.Objective[float64]
	x     []float64
	here  float64
	steps int
}

var errRise = errors.New("the loss near the solution is not finite")

// climb gives the rise of the loss after one and after the best of so many steps, each
// of which goes to the point furthest along the gradient, as furthest says.
func (a *ascent) climb(furthest func(d, g []float64) error) (first, best float64, err error) {
	d, g := make([]float64, len(a.x)), make([]float64, len(a.x))
	y := append([]float64(nil), a.x...)
	best = math.Inf(-1)
	a.f.Grad(g, y)
	for i := range a.steps {
		if !kernel.Finite(g) {
			return 0, 0, errRise
		}
		if err := furthest(d, g); err != nil {
			if i == 0 {
				return 0, 0, err
			}
			break
		}
		copy(y, a.x)
		kernel.Axpy(y, 1, d)
		var loss float64
		if i+1 < a.steps {
			loss = a.f.Grad(g, y)
		} else {
			loss = a.f.Loss(y)
		}
		rise := loss - a.here
		if math.IsNaN(rise) || math.IsInf(rise, 0) {
			return 0, 0, errRise
		}
		if i == 0 {
			first = rise
		}
		best = max(best, rise)
	}
	return first, best, nil
}

// onSphere is the d that is furthest along g of those with |d / unit|_2 <= rho.
func onSphere(unit []float64, rho float64) func(d, g []float64) error {
	return func(d, g []float64) error {
		kernel.Mul(d, unit, g)
		norm := kernel.Norm2(d)
		if norm == 0 {
			return errors.New("the gradient is zero")
		}
		kernel.Mul(d, d, unit)
		kernel.Scale(d, rho/norm)
		return nil
	}
}

// box is the d that is furthest along g of those with |d_i| <= size (|x_i| + 1).
func box(x []float64, size float64) func(d, g []float64) error {
	return func(d, g []float64) error {
		if kernel.AbsMax(g) == 0 {
			return errors.New("the gradient is zero")
		}
		for i, v := range g {
			d[i] = 0
			if v != 0 {
				d[i] = math.Copysign(size*(math.Abs(x[i])+1), v)
			}
		}
		return nil
	}
}

// average is the mean rise of the loss over pairs of normal changes d and -d, whose
// deviations are sigma times unit.
func (a *ascent) average(unit []float64, sigma float64, pairs int, draws *rng.Stream) (mean, stderr float64, err error) {
	d, y, rises := make([]float64, len(a.x)), make([]float64, len(a.x)), make([]float64, pairs)
	for i := range rises {
		for j, u := range unit {
			d[j] = sigma * u * draws.Norm()
		}
		for _, side := range []float64{1, -1} {
			copy(y, a.x)
			kernel.Axpy(y, side, d)
			rises[i] += (a.f.Loss(y) - a.here) / 2
		}
	}
	if !kernel.Finite(rises) {
		return 0, 0, errRise
	}
	mean, stderr = meanErr(rises)
	return mean, stderr, nil
}
