package probe

import (
	"errors"
	"math"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
	"basin/rng"
)

var relativeFlatnessDoc = Doc{
	Name:    "relative_flatness",
	Family:  "curvature",
	Summary: "Curvature of the training loss in the weights of each layer, in proportion to their size.",
	Readings: []Reading{
		{Name: "relative_flatness", Formula: "sum_{s,s'} <w_s, w_s'> tr H_{s,s'} over pairs of units s, s' of a layer, w_s the weights into s and H_{s,s'} the second derivatives of the mean loss in w_s and w_s'; the sum over layers", Null: untrained, Invariant: Permutation | Rescaling | Rotation, Parts: "blocks"},
		{Name: "relative_logit_factor", Formula: logitFactor, Null: "1 - 1/C for uniform predictions of C classes, 0 for certain ones", Invariant: Permutation | Rescaling | Rotation},
	},
	Source: "Petzka et al. 2021, Relative flatness and generalization, arXiv 2001.00939, Definition 3",
	Needs:  "Hessian products, and weight matrices",
	Cost:   "`probes` products on `examples` training examples, for all layers together",
	Notes: []string{
		"It is the mean curvature of L(W + r W U) in r over matrices U of independent entries of variance 1, so the larger, the less flat. The paper measures one layer, such as the last but one; the sum over all is ours. A convolution's units are its channels, whose kernels are taken as weights.",
		"With F F' = W W' it is the trace of (F kron I)' H (F kron I), which Hutch++ estimates for all layers at once. The standard error is over a third of the random vectors; Student's 95 % intervals held the true value in 95 % of samples (docs/intervals.md).",
		"Multiplying all weights and biases of a ReLU layer and dividing the next one's weights changes nothing; doing so with single units changes the next layer's value.",
		"Invariant under permutation and rotation but for the draw.",
	},
}

type relativeFlatness struct {
	curvature
	Probes int `arg:"probes" default:"30" valid:"[6,inf)" help:"products to spend"`
}

func (s *relativeFlatness) Measure(p *Pass) error {
	op, err := s.open(p)
	if err != nil {
		return err
	}
	warnings := confidence(p, "relative_logit_factor", s.set())
	blocks := matrices(p.Layout)
	if len(blocks) == 0 {
		return errors.New("the model has no such weights")
	}
	r := &relativeMatrix{op: op, v: make([]float64, op.N), av: make([]float64, op.N)}
	var parts [][2]int
	size := 0
	for _, b := range blocks {
		f, err := newRoot(p, b)
		if err != nil {
			return err
		}
		r.roots = append(r.roots, f)
		parts = append(parts, [2]int{size, size + f.k*f.in})
		size += f.k * f.in
	}
	signs := rng.At(p.Seed, "probe/relative_flatness", 0)
	values, stderrs := linop.HutchPPParts(linop.Op{N: size, Mul: r.mul}, append(parts, [2]int{0, size}), s.Probes, &signs)
	if *op.failure != nil {
		return *op.failure
	}
	if !kernel.Finite(values) {
		return s.notFinite()
	}
	for i, b := range blocks {
		p.Estimate(part("relative_flatness", b.Name), values[i], stderrs[i], warnings...)
	}
	p.Estimate("relative_flatness", values[len(blocks)], stderrs[len(blocks)], warnings...)
	return nil
}

// A root is an F, out x k, with F F' = W W' of a layer W of out x in.
type root struct {
	block      problem.Block
	out, in, k int
	f          []float64
}

// newRoot takes W itself or what the eigenvectors of W W' give, whichever has the fewer
// columns.
func newRoot(p *Pass, b problem.Block) (root, error) {
	m, n, _ := b.Matrix()
	w := problem.View(p.X, b)
	if n <= m {
		return root{b, m, n, n, w}, nil
	}
	gram, f := make([]float64, m*m), make([]float64, m*m)
	var room kernel.Scratch[float64]
	kernel.MatMul(&room, gram, m, w, n, 1, w, 1, n, m, m, n, false)
	values, vectors, err := linop.SymEig(gram, m)
	if err != nil {
		return root{}, explained(err)
	}
	for i := range m {
		for j, v := range values {
			if v > float64(n)*0x1p-52*values[m-1] { // else it may be rounding alone
				f[i*m+j] = vectors[i*m+j] * math.Sqrt(v)
			}
		}
	}
	return root{b, m, n, m, f}, nil
}

// relativeMatrix is the matrix (F kron I)' A (F kron I) of all layers together.
type relativeMatrix struct {
	op    metered
	roots []root
	v, av []float64
	room  kernel.Scratch[float64]
}

func (r *relativeMatrix) mul(dst, z []float64) {
	clear(r.v)
	for _, f := range r.roots {
		kernel.MatMul(&r.room, problem.View(r.v, f.block), f.in, f.f, f.k, 1, z, f.in, 1, f.out, f.in, f.k, false)
		z = z[f.k*f.in:]
	}
	r.op.Mul(r.av, r.v)
	for _, f := range r.roots {
		kernel.MatMul(&r.room, dst, f.in, f.f, 1, f.k, problem.View(r.av, f.block), f.in, 1, f.k, f.in, f.out, false)
		dst = dst[f.k*f.in:]
	}
}
