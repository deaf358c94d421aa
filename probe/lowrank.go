package probe

import (
	"errors"
	"math"
	"strconv"

	"basin/kernel"
	"basin/problem"
)

var lowrankDoc = Doc{
	Name:    "lowrank",
	Family:  "weights",
	Summary: "The rank of the change in training that matters, to the loss and to the outputs of layers.",
	Readings: []Reading{
		{Name: "change_rank", Formula: "least r with loss(W_0 + T_r(W - W_0)) <= (1 + tol) loss(W), T_r the first r terms of the singular value decomposition, of all matrices at once; of a part, of that block alone", Null: "0 where training changed nothing", Invariant: Permutation | Rotation, Parts: "blocks", Headline: true},
		{Name: "residual_rank", Formula: "the same of a W_0 + T_r(W - a W_0), a = <W, W_0> / |W_0|_F^2 for each matrix, all at once", Null: "0 where the matrices were only made smaller or larger", Invariant: Permutation | Rotation},
		{Name: "truncated_loss", Formula: "loss(W_0 + T_r(W - W_0)), all matrices at once", Null: "the loss of the solution", Invariant: Permutation | Rotation, Parts: "ranks, powers of two"},
		{Name: "erank_weighted", Formula: "exp(-sum_i p_i ln p_i), p = s / sum s, s the singular values of (W - W_0) C^(1/2), C = E[v v'] of the inputs v of the layer; mean over matrices", Null: "that of a Gaussian matrix of the shape, weighted alike", Invariant: Permutation | Rotation, Parts: "blocks"},
		{Name: "stable_rank_weighted", Formula: "sum_i s_i^2 / s_1^2 of these", Null: "that of a Gaussian matrix of the shape, weighted alike", Invariant: Permutation | Rotation, Parts: "blocks"},
		{Name: "participation_ratio_weighted", Formula: "(sum_i s_i^2)^2 / sum_i s_i^4 of these", Null: "that of a Gaussian matrix of the shape, weighted alike", Invariant: Permutation | Rotation, Parts: "blocks"},
	},
	Needs: "weight matrices and the start; for C, the inputs of layers",
	Cost:  "singular vectors of every matrix, twice; up to 2 log2(rank) evaluations of `examples` examples for each matrix and twice for all; for C, a gradient and the products of the inputs",
	Notes: []string{
		"What is no matrix, such as biases and gains, keeps all of its change, and statistics of normalisation are those of the solution.",
		"Ranks 0, 1, 2, 4, ... are tried until the loss is kept, then those between the last two by halving. Where the loss is not monotone in r, this is one of the ranks at which it comes within the tolerance. A matrix of lower rank than r is not truncated.",
		"sum_i s_i^2 is the mean square of what the change adds to the layer's outputs. C is that of the solution and not centred; a convolution's inputs are its patches, a sequence's those of all positions. Singular values below sqrt(eps) of the largest are lost.",
	},
}

type lowrank struct {
	Tol      float64 `arg:"tol" default:"0.05" valid:"[0,inf)" help:"relative increase of the loss that is allowed"`
	Set      string  `arg:"set" default:"train" help:"the set on which the loss is measured"`
	Examples int     `arg:"examples" default:"500" valid:"[0,inf)" help:"how many of its examples, 0 for all; a sequence counts as its predictions"`
}

func (s *lowrank) Measure(p *Pass) error {
	blocks := matrices(p.Layout)
	for _, m := range dimensions {
		perBlock(p, m.name+"_weighted", blocks, func(b problem.Block) (float64, error) {
			a, err := Need(p, inputSpectrum{b.Name, inputMoments{s.Set, s.Examples}})
			if err != nil {
				return 0, err
			}
			return m.of(a), nil
		})
	}
	if len(blocks) == 0 {
		return errors.New("the model has no such weights")
	}
	f, err := Need(p, Subset{s.Set, s.Examples})
	if err != nil {
		return err
	}
	loss := f.Loss(p.X)
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return errors.New("the loss is not finite")
	}
	limit := loss + s.Tol*math.Abs(loss)
	change, err := newTruncation(p, f, moved, blocks)
	if err != nil {
		return err
	}
	p.Exact("change_rank", change.least(limit, 0, len(blocks)))
	for i, b := range blocks {
		p.Exact(part("change_rank", b.Name), change.least(limit, i, i+1))
	}
	for r := 1; r < highest(change.terms); r *= 2 {
		p.Exact(part("truncated_loss", strconv.Itoa(r)), change.loss(r, 0, len(blocks)))
	}
	residual, err := newTruncation(p, f, undecayed, blocks)
	if err != nil {
		return err
	}
	p.Exact("residual_rank", residual.least(limit, 0, len(blocks)))
	return nil
}

// A truncation gives the loss of a solution with parts of its matrices cut to a rank.
type truncation struct {
	f            problem.Objective[float64]
	x, rest, cut []float64 // rest is x without these parts
	blocks       []problem.Block
	terms        []decomposition    // of that part of each block
	losses       map[[3]int]float64 // by the arguments of loss
}

func newTruncation(p *Pass, f problem.Objective[float64], of matrixKind, blocks []problem.Block) (*truncation, error) {
	cuttable, err := of.vector(p)
	if err != nil {
		return nil, err
	}
	t := &truncation{f: f, x: p.X, rest: append([]float64(nil), p.X...), cut: make([]float64, len(p.X)), blocks: blocks, losses: map[[3]int]float64{}}
	kernel.Axpy(t.rest, -1, cuttable)
	for _, b := range blocks {
		a, err := Need(p, weightVectors{b.Name, of})
		if err != nil {
			return nil, err
		}
		t.terms = append(t.terms, a)
	}
	return t, nil
}

// loss is that with the blocks from..to-1 cut to rank r.
func (t *truncation) loss(r, from, to int) float64 {
	at := [3]int{r, from, to}
	if v, ok := t.losses[at]; ok {
		return v
	}
	copy(t.cut, t.x)
	for i := from; i < to; i++ {
		b := t.blocks[i]
		t.terms[i].truncate(problem.View(t.cut, b), problem.View(t.rest, b), r)
	}
	t.losses[at] = t.f.Loss(t.cut)
	return t.losses[at]
}

// least is the least rank of these blocks with a loss up to the limit.
func (t *truncation) least(limit float64, from, to int) float64 {
	return float64(leastRank(highest(t.terms[from:to]), func(r int) bool { return t.loss(r, from, to) <= limit }))
}

// leastRank is a rank at which keeps is true and below which it is not, where 0 is
// not enough; the highest always is.
func leastRank(highest int, keeps func(r int) bool) int {
	if keeps(0) {
		return 0
	}
	low, high := 0, 1
	for high < highest && !keeps(high) {
		low, high = high, min(2*high, highest)
	}
	for high-low > 1 {
		if middle := (low + high) / 2; keeps(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}

// highest is the rank above which no matrix is truncated.
func highest(terms []decomposition) int {
	r := 0
	for _, a := range terms {
		r = max(r, len(a.s))
	}
	return r
}

// truncate takes from w, which is rest and all terms of the decomposition, those after the
// first r, or makes it of rest and the first r where these are fewer.
func (a *decomposition) truncate(w, rest []float64, r int) {
	k := len(a.s)
	if r >= k {
		return
	}
	from, to, by := r, k, -1.
	if r <= k-r {
		copy(w, rest)
		from, to, by = 0, r, 1
	}
	terms := to - from
	scaled := make([]float64, a.m*terms)
	for i := range a.m {
		for j := range terms {
			scaled[i*terms+j] = by * a.u[i*k+from+j] * a.s[from+j]
		}
	}
	var room kernel.Scratch[float64]
	kernel.MatMul(&room, w, a.n, scaled, terms, 1, a.vt[from*a.n:], a.n, 1, a.m, a.n, terms, true)
}
