package probe

import (
	"errors"
	"fmt"
	"math"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
)

// curvature is the settings that say which matrix of the training loss is measured.
type curvature struct {
	Matrix   string `arg:"matrix" default:"hessian" choices:"hessian|gauss_newton|fisher|empirical_fisher" help:"the curvature matrix"`
	Set      string `arg:"set" default:"train" help:"the set whose loss it is of"`
	Examples int    `arg:"examples" default:"1024" valid:"[0,inf)" help:"how many of its examples, 0 for all; a sequence counts as its predictions"`
}

func (s *curvature) set() Subset { return Subset{s.Set, s.Examples} }

func (s *curvature) matrix() problem.Matrix {
	switch s.Matrix {
	case "gauss_newton":
		return problem.GaussNewton
	case "fisher":
		return problem.Fisher
	case "empirical_fisher":
		return problem.EmpiricalFisher
	}
	return problem.Hessian
}

// notFinite is why there is no value where products are not finite.
func (s *curvature) notFinite() error {
	return fmt.Errorf("a %s product is not finite", s.matrix())
}

// A metered operator stands for a matrix whose products may fail: they are zero then,
// and failure says why.
type metered struct {
	linop.Op
	failure *error
}

// open gives the matrix at the solution.
func (s *curvature) open(p *Pass) (metered, error) {
	f, err := Need(p, s.set())
	if err != nil {
		return metered{}, err
	}
	op, failure := operator(f, s.matrix(), p.X)
	return metered{op, failure}, nil
}

// within is the part of the matrix that belongs to one block: of the block-diagonal
// matrix, the block.
func (m metered) within(b problem.Block) metered {
	v, mv := make([]float64, m.N), make([]float64, m.N)
	return metered{linop.Op{N: b.Len(), Mul: func(dst, part []float64) {
		copy(problem.View(v, b), part)
		m.Mul(mv, v)
		copy(dst, problem.View(mv, b))
	}}, m.failure}
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

// logitFactor is the formula of the readings that stand beside every curvature of a
// loss of outputs.
const logitFactor = "E_x tr(d^2 l / dz^2), which is E_x tr(diag(p) - p p') for softmax cross-entropy"

// confidence reads the logit factor under a name, and gives the warnings that
// curvature needs beside it.
func confidence(p *Pass, name string, set Subset) (warnings []string) {
	f, err := Need(p, logitFactorOf(set))
	if err != nil {
		p.None(name, err.Error())
		return nil
	}
	p.Estimate(name, f.mean, f.stderr)
	return f.warnings
}

// logitFactorOf is the quantity of the mean trace of the loss's Hessian in the outputs.
type logitFactorOf Subset

type factor struct {
	mean, stderr float64
	warnings     []string
}

func (q logitFactorOf) Compute(p *Pass) (factor, error) {
	o, err := Need(p, Outputs(q))
	if err != nil {
		return factor{}, err
	}
	if o.Kind == problem.Squared {
		return factor{float64(o.K), math.NaN(), nil}, nil
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
	if !kernel.Finite(each) {
		return factor{}, errors.New("the curvature of the loss in the outputs is not finite")
	}
	var r factor
	r.mean, r.stderr = meanErr(byExample(each, o.Each))
	if loss, _ := meanErr(o.losses()); loss < 1e-3 {
		r.warnings = []string{fmt.Sprintf("the training loss is below 1e-3: confidence flattens %s; read logit_factor", o.Kind)}
	}
	return r, nil
}
