package probe

import (
	"fmt"
	"math"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
	"basin/rng"
)

var eigenvaluesDoc = Doc{
	Name:    "eigenvalues",
	Family:  "curvature",
	Summary: "Both ends of the spectrum of a curvature matrix of the training loss, whole and block by block, and where the top eigenvector lives.",
	Readings: []Reading{
		{Name: "eigen_top", Formula: "largest eigenvalue of the matrix", Null: untrained, Invariant: Permutation | Rotation, Parts: "2, 3, ...: the next largest, up to `top`"},
		{Name: "eigen_bottom", Formula: "smallest eigenvalue of the matrix", Null: "0 or above at a minimum", Invariant: Permutation | Rotation, Parts: "2, 3, ...: the next smallest, up to `bottom`"},
		{Name: "eigen_ipr", Formula: "n sum_i v_i^4, v the unit eigenvector of eigen_top", Null: "1 for a vector of equal sizes, 3 for a Gaussian one, n for one coordinate", Invariant: Permutation},
		{Name: "eigen_share", Formula: "sum of v_i^2 over a block; over that where it is largest", Null: "a block's share of the parameters, for a Gaussian vector", Invariant: Permutation | Rotation, Parts: "blocks"},
		{Name: "eigen_block_top", Formula: "largest eigenvalue of the block's part of the matrix; the largest of them", Null: "at most eigen_top", Invariant: Permutation | Rotation, Parts: "blocks"},
		{Name: "eigen_block_bottom", Formula: "smallest eigenvalue of the block's part of the matrix; the smallest of them", Null: "at least eigen_bottom", Invariant: Permutation | Rotation, Parts: "blocks"},
		{Name: "eigen_logit_factor", Formula: logitFactor, Null: "1 - 1/C for uniform predictions of C classes, 0 for certain ones", Invariant: Permutation | Rescaling | Rotation},
	},
	Source: "Lanczos: Paige 1972, Parlett 1980; products: Pearlmutter 1994, Schraudolph 2002; inverse participation ratio: Bell & Dean 1970; empirical Fisher, and why it is none: Kunstner, Balles & Hennig 2019, arXiv 1905.12558",
	Needs:  "products with the matrix",
	Cost:   "about 30 products on `examples` training examples; with blocks=true as many again for each block",
	Notes: []string{
		"The error is the residual |A v - lambda v|: some eigenvalue lies that near, usually far nearer. A top eigenvalue counts as found when the residual is `tol` of it, a bottom one when it is `tol` of the largest there is.",
		"eigen_ipr and eigen_share are of one eigenvector, which is hardly fixed where the second eigenvalue is next to the first: their error is about the residual over the distance of the two.",
		"The matrix of a block is the block on the diagonal of the whole one: what the loss curves by when all other parameters stay.",
		"Fisher is an expectation over labels that the model draws, exactly that, and equals Gauss-Newton for softmax cross-entropy, logistic and squared loss. With empirical_fisher the true labels are used, and few errors make it small whatever the curvature.",
		"That the examples are a sample is in no error but that of eigen_logit_factor. They are the same for all solutions of a seed.",
	},
}

type eigenvalues struct {
	curvature
	Top    int     `arg:"top" default:"1" valid:"[1,inf)" help:"how many of the largest eigenvalues"`
	Bottom int     `arg:"bottom" default:"1" valid:"[1,inf)" help:"how many of the smallest"`
	Tol    float64 `arg:"tol" default:"1e-3" valid:"(0,1)" help:"relative residual at which an eigenvalue is found"`
	Steps  int     `arg:"steps" default:"50" valid:"[1,inf)" help:"most products to spend on the matrix, and on each block"`
	Blocks bool    `arg:"blocks" default:"false" help:"measure each block's part of the matrix, too"`
}

func (s *eigenvalues) Measure(p *Pass) error {
	op, err := s.open(p)
	if err != nil {
		return err
	}
	warnings := confidence(p, "eigen_logit_factor", s.set())
	k, err := s.search(p, op, s.Top, s.Bottom, "")
	if err != nil {
		return err
	}
	for i, r := range k.Top {
		p.Estimate(ordinal("eigen_top", i), r.Value, r.Residual, s.unfound(k, r, math.Abs(r.Value), warnings)...)
	}
	for i, r := range k.Bottom {
		p.Estimate(ordinal("eigen_bottom", i), r.Value, r.Residual, s.unfound(k, r, extreme(k), warnings)...)
	}
	s.localise(p, k.Top[0])
	if !s.Blocks {
		const why = "the matrices of single blocks were not asked for; see blocks"
		p.None("eigen_block_top", why)
		p.None("eigen_block_bottom", why)
		return nil
	}
	return s.blocks(p, op, warnings)
}

// search finds both ends of the spectrum. name sets the random start apart.
func (s *eigenvalues) search(p *Pass, op metered, top, bottom int, name string) (*linop.Krylov, error) {
	start := rng.At(p.Seed, "probe/eigenvalues/"+name, 0)
	k, err := linop.Lanczos(op.Op, linop.Search{Top: top, Bottom: bottom, Tol: s.Tol, Floor: s.Tol, Steps: s.Steps}, &start)
	if *op.failure != nil {
		return nil, *op.failure
	}
	if err != nil {
		return nil, s.notFinite()
	}
	// What the process says of its residuals leaves out the rounding of the products.
	for _, list := range [][]linop.Ritz{k.Top, k.Bottom} {
		for i, r := range list {
			rest := make([]float64, op.N)
			op.Mul(rest, r.Vector)
			kernel.Axpy(rest, -r.Value, r.Vector)
			list[i].Residual = max(r.Residual, kernel.Norm2(rest))
		}
	}
	return k, nil
}

// ordinal names the eigenvalue i of one end: name, name/2, name/3, ...
func ordinal(name string, i int) string {
	if i == 0 {
		return name
	}
	return part(name, fmt.Sprint(i+1))
}

// extreme is the size of the largest eigenvalue there is.
func extreme(k *linop.Krylov) float64 {
	return max(math.Abs(k.Top[0].Value), math.Abs(k.Bottom[0].Value))
}

// unfound adds a warning for a residual above the tolerance, relative to size.
func (s *eigenvalues) unfound(k *linop.Krylov, r linop.Ritz, size float64, warnings []string) []string {
	if k.Found || r.Residual <= s.Tol*size {
		return warnings
	}
	return append(warnings[:len(warnings):len(warnings)], fmt.Sprintf("not converged in %d products: error up to %.1g", len(k.Basis), r.Residual))
}

// localise reads where the eigenvector of r lives.
func (s *eigenvalues) localise(p *Pass, r linop.Ritz) {
	if r.Value == 0 {
		p.None("eigen_ipr", "the largest eigenvalue is zero")
		p.None("eigen_share", "the largest eigenvalue is zero")
		return
	}
	squares := make([]float64, len(r.Vector))
	kernel.Square(squares, r.Vector)
	p.Exact("eigen_ipr", float64(len(squares))*kernel.Dot(squares, squares))
	largest := 0.
	for _, b := range p.Layout.Blocks {
		share := kernel.Sum(problem.View(squares, b))
		p.Exact(part("eigen_share", b.Name), share)
		largest = max(largest, share)
	}
	p.Exact("eigen_share", largest)
}

// blocks reads both ends of each block's part of the matrix.
func (s *eigenvalues) blocks(p *Pass, op metered, warnings []string) error {
	type end struct {
		r        linop.Ritz
		warnings []string
	}
	var top, bottom end
	for i, b := range p.Layout.Blocks {
		k, err := s.search(p, op.within(b), 1, 1, b.Name)
		if err != nil {
			return err
		}
		high := end{k.Top[0], s.unfound(k, k.Top[0], extreme(k), warnings)}
		low := end{k.Bottom[0], s.unfound(k, k.Bottom[0], extreme(k), warnings)}
		p.Estimate(part("eigen_block_top", b.Name), high.r.Value, high.r.Residual, high.warnings...)
		p.Estimate(part("eigen_block_bottom", b.Name), low.r.Value, low.r.Residual, low.warnings...)
		if i == 0 || high.r.Value > top.r.Value {
			top = high
		}
		if i == 0 || low.r.Value < bottom.r.Value {
			bottom = low
		}
	}
	p.Estimate("eigen_block_top", top.r.Value, top.r.Residual, top.warnings...)
	p.Estimate("eigen_block_bottom", bottom.r.Value, bottom.r.Residual, bottom.warnings...)
	return nil
}
