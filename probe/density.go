package probe

import (
	"fmt"
	"math"
	"strconv"

	"basin/kernel"
	"basin/linop"
	"basin/rng"
)

var densityDoc = Doc{
	Name:    "density",
	Summary: "How the eigenvalues of a curvature matrix of the training loss are distributed: shares, quantiles, bulk and outliers, by stochastic Lanczos quadrature.",
	Readings: []Reading{
		{Name: "density_negative", Formula: "share of eigenvalues below -`zero` times the largest in size", Null: "0 at a strict minimum, 1/2 for a symmetric random matrix"},
		{Name: "density_zero", Formula: "share of eigenvalues within +-`zero` times the largest in size"},
		{Name: "density_negative_weight", Formula: "sum of |lambda| over negative eigenvalues / sum of |lambda|", Null: "0 at a minimum, 1/2 for a symmetric random matrix"},
		{Name: "density_below", Formula: "share of eigenvalues up to x: the cumulative distribution", Parts: "x, as in `below`"},
		{Name: "density_quantile", Formula: "x up to which a share q of the eigenvalues lies", Parts: "q, as in `quantiles`"},
		{Name: "density_edge", Formula: "edge of the bulk: the fixed point, from above, of e = `outlier` times the root mean square of the eigenvalues of size up to e, `zero` times the largest at least"},
		{Name: "density_outliers", Formula: "number of eigenvalues above the edge", Null: "0 for Gaussian random matrices; C or C - 1 has been seen for C classes"},
		{Name: "density_logit_factor", Formula: logitFactor, Null: "1 - 1/C for uniform predictions of C classes, 0 for certain ones", Invariant: Permutation | Rescaling},
	},
	Source: "Lin, Saad & Yang 2016, SIAM Review 58; Ubaru, Chen & Saad 2017, SIAM J. Matrix Anal. Appl. 38; for networks: Ghorbani, Krishnan & Xiao 2019, arXiv 1901.10159; Papyan 2018, arXiv 1811.07062 (outliers)",
	Needs:  "products with the matrix",
	Cost:   "`probes` times `steps` products on `examples` training examples",
	Notes: []string{
		"Each of `probes` Lanczos runs from a random vector gives a quadrature of `steps` nodes. A share counts half of a node's weight on either side of it and is linear between nodes. Its error joins the standard error over runs and half of the weight of the two nodes next to x, which is what a run cannot resolve; shares of spectra known lie within two such errors in at least 95 % of cases. That of a quantile is by the shares that far off on either side.",
		"Many eigenvalues of a network are zero but for rounding: density_negative and density_zero depend on `zero`, which must stay above the precision of training; density_negative_weight does not.",
		"density_outliers counts, in the run that shows most, nodes above the edge that are eigenvalues within a tenth of their size. More nodes than `steps` are not seen, and an eigenvalue repeated to the last bit is seen once.",
		"Shares, quantiles and the edge do not depend on how units are numbered, but for the draw of the random vectors.",
		"On which matrix is which, see eigenvalues.",
	},
}

type density struct {
	curvature
	Probes    int       `arg:"probes" default:"4" valid:"[2,inf)" help:"runs from random vectors"`
	Steps     int       `arg:"steps" default:"40" valid:"[2,inf)" help:"products of each run"`
	Below     []float64 `arg:"below" default:"[-10, -1, -0.1, -0.01, -0.001, 0.001, 0.01, 0.1, 1, 10, 100]" help:"where the cumulative distribution is read"`
	Quantiles []float64 `arg:"quantiles" default:"[0.05, 0.25, 0.5, 0.75, 0.95, 0.99]" valid:"(0,1)" help:"shares at which its inverse is read"`
	Zero      float64   `arg:"zero" default:"1e-3" valid:"(0,1)" help:"size, relative to the largest, up to which an eigenvalue counts as zero"`
	Outlier   float64   `arg:"outlier" default:"5" valid:"(1,inf)" help:"size, in root mean squares of the bulk, from which on an eigenvalue is none of it"`
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
		x, e := runs.quantile(at)
		p.Estimate(part("density_quantile", number(at)), x, e, warnings...)
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
	edge := runs.edge(s.Outlier, zero)
	p.Exact("density_edge", edge, warnings...)
	count, unsure := runs.above(edge)
	if unsure > 0 {
		warnings = append(warnings[:len(warnings):len(warnings)], fmt.Sprintf("%d more nodes above the edge have not converged to an eigenvalue", unsure))
	}
	p.Exact("density_outliers", float64(count), warnings...)
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

func (r spectralRuns) quantile(p float64) (x, err float64) {
	x = linop.Quantile(r, p)
	_, e := r.below(x)
	return x, (linop.Quantile(r, min(p+e, 1)) - linop.Quantile(r, max(p-e, 0))) / 2
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

// edge is the edge of the bulk.
func (r spectralRuns) edge(outlier, zero float64) float64 {
	e := r.largest()
	for {
		var count, square float64
		for _, q := range r {
			for i, x := range q.Nodes {
				if math.Abs(x) <= e {
					count += q.Weights[i]
					square += float64(q.Weights[i] * x * x)
				}
			}
		}
		next := zero
		if count > 0 {
			next = max(zero, outlier*math.Sqrt(square/count))
		}
		if next >= e {
			return e
		}
		e = next
	}
}

// above counts the eigenvalues above the edge in the run that shows most of them, and
// that run's nodes there that have not converged.
func (r spectralRuns) above(edge float64) (count, unsure int) {
	count = -1
	for _, q := range r {
		sure, rest := 0, 0
		for i, x := range q.Nodes {
			switch {
			case x <= edge:
			case q.Residuals[i] <= .1*x:
				sure++
			default:
				rest++
			}
		}
		if sure > count {
			count, unsure = sure, rest
		}
	}
	return count, unsure
}
