package probe

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"basin/kernel"
	"basin/linop"
	"basin/rng"
)

var densityDoc = Doc{
	Name:    "density",
	Family:  "curvature",
	Summary: "How the eigenvalues of a curvature matrix of the training loss are distributed: shares, quantiles, bulk and outliers, by stochastic Lanczos quadrature.",
	Readings: []Reading{
		{Name: "density_negative", Formula: "share of eigenvalues below -`zero` times the largest in size", Null: "0 at a strict minimum, 1/2 for a symmetric random matrix"},
		{Name: "density_zero", Formula: "share of eigenvalues within +-`zero` times the largest in size", Null: untrained},
		{Name: "density_negative_weight", Formula: "sum of |lambda| over negative eigenvalues / sum of |lambda|", Null: "0 at a minimum, 1/2 for a symmetric random matrix"},
		{Name: "density_below", Formula: "share of eigenvalues up to x: the cumulative distribution", Null: untrained, Parts: "x, as in `below`"},
		{Name: "density_quantile", Formula: "x up to which a share q of the eigenvalues lies", Null: untrained, Parts: "q, as in `quantiles`"},
		{Name: "density_outliers", Formula: "the i up to `outliers` at which lambda_i / lambda_(i+1) is largest, eigenvalues descending and above `zero` times the largest in size: how many stand apart", Null: "C or C - 1 has been seen for C classes", Invariant: Permutation | Rotation},
		{Name: "density_gap", Formula: "that ratio", Null: "1 + O(n^(-2/3)) for Gaussian random matrices", Invariant: Permutation | Rotation},
		{Name: "density_edge", Formula: "lambda_(i+1) there: the edge of the bulk", Null: untrained, Invariant: Permutation | Rotation},
		{Name: "density_logit_factor", Formula: logitFactor, Null: "1 - 1/C for uniform predictions of C classes, 0 for certain ones", Invariant: Permutation | Rescaling | Rotation},
	},
	Source: "Lin, Saad & Yang 2016, SIAM Review 58; Ubaru, Chen & Saad 2017, SIAM J. Matrix Anal. Appl. 38; for networks: Ghorbani, Krishnan & Xiao 2019, arXiv 1901.10159; Papyan 2018, arXiv 1811.07062 (outliers)",
	Needs:  "products with the matrix",
	Cost:   "`probes` times `steps` products on `examples` training examples",
	Notes: []string{
		"Each of `probes` Lanczos runs from a random vector gives a quadrature of `steps` nodes, each spread normally by its residual. The error of a share joins the standard error over runs and what a run cannot resolve; that of a quantile is by the shares that far off on either side. Of random spectra of three kinds (semicircle, low rank, outliers over a bulk) two errors cover the share in 93 to 100 % of cases. Student's 95 % intervals held the true value in 91 % of samples (docs/intervals.md).",
		"Many eigenvalues of a network are zero but for rounding: density_negative and density_zero depend on `zero`, which must stay above the precision of training; density_negative_weight does not. What lies close to zero beside a large outlier takes many steps to resolve, and has a large error until then.",
		"Outliers are looked for among eigenvalues that have converged to a hundredth, which `steps` limits; one repeated to the last bit is seen once. A number is found whether or not there are outliers: density_gap tells.",
		"Shares and quantiles do not depend on how units are numbered, but for the draw of the random vectors.",
		"On which matrix is which, see eigenvalues.",
	},
}

type density struct {
	curvature
	Probes    int       `arg:"probes" default:"4" valid:"[2,inf)" help:"runs from random vectors"`
	Steps     int       `arg:"steps" default:"50" valid:"[2,inf)" help:"products of each run"`
	Below     []float64 `arg:"below" default:"[-10, -1, -0.1, -0.01, -0.001, 0.001, 0.01, 0.1, 1, 10, 100]" help:"where the cumulative distribution is read"`
	Quantiles []float64 `arg:"quantiles" default:"[0.05, 0.25, 0.5, 0.75, 0.95, 0.99]" valid:"(0,1)" help:"shares at which its inverse is read"`
	Zero      float64   `arg:"zero" default:"1e-3" valid:"(0,1)" help:"size, relative to the largest, up to which an eigenvalue counts as zero"`
	Outliers  int       `arg:"outliers" default:"30" valid:"[1,inf)" help:"most eigenvalues that may stand apart"`
}

func (s *density) Measure(p *Pass) error {
	op, err := s.open(p)
	if err != nil {
		return err
	}
	warnings := confidence(p, "density_logit_factor", s.set())
	var runs spectralRuns
	for i := range s.Probes {
		start := rng.At(p.Seed, "probe/density", i)
		q, err := linop.Quadrate(op.Op, s.Steps, &start)
		if *op.failure != nil {
			return *op.failure
		}
		if err != nil {
			return s.notFinite()
		}
		runs = append(runs, q)
	}
	for _, x := range s.Below {
		share, e := runs.below(x)
		p.Estimate(part("density_below", number(x)), share, e, warnings...)
	}
	for _, at := range s.Quantiles {
		name := part("density_quantile", number(at))
		if x, e, err := runs.quantile(at); err != nil {
			p.None(name, err.Error())
		} else {
			p.Estimate(name, x, e, warnings...)
		}
	}
	largest := runs.largest()
	if largest == 0 {
		return fmt.Errorf("the %s matrix is zero", s.matrix())
	}
	zero := s.Zero * largest
	negative, e := runs.below(-zero)
	p.Estimate("density_negative", negative, e, warnings...)
	upTo, f := runs.below(zero)
	p.Estimate("density_zero", upTo-negative, math.Hypot(e, f), warnings...)
	weight, e := runs.negativeWeight()
	p.Estimate("density_negative_weight", weight, e, warnings...)
	top := runs.top(s.Outliers+1, zero)
	if len(top) < 2 {
		return errors.New("fewer than two eigenvalues above zero have converged")
	}
	count := 1
	for i := range len(top) - 1 {
		if top[i]/top[i+1] > top[count-1]/top[count] {
			count = i + 1
		}
	}
	p.Exact("density_outliers", float64(count), warnings...)
	p.Exact("density_gap", top[count-1]/top[count], warnings...)
	p.Exact("density_edge", top[count], warnings...)
	return nil
}

// number is a setting as part of a name.
func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// spectralRuns are quadratures of one matrix at random vectors.
type spectralRuns []*linop.Quadrature

// below is the share of eigenvalues up to x, and its error.
func (r spectralRuns) below(x float64) (share, err float64) {
	shares, slacks := make([]float64, len(r)), make([]float64, len(r))
	for i, q := range r {
		shares[i], slacks[i] = q.Below(x)
	}
	share, stderr := meanErr(shares)
	return share, math.Hypot(stderr, kernel.Sum(slacks)/float64(len(r)))
}

// quantile is the x up to which a share p of the eigenvalues lies, and its error: by the
// shares as far off as that of x is in error or, where shares jump at x, by the jump.
func (r spectralRuns) quantile(p float64) (x, stderr float64, err error) {
	x = linop.Quantile(r, p)
	share, e := r.below(x)
	before, _ := r.below(math.Nextafter(x, math.Inf(-1)))
	e += max(share-p, p-before, 0)
	if p-e <= 0 || p+e >= 1 {
		return 0, 0, fmt.Errorf("not resolved: the share of eigenvalues up to it is uncertain by %.2g; more steps are needed", e)
	}
	return x, (linop.Quantile(r, p+e) - linop.Quantile(r, p-e)) / 2, nil
}

// largest is the size of the largest eigenvalue.
func (r spectralRuns) largest() float64 {
	v := 0.
	for _, q := range r {
		v = max(v, kernel.AbsMax(q.Nodes))
	}
	return v
}

// negativeWeight is a ratio of two means, with the error of such.
func (r spectralRuns) negativeWeight() (ratio, stderr float64) {
	below, all := make([]float64, len(r)), make([]float64, len(r))
	for i, q := range r {
		below[i] = q.Mean(func(x float64) float64 { return max(-x, 0) })
		all[i] = q.Mean(math.Abs)
	}
	total := kernel.Sum(all)
	ratio = kernel.Sum(below) / total
	kernel.Axpy(below, -ratio, all)
	_, stderr = meanErr(below)
	return ratio, stderr * float64(len(r)) / total
}

// top gives the largest eigenvalues above zero, descending, by the run in which most
// have converged.
func (r spectralRuns) top(most int, zero float64) (best []float64) {
	for _, q := range r {
		var found []float64
		for i := len(q.Nodes) - 1; i >= 0 && len(found) < most && q.Nodes[i] > zero && q.Residuals[i] <= .01*q.Nodes[i]; i-- {
			found = append(found, q.Nodes[i])
		}
		if len(found) > len(best) {
			best = found
		}
	}
	return best
}
