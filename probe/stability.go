package probe

import (
	"errors"
	"fmt"
	"math"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
	"basin/rng"
)

var stabilityDoc = Doc{
	Name:    "stability",
	Family:  "curvature",
	Summary: "Sharpness in the metric of the optimizer's own step, against the threshold at which that step becomes unstable.",
	Readings: []Reading{
		{Name: "stable_top", Formula: "lambda_max(P^-1 H), the step being x - lr P^-1 m, m the gradient or what momentum makes of it", Null: untrained, Invariant: Permutation},
		{Name: "stable_rate", Formula: "lr lambda_max(P^-1 H), lr that of the last step", Null: "stable_edge at the edge of stability", Invariant: Permutation},
		{Name: "stable_edge", Formula: "the lr lambda_max(P^-1 H) at which the rule becomes unstable on a quadratic", Null: "2 for plain gradient descent", Invariant: Permutation | Rescaling},
		{Name: "stable_ratio", Formula: "stable_rate / stable_edge", Null: "1 at the edge of stability, where training in full batches stays for long", Invariant: Permutation, Headline: true},
		{Name: "stable_logit_factor", Formula: logitFactor, Null: "1 - 1/C for uniform predictions of C classes, 0 for certain ones", Invariant: Permutation | Rescaling},
	},
	Source: "Cohen et al. 2021, Gradient descent on neural networks typically occurs at the edge of stability, arXiv 2103.00065; preconditioned: Cohen et al. 2022, arXiv 2207.14484",
	Needs:  "Hessian products, and the optimizer's metric: of solutions taken in training by sgd, adam, adamw, amsgrad, rmsprop or adagrad alone",
	Cost:   "about 30 Hessian products on `examples` training examples",
	Notes: []string{
		"Edges: gradient descent 2; momentum b 2+2b, over 1-dampening; Nesterov (2+2b)/(1+2b); adam, adamw, amsgrad (2+2 beta1)/(1-beta1), with P = (1-beta1^t) (diag(sqrt(v/(1-beta2^t))) + eps); rmsprop 2+2 momentum, with P = diag(sqrt(v)) + eps; adagrad 2, with the same P.",
		"Edges are those of gradients without noise, with P and lr held: in small batches training can stay well below. Weight decay is in neither H nor the edge.",
		"H is of `examples` training examples in evaluation mode; the edge is about the whole training set.",
		"Transforms before or after a rule, and rules around another one, make another step, for which there is no value.",
	},
}

type stability struct {
	Examples int     `arg:"examples" default:"1024" valid:"[0,inf)" help:"training examples, 0 for all; a sequence counts as its predictions"`
	Tol      float64 `arg:"tol" default:"1e-3" valid:"(0,1)" help:"relative residual at which the eigenvalue is found"`
	Steps    int     `arg:"steps" default:"50" valid:"[1,inf)" help:"most products to spend"`
}

func (s *stability) Measure(p *Pass) error {
	c := curvature{Matrix: "hessian", Set: "train", Examples: s.Examples}
	op, err := c.open(p)
	if err != nil {
		return err
	}
	warnings := confidence(p, "stable_logit_factor", c.set())
	if p.Metric == nil {
		return errors.New("the optimizer's metric is not known: it is of solutions taken in training, by rules that show it")
	}
	if math.IsInf(p.Metric.Edge, 1) {
		return errors.New("the rule's steps are stable whatever the curvature")
	}
	p.Exact("stable_edge", p.Metric.Edge)
	start := rng.At(p.Seed, "probe/stability", 0)
	k, err := linop.Lanczos(op.scaled(p.Metric), linop.Search{Top: 1, Tol: s.Tol, Steps: s.Steps}, &start)
	if *op.failure != nil {
		return *op.failure
	}
	if err != nil {
		return c.notFinite()
	}
	top := k.Top[0]
	if !k.Found && top.Residual > s.Tol*math.Abs(top.Value) {
		warnings = append(warnings[:len(warnings):len(warnings)], fmt.Sprintf("not converged in %d products: error up to %.1g", len(k.Basis), top.Residual))
	}
	rate := p.Metric.Rate
	p.Estimate("stable_top", top.Value, top.Residual, warnings...)
	p.Estimate("stable_rate", rate*top.Value, rate*top.Residual, warnings...)
	p.Estimate("stable_ratio", rate*top.Value/p.Metric.Edge, rate*top.Residual/p.Metric.Edge, warnings...)
	return nil
}

// scaled is P^-1/2 A P^-1/2, which has the eigenvalues of P^-1 A.
func (m metered) scaled(by *problem.Metric) linop.Op {
	if by.InvSqrt == nil {
		return m.Op
	}
	u := make([]float64, m.N)
	return linop.Op{N: m.N, Mul: func(dst, v []float64) {
		kernel.Mul(u, by.InvSqrt, v)
		m.Mul(dst, u)
		kernel.Mul(dst, by.InvSqrt, dst)
	}}
}
