package probe

import (
	"fmt"
	"slices"

	"basin/kernel"
)

var overlapDoc = Doc{
	Name:    "overlap",
	Family:  "between solutions",
	Summary: "Whether the loss stays curved in the same directions along training: overlap of the top eigenspaces at one point and the next.",
	Pairs:   Course,
	Readings: []Reading{
		{Name: "overlap", Formula: "(1/k) |V'W|_F^2, V and W the k top eigenvectors at the two points", Null: "k/N for random spaces in N dimensions", Headline: true, Same: 1},
		{Name: "overlap_first", Formula: "<v_1, w_1>^2 of the top eigenvectors alone", Null: "1/N for random vectors", Same: 1},
	},
	Source: "Gur-Ari, Roberts & Dyer 2018, arXiv 1812.04754; Lanczos: Paige 1972, Parlett 1980",
	Needs:  "products with the matrix, and two points in --at",
	Cost:   "about `steps` products on `examples` training examples for each solution, and k^2 N operations for each pair",
	Notes: []string{
		"The points are neighbours in --at, which should be in the order of training. The examples and the random start of the search are the same at both.",
		"Where eigenvalue k is next to the one after it, the space of k is hardly fixed; a warning says so where they are less than 5 % apart. Softmax cross-entropy of C classes has about C - 1 outliers, a natural k.",
	},
}

type overlap struct {
	curvature
	K     int     `arg:"k" default:"9" valid:"[1,inf)" help:"how many of the largest eigenvalues"`
	Tol   float64 `arg:"tol" default:"1e-2" valid:"(0,1)" help:"relative residual at which an eigenvalue is found"`
	Steps int     `arg:"steps" default:"100" valid:"[1,inf)" help:"most products to spend at each point"`
}

// An eigenspace is that of the largest eigenvalues.
type eigenspace struct {
	vectors  [][]float64
	warnings []string
}

func (e *eigenspace) Bytes() int {
	n := 0
	for _, v := range e.vectors {
		n += 8 * len(v)
	}
	return n
}

func (s *overlap) Sketch(p *Pass) (*eigenspace, error) {
	op, err := s.open(p)
	if err != nil {
		return nil, err
	}
	find := eigenvalues{curvature: s.curvature, Tol: s.Tol, Steps: s.Steps}
	k, err := find.search(p, op, s.K+1, 0, "")
	if err != nil {
		return nil, err
	}
	if len(k.Top) < s.K {
		return nil, fmt.Errorf("the matrix has %d eigenvalues, and %d are asked for", len(k.Top), s.K)
	}
	e := &eigenspace{}
	for _, r := range k.Top[:s.K] {
		e.vectors = append(e.vectors, r.Vector)
		if !k.Found && r.Residual > s.Tol*r.Value {
			e.warnings = []string{fmt.Sprintf("not converged in %d products", len(k.Basis))}
		}
	}
	if len(k.Top) > s.K && k.Top[s.K].Value > .95*k.Top[s.K-1].Value {
		e.warnings = append(e.warnings, fmt.Sprintf("eigenvalues %d and %d are less than 5 %% apart, so that the space is hardly fixed", s.K, s.K+1))
	}
	return e, nil
}

func (s *overlap) Between(p *Pair, a, b *eigenspace) error {
	sum := 0.
	for _, v := range a.vectors {
		for _, w := range b.vectors {
			c := kernel.Dot(v, w)
			sum += float64(c * c)
		}
	}
	warnings := slices.Compact(slices.Sorted(slices.Values(slices.Concat(a.warnings, b.warnings))))
	p.Exact("overlap", sum/float64(s.K), warnings...)
	c := kernel.Dot(a.vectors[0], b.vectors[0])
	p.Exact("overlap_first", c*c, warnings...)
	return nil
}
