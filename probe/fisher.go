package probe

import (
	"errors"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
	"basin/rng"
)

var fisherDoc = Doc{
	Name:    "fisher",
	Family:  "curvature",
	Summary: "Trace of the Fisher matrix by sampled labels, and its empirical look-alike.",
	Readings: []Reading{
		{Name: "fisher_trace", Formula: "E_x E_{y ~ p(.|x)} |grad log p(y|x)|^2", Null: "the trace of the Gauss-Newton matrix, for softmax cross-entropy, logistic and squared loss", Invariant: Permutation | Rotation},
		{Name: "fisher_empirical", Formula: "mean of |grad l|^2 over predictions, at the true labels", Null: "0 where every example is fitted", Invariant: Permutation | Rotation},
		{Name: "fisher_logit_factor", Formula: logitFactor, Null: "1 - 1/C for uniform predictions of C classes, 0 for certain ones", Invariant: Permutation | Rescaling | Rotation},
	},
	Source: "sampled against empirical: Kunstner, Balles & Hennig 2019, arXiv 1905.12558; Fisher trace in training: Jastrzebski et al. 2021, arXiv 2012.14193",
	Needs:  "gradients or norms of gradients of single examples; for the Fisher trace, a loss that is a negative log-likelihood",
	Cost:   "about `draws` + 2 gradients on `examples` training examples; where an example has several predictions, `draws` products more",
	Notes: []string{
		"Standard errors are over examples; of fisher_trace they count the draw of labels as well. 95 % intervals held the true value in 92 to 96 % of samples (docs/intervals.md).",
		"Of a sequence, labels drawn at different places are independent given its tokens, so that the mean over predictions follows from the gradients of whole sequences. That does not hold for true labels: fisher_empirical is then Hutchinson's estimate, from `draws` random signs for each of up to 32 groups of sequences, with the error over groups.",
	},
}

type fisher struct {
	Examples int `arg:"examples" default:"1024" valid:"[0,inf)" help:"training examples, 0 for all; a sequence counts as its predictions"`
	Draws    int `arg:"draws" default:"4" valid:"[2,inf)" help:"how often labels are drawn"`
}

func (s *fisher) Measure(p *Pass) error {
	set := Subset{"train", s.Examples}
	f, err := Need(p, set)
	if err != nil {
		return err
	}
	warnings := confidence(p, "fisher_logit_factor", set)
	if err := s.sampled(p, f, warnings); err != nil {
		p.None("fisher_trace", err.Error())
	}
	squares, err := squaredNorms(f, p.X)
	if err != nil {
		return err
	}
	return s.empirical(p, f, squares, warnings)
}

// sampled reads the trace of the Fisher matrix.
func (s *fisher) sampled(p *Pass, f problem.Objective[float64], warnings []string) error {
	sampler, ok := problem.As[problem.Sampler[float64]](f)
	if !ok {
		return errors.New("the objective draws no labels")
	}
	n, each := examples(f)
	total := make([]float64, n)
	for i := range s.Draws {
		seed := rng.At(p.Seed, "probe/fisher", i)
		made, ok := sampler.Sampled(p.X, seed.Uint64())
		if !ok {
			return errors.New("the loss is no negative log-likelihood")
		}
		squares, err := squaredNorms(made, p.X)
		if err != nil {
			return err
		}
		kernel.Axpy(total, float64(each)/float64(s.Draws), squares)
	}
	mean, stderr := meanErr(total)
	p.Estimate("fisher_trace", mean, stderr, warnings...)
	return nil
}

// empirical reads the trace of the empirical Fisher matrix.
func (s *fisher) empirical(p *Pass, f problem.Objective[float64], squares []float64, warnings []string) error {
	if _, each := examples(f); each == 1 {
		mean, stderr := meanErr(squares)
		p.Estimate("fisher_empirical", mean, stderr, warnings...)
		return nil
	}
	parts, err := disjoint(p, f, "fisher")
	if err != nil {
		return err
	}
	traces := make([]float64, len(parts))
	for i, part := range parts {
		op, failure := operator(part, problem.EmpiricalFisher, p.X)
		signs := rng.At(p.Seed, "probe/fisher/empirical", i)
		traces[i], _ = linop.Trace(op, nil, s.Draws, &signs)
		if *failure != nil {
			return *failure
		}
	}
	mean, stderr := meanErr(traces)
	p.Estimate("fisher_empirical", mean, stderr, warnings...)
	return nil
}

// squaredNorms gives |grad l_i|^2 of each example's loss l_i at x.
func squaredNorms(f problem.Objective[float64], x []float64) ([]float64, error) {
	n, _ := examples(f)
	squares := make([]float64, n)
	if e, ok := problem.As[problem.ExampleNorms[float64]](f); ok {
		e.ExampleNorms(squares, x)
		kernel.Square(squares, squares)
	} else if e, ok := problem.As[problem.ExampleGrader[float64]](f); ok {
		g := make([]float64, len(x))
		for i := range squares {
			e.ExampleGrads(g, x, i, i+1)
			squares[i] = kernel.Dot(g, g)
		}
	} else {
		return nil, errors.New("the problem has no gradients of single examples")
	}
	if !kernel.Finite(squares) {
		return nil, errors.New("the gradient of some example is not finite")
	}
	return squares, nil
}
