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
	Summary: "Curvature of the training loss: largest eigenvalues and trace of its Hessian, and how much of it confidence alone explains.",
	Readings: []Reading{
		{Name: "hessian_max", Formula: "lambda_max(H), H the Hessian of the mean loss", Invariant: Permutation, Parts: "2, 3, ...: the next largest, up to k", Headline: true},
		{Name: "hessian_trace", Formula: "tr H", Invariant: Permutation, Headline: true},
		{Name: "logit_factor", Formula: "E_x tr(d^2 l / dz^2), which is E_x tr(diag(p) - p p') for softmax cross-entropy", Null: "1 - 1/C for uniform predictions of C classes, 0 for certain ones", Invariant: Permutation | Rescaling, Headline: true},
	},
	Source: "Lanczos: Paige 1972; trace: Hutchinson 1989 and, for the deflation, Meyer, Musco, Musco & Woodruff 2021, Hutch++, arXiv 2010.09649; products: Pearlmutter 1994",
	Needs:  "Hessian products",
	Cost:   "about 30 Hessian products on `examples` training examples",
	Notes: []string{
		"Cross-entropy flattens as predictions grow certain: compare curvature at equal loss only, and read logit_factor beside it.",
		"The error of an eigenvalue is the residual |H v - lambda v|: some eigenvalue lies that near, usually far nearer. That of the trace is the standard error over random probes. Neither counts that the examples are a sample, which logit_factor's does: they are the same for all solutions of a seed, so differences are surer than absolute values.",
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
	warnings := s.logitFactor(p, Outputs(set))
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

// logitFactor reads the mean trace of the loss's Hessian in the outputs, and gives
// the warnings that curvature needs beside it.
func (s *sharpness) logitFactor(p *Pass, q Outputs) (warnings []string) {
	const name = "logit_factor"
	o, err := Need(p, q)
	if err != nil {
		p.None(name, err.Error())
		return nil
	}
	if o.Kind == problem.Squared {
		p.Exact(name, float64(o.K))
		return nil
	}
	each, prob := make([]float64, o.N), make([]float64, o.K)
	for i := range each {
		z := o.Row(i)
		switch o.Kind {
		case problem.SoftmaxCrossEntropy:
			softmax(prob, z)
			for _, q := range prob {
				each[i] += q * (1 - q)
			}
		case problem.Logistic:
			each[i] = logistic(z[0]) * logistic(-z[0])
		case problem.Exponential:
			each[i] = math.Exp(-sign(o.Labels[i]) * z[0])
		}
	}
	mean, stderr := meanErr(byExample(each, o.Each))
	p.Estimate(name, mean, stderr)
	if loss, _ := meanErr(o.losses()); loss < 1e-3 {
		warnings = append(warnings, fmt.Sprintf("the training loss is below 1e-3: confidence flattens %s; read logit_factor", o.Kind))
	}
	return warnings
}

// operator is a matrix of f at x. Its first product is made twice: where the two
// differ, or f has no such matrix, failure is set to why, and products are zero.
func operator(f problem.Objective[float64], m problem.Matrix, x []float64) (op linop.Op, failure *error) {
	failure = new(error)
	checked := false
	return linop.Op{N: len(x), Mul: func(dst, v []float64) {
		if *failure == nil && !f.MulVec(m, dst, x, v) {
			*failure = fmt.Errorf("the objective has no %s products", m)
		}
		if *failure == nil && !checked {
			checked = true
			again := make([]float64, len(dst))
			f.MulVec(m, again, x, v)
			*failure = repeats(f, m, dst, again, x)
		}
		if *failure != nil {
			clear(dst)
		}
	}}, failure
}

// repeats compares a product made twice. Where they differ it tells at which stage
// the objective first fails to repeat itself.
func repeats(f problem.Objective[float64], m problem.Matrix, once, twice, x []float64) error {
	if same(once, twice) {
		return nil
	}
	stage := m.String() + " product"
	a, b := make([]float64, len(x)), make([]float64, len(x))
	f.Grad(a, x)
	f.Grad(b, x)
	if !same([]float64{f.Loss(x)}, []float64{f.Loss(x)}) {
		stage = "loss"
	} else if !same(a, b) {
		stage = "gradient"
	}
	return fmt.Errorf("not measured: the %s does not repeat itself at one point", stage)
}

// same tells whether a and b are equal to the bit.
func same(a, b []float64) bool {
	for i := range a {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
			return false
		}
	}
	return true
}
