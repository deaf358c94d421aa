package probe

import (
	"errors"
	"fmt"
	"math"

	"basin/linop"
	"basin/problem"
	"basin/rng"
)

var sharpnessDoc = Doc{
	Name:    "sharpness",
	Family:  "curvature",
	Summary: "Curvature of the training loss: largest eigenvalues and trace of its Hessian, and how much of it confidence alone explains.",
	Readings: []Reading{
		{Name: "hessian_max", Formula: "lambda_max(H), H the Hessian of the mean loss", Null: untrained, Invariant: Permutation | Rotation, Parts: "2, 3, ...: the next largest, up to k", Headline: true},
		{Name: "hessian_trace", Formula: "tr H", Null: untrained, Invariant: Permutation | Rotation, Headline: true},
		{Name: "logit_factor", Formula: logitFactor, Null: "1 - 1/C for uniform predictions of C classes, 0 for certain ones", Invariant: Permutation | Rescaling | Rotation, Headline: true},
	},
	Source: "Lanczos: Paige 1972; trace: Hutchinson 1989 and, for the deflation, Meyer, Musco, Musco & Woodruff 2021, Hutch++, arXiv 2010.09649; products: Pearlmutter 1994",
	Needs:  "Hessian products",
	Cost:   "about 30 Hessian products on `examples` training examples",
	Notes: []string{
		"Cross-entropy flattens as predictions grow certain: compare curvature at equal loss only, and read logit_factor beside it.",
		"The error of an eigenvalue is the residual |H v - lambda v|: some eigenvalue lies that near, usually far nearer. That of the trace is the standard error over random probes, of which Student's 95 % intervals held the true value in 94 % of samples (docs/intervals.md). Neither counts that the examples are a sample, which logit_factor's does: they are the same for all solutions of a seed, so differences are surer than absolute values.",
	},
}

type sharpness struct {
	K        int     `arg:"k" default:"1" valid:"[1,inf)" help:"how many of the largest eigenvalues"`
	Examples int     `arg:"examples" default:"1024" valid:"[0,inf)" help:"training examples, 0 for all; a sequence counts as its predictions"`
	Tol      float64 `arg:"tol" default:"1e-3" valid:"(0,1)" help:"relative residual at which an eigenvalue is found"`
	Steps    int     `arg:"steps" default:"50" valid:"[1,inf)" help:"most products to spend on eigenvalues"`
	Probes   int     `arg:"probes" default:"16" valid:"[2,inf)" help:"random probes for the trace"`
}

func (s *sharpness) Measure(p *Pass) error {
	set := Subset{"train", s.Examples}
	f, err := Need(p, set)
	if err != nil {
		return err
	}
	warnings := confidence(p, "logit_factor", set)
	op, failure := operator(f, problem.Hessian, p.X)
	start := rng.At(p.Seed, "probe/lanczos", 0)
	k, err := linop.Lanczos(op, linop.Search{Top: s.K, Tol: s.Tol, Steps: s.Steps}, &start)
	if *failure != nil {
		return *failure
	}
	if err != nil {
		return errors.New("a Hessian product is not finite")
	}
	for i, r := range k.Top {
		name, own := "hessian_max", warnings
		if i > 0 {
			name = part(name, fmt.Sprint(i+1))
		}
		if !k.Found && r.Residual > s.Tol*math.Abs(r.Value) {
			own = append(own[:len(own):len(own)], fmt.Sprintf("not converged in %d products: relative error up to %.1g", len(k.Basis), r.Residual/math.Abs(r.Value)))
		}
		p.Estimate(name, r.Value, r.Residual, own...)
	}
	probes := rng.At(p.Seed, "probe/trace", 0)
	rest, stderr := linop.Trace(op, k.Basis, s.Probes, &probes)
	if *failure != nil {
		return *failure
	}
	p.Estimate("hessian_trace", k.Trace+rest, stderr, warnings...)
	return nil
}
