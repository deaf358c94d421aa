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
	Summary: "The rank of the change in training that the loss needs.",
	Readings: []Reading{
		{Name: "change_rank", Formula: "least r with loss(W_0 + T_r(W - W_0)) <= (1 + tol) loss(W), T_r the first r terms of the singular value decomposition, of all matrices at once; of a part, of that block alone", Null: "0 where training changed nothing", Invariant: Permutation, Parts: "blocks", Headline: true},
		{Name: "residual_rank", Formula: "the same of a W_0 + T_r(W - a W_0), a = <W, W_0> / |W_0|_F^2 for each matrix", Null: "0 where the matrices were only made smaller or larger", Invariant: Permutation, Parts: "blocks"},
		{Name: "truncated_loss", Formula: "loss(W_0 + T_r(W - W_0)), all matrices at once", Null: "the loss of the solution", Invariant: Permutation, Parts: "ranks, powers of two"},
	},
	Needs: "weight matrices and the start",
	Cost:  "singular vectors of every matrix, twice; up to 2 log2(rank) evaluations of `examples` examples, twice for each matrix and once for all",
	Notes: []string{
		"What is no matrix, such as biases and gains, keeps all of its change, and statistics of normalisation are those of the solution.",
		"Ranks 0, 1, 2, 4, ... are tried until the loss is kept, then those between the last two by halving. Where the loss is not monotone in r, this is one of the ranks at which it comes within the tolerance. A matrix of lower rank than r is not truncated.",
	},
}

type lowrank struct {
	Tol      float64 `arg:"tol" default:"0.05" valid:"[0,inf)" help:"relative increase of the loss that is allowed"`
	Set      string  `arg:"set" default:"train" help:"the set on which the loss is measured"`
	Examples int     `arg:"examples" default:"1000" valid:"[0,inf)" help:"how many of its examples, 0 for all; a sequence counts as its predictions"`
}

func (s *lowrank) Measure(p *Pass) error {
	f, err := Need(p, Subset{s.Set, s.Examples})
	if err != nil {
		return err
	}
	loss := f.Loss(p.X)
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return errors.New("the loss is not finite")
	}
	limit := loss + s.Tol*math.Abs(loss)
	blocks := matrices(p.Layout)
	if len(blocks) == 0 {
		return errors.New("the model has no such weights")
	}
	for _, c := range []struct {
		name string
		kind matrixKind
	}{{"change_rank", moved}, {"residual_rank", undecayed}} {
		terms := make([]decomposition, len(blocks))
		for i, b := range blocks {
			if terms[i], err = Need(p, weightVectors{b.Name, c.kind}); err != nil {
				return err
			}
		}
		x := make([]float64, len(p.X))
		lossAt := func(r, from, to int) float64 {
			copy(x, p.X)
			for i := from; i < to; i++ {
				terms[i].truncate(problem.View(x, blocks[i]), r)
			}
			return f.Loss(x)
		}
		read := func(name string, from, to int) {
			p.Exact(name, float64(leastRank(highest(terms[from:to]), func(r int) bool { return lossAt(r, from, to) <= limit })))
		}
		read(c.name, 0, len(blocks))
		for i, b := range blocks {
			read(part(c.name, b.Name), i, i+1)
		}
		if c.kind == moved {
			for r := 1; r < highest(terms); r *= 2 {
				p.Exact(part("truncated_loss", strconv.Itoa(r)), lossAt(r, 0, len(blocks)))
			}
		}
	}
	return nil
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

// truncate takes from w all terms of the decomposition after the first r.
func (a *decomposition) truncate(w []float64, r int) {
	k := len(a.s)
	if r >= k {
		return
	}
	scaled := make([]float64, a.m*(k-r))
	for i := range a.m {
		for j := r; j < k; j++ {
			scaled[i*(k-r)+j-r] = -a.u[i*k+j] * a.s[j]
		}
	}
	var room kernel.Scratch[float64]
	kernel.MatMul(&room, w, a.n, scaled, k-r, 1, a.vt[r*a.n:], a.n, 1, a.m, a.n, k-r, true)
}
