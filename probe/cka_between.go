package probe

import (
	"errors"

	"basin/kernel"
)

var ckaBetweenDoc = Doc{
	Name:    "cka_between",
	Family:  "between solutions",
	Summary: "How much alike the hidden layers of two solutions represent the examples (centred kernel alignment).",
	Pairs:   Everyone,
	Readings: []Reading{
		{Name: "cka_between", Formula: "HSIC_1(K, L) / sqrt(HSIC_1(K, K) HSIC_1(L, L)), K = X X', L = Y Y' of the activations X and Y of one layer of both and HSIC_1 the unbiased estimator; mean over layers", Null: "0 for independent activations", Invariant: Permutation | Rescaling | Rotation, Parts: "layers", Headline: true, Same: 1},
		{Name: "cka_between_biased", Formula: "|X'Y|_F^2 / (|X'X|_F |Y'Y|_F), columns centred; mean over layers", Null: "more than 0, the more so the more units and the fewer examples", Invariant: Permutation | Rescaling | Rotation, Parts: "layers", Same: 1},
	},
	Source: "Kornblith et al. 2019, arXiv 1905.00414; HSIC_1: Song et al. 2012; debiased: Nguyen, Raghu & Kornblith 2021, arXiv 2010.15327",
	Needs:  "a hidden layer",
	Cost:   "n^2 w operations for n = `examples` activations of each layer of w units of each solution, and n^2 / 2 for each layer of each pair",
	Notes: []string{
		"The debiased value may be below zero. Standard errors are of the jackknife that leaves out one of 16 groups of examples at a time, whose t intervals of 95 % (15 degrees of freedom) of cka_between held the true value in 95 % of samples of 200 Gaussian examples.",
		"Two solutions from one start share much of what the start represents: hold pairs of one seed against the solutions' cka with their start, or against pairs of other optimizers at that seed.",
	},
}

type ckaBetween struct {
	Set      string `arg:"set" default:"test" help:"the set whose activations are compared"`
	Examples int    `arg:"examples" default:"512" valid:"[0,inf)" help:"how many of its examples, 0 for all; a sequence counts as its predictions"`
}

// representations are those of a solution's hidden layers.
type representations struct {
	names  []string
	layers []*gram
}

func (r *representations) Bytes() int {
	n := 0
	for _, g := range r.layers {
		n += 8 * g.n * g.n / 2
	}
	return n
}

func (s *ckaBetween) Sketch(p *Pass) (*representations, error) {
	f, err := Need(p, Features{s.Set, s.Examples})
	switch {
	case err != nil:
		return nil, err
	case f.N < 5:
		return nil, errors.New("fewer than five predictions")
	}
	r := &representations{}
	for i, l := range f.Layers {
		r.names = append(r.names, l.Name)
		r.layers = append(r.layers, gramOf(f.Values[i], f.N, l.Width, f.Each))
	}
	return r, nil
}

func (s *ckaBetween) Between(p *Pair, a, b *representations) error {
	biased, debiased := similarities{name: "cka_between_biased"}, similarities{name: "cka_between"}
	for i, name := range a.names {
		b, d, err := a.layers[i].alignment(b.layers[i])
		biased.add(&p.taken, name, 1, b, err)
		debiased.add(&p.taken, name, 1, d, err)
	}
	biased.mean(&p.taken, 1)
	debiased.mean(&p.taken, 1)
	return nil
}

// jackknifeGroups is how many groups of examples are left out one at a time.
const jackknifeGroups = 16

// A gram is the matrix K = X X' of a layer's activations at n predictions, each unit's mean taken
// off. The predictions are in groups of whole examples.
type gram struct {
	n                int
	from             []int       // where each group begins, and n
	blocks           [][]float64 // K between groups g <= h, by g and then h
	diagonal         []float64
	toGroup          [][]float64 // of each group, the sums of K over its columns
	biased, debiased jackknifed  // HSIC with itself
}

func gramOf(h []float64, n, width, each int) *gram {
	examples := n / each
	groups := min(jackknifeGroups, examples)
	k := &gram{n: n}
	for g := range groups + 1 {
		k.from = append(k.from, g*examples/groups*each)
	}
	x, all := unit(centred(h, n, width)), make([]float64, n*n)
	var room kernel.Scratch[float64]
	kernel.MatMul(&room, all, n, x, width, 1, x, 1, width, n, n, width, false)
	for i := range n {
		k.diagonal = append(k.diagonal, all[i*n+i])
	}
	for g := range groups {
		sums := make([]float64, n)
		for i := k.from[g]; i < k.from[g+1]; i++ {
			kernel.Axpy(sums, 1, all[i*n:(i+1)*n])
		}
		k.toGroup = append(k.toGroup, sums)
		for h := g; h < groups; h++ {
			var block []float64
			for i := k.from[g]; i < k.from[g+1]; i++ {
				block = append(block, all[i*n+k.from[h]:i*n+k.from[h+1]]...)
			}
			k.blocks = append(k.blocks, block)
		}
	}
	k.biased, k.debiased = k.hsic(k)
	return k
}

// alignment is the linear CKA of two layers at the same predictions.
func (k *gram) alignment(l *gram) (biased, debiased jackknifed, err error) {
	if kernel.AbsMax(k.diagonal) == 0 || kernel.AbsMax(l.diagonal) == 0 {
		return biased, debiased, errors.New("a layer's activations are the same for all examples")
	}
	biased, debiased = k.hsic(l)
	return biased.over(k.biased, l.biased), debiased.over(k.debiased, l.debiased), nil
}

// hsic gives the estimates of hsic in cka.go, for all predictions and without each group.
func (k *gram) hsic(l *gram) (biased, debiased jackknifed) {
	groups := len(k.toGroup)
	total := 0.                      // sum of K_ij L_ij
	of := make([]float64, groups)    // the part of it that is of a group's rows
	own := make([]float64, groups)   // and of its rows and columns
	trace := make([]float64, groups) // sum of K_ii L_ii over a group
	b := 0
	for g := range groups {
		for h := g; h < groups; h++ {
			v := kernel.Dot(k.blocks[b], l.blocks[b])
			b++
			of[g] += v
			if g == h {
				own[g] = v
				total += v
			} else {
				of[h] += v
				total += 2 * v
			}
		}
		trace[g] = kernel.Dot(k.diagonal[k.from[g]:k.from[g+1]], l.diagonal[k.from[g]:k.from[g+1]])
	}
	diagonal := kernel.Sum(trace)
	none := make([]float64, k.n)
	biased.all, debiased.all = k.without(l, total, diagonal, none, none, 0, 0)
	for g := range groups {
		u, d := k.without(l, total-2*of[g]+own[g], diagonal-trace[g], k.toGroup[g], l.toGroup[g], k.from[g], k.from[g+1])
		biased.without, debiased.without = append(biased.without, u), append(debiased.without, d)
	}
	return biased, debiased
}

// without gives both estimates without predictions lo..hi-1, where both is the sum of K_ij L_ij and
// diagonal that of K_ii L_ii over the others, and sumK and sumL are the sums over the columns left out:
// as rows of K have the sum 0, what is left of them is minus that.
func (k *gram) without(l *gram, both, diagonal float64, sumK, sumL []float64, lo, hi int) (biased, debiased float64) {
	m := float64(k.n - (hi - lo))
	var kl, k1, l1, dkl, dk1, dl1 float64 // of rows with the diagonal, and without it
	add := func(from, to int) {
		for j := from; j < to; j++ {
			u, v := -sumK[j], -sumL[j]
			kl, k1, l1 = kl+float64(u*v), k1+u, l1+v
			u, v = u-k.diagonal[j], v-l.diagonal[j]
			dkl, dk1, dl1 = dkl+float64(u*v), dk1+u, dl1+v
		}
	}
	add(0, lo)
	add(hi, k.n)
	biased = (both - 2/m*kl + k1*l1/(m*m)) / (m * m)
	debiased = (both - diagonal + dk1*dl1/((m-1)*(m-2)) - 2/(m-2)*dkl) / (m * (m - 3))
	return biased, debiased
}
