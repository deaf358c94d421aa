package probe

import (
	"errors"
	"math"

	"basin/kernel"
)

var ckaDoc = Doc{
	Name:    "cka",
	Family:  "representations",
	Summary: "How much alike the hidden layers of one solution represent the examples (centred kernel alignment).",
	Readings: []Reading{
		{Name: "cka", Formula: "HSIC_1(K, L) / sqrt(HSIC_1(K, K) HSIC_1(L, L)), K = X X', L = Y Y' of the activations X and Y of two layers and HSIC_1 the unbiased estimator; mean over pairs of layers", Null: "0 for independent activations", Invariant: Permutation | Rescaling | Rotation, Parts: "pairs of layers, as layer1~layer2", Headline: true},
		{Name: "cka_biased", Formula: "|X'Y|_F^2 / (|X'X|_F |Y'Y|_F), columns centred; mean over pairs of layers", Null: "more than 0: 0.45 for independent Gaussian activations of 40 units in 50 examples", Invariant: Permutation | Rescaling | Rotation, Parts: "pairs of layers, as layer1~layer2"},
	},
	Source: "Kornblith et al. 2019, arXiv 1905.00414; HSIC_1: Song et al. 2012; debiased: Nguyen, Raghu & Kornblith 2021, arXiv 2010.15327",
	Needs:  "two hidden layers",
	Cost:   "n w w' operations for n = `examples` activations and each pair of layers of w and w' units (activations shared with rank)",
	Notes: []string{
		"Rotations of a layer's activations change nothing either.",
		"The debiased value may be below zero. Standard errors are of the jackknife over examples; the bias of cka_biased is no part of them. 95 % intervals held the true value in 94 to 96 % of samples (docs/intervals.md).",
	},
}

type cka struct {
	Set      string `arg:"set" default:"test" help:"the set whose activations are compared"`
	Examples int    `arg:"examples" default:"2048" valid:"[0,inf)" help:"how many of its examples, 0 for all; a sequence counts as its predictions"`
}

func (c *cka) Measure(p *Pass) error {
	f, err := Need(p, Features{c.Set, c.Examples})
	switch {
	case err != nil:
		return err
	case len(f.Layers) < 2:
		return errors.New("the model has a single hidden layer")
	}
	var layers []*represented
	for i, l := range f.Layers {
		layers = append(layers, represent(f.Values[i], f.N, l.Width))
	}
	biased, debiased := similarities{name: "cka_biased"}, similarities{name: "cka"}
	for j := range layers {
		for i := range j {
			of := f.Layers[i].Name + "~" + f.Layers[j].Name
			b, d, err := centredAlignment(layers[i], layers[j])
			biased.add(&p.taken, of, f.Each, b, err)
			debiased.add(&p.taken, of, f.Each, d, err)
		}
	}
	biased.mean(&p.taken, f.Each)
	debiased.mean(&p.taken, f.Each)
	return nil
}

// similarities collects those of pairs of layers.
type similarities struct {
	name  string
	pairs int
	sum   jackknifed
	err   error
}

func (s *similarities) add(p *taken, of string, each int, v jackknifed, err error) {
	if err == nil {
		err = v.valid()
	}
	if err != nil {
		p.None(part(s.name, of), err.Error())
		s.err = err
		return
	}
	p.Estimate(part(s.name, of), v.all, v.stderr(each))
	s.pairs++
	if s.sum.without == nil {
		s.sum.without = make([]float64, len(v.without))
	}
	s.sum.all += v.all
	kernel.Axpy(s.sum.without, 1, v.without)
}

// mean reads the mean over the pairs, of which each must have a value.
func (s *similarities) mean(p *taken, each int) {
	if s.err != nil {
		p.None(s.name, s.err.Error())
		return
	}
	s.sum.all /= float64(s.pairs)
	kernel.Scale(s.sum.without, 1/float64(s.pairs))
	p.Estimate(s.name, s.sum.all, s.sum.stderr(each))
}

// A jackknifed quantity has its value for all predictions, and without each of them.
type jackknifed struct {
	all     float64
	without []float64
}

func (j jackknifed) valid() error {
	if math.IsNaN(j.all) || math.IsInf(j.all, 0) {
		return errors.New("the estimate of a layer's similarity to itself is not positive")
	}
	return nil
}

// stderr is the standard error of the mean of the pseudovalues n all - (n-1) without
// (Tukey 1958), those of one example taken together.
func (j jackknifed) stderr(each int) float64 {
	n := float64(len(j.without))
	pseudo := make([]float64, len(j.without))
	for i, v := range j.without {
		pseudo[i] = n*j.all - (n-1)*v
	}
	_, stderr := meanErr(byExample(pseudo, each))
	return stderr
}

// represented is a layer's activations at n predictions, made ready to be compared.
type represented struct {
	n, width         int
	x                []float64 // n x width, each unit's mean taken off
	square           []float64 // |x_i|^2
	biased, debiased jackknifed
}

func represent(h []float64, n, width int) *represented {
	r := &represented{n: n, width: width, x: unit(centred(h, n, width)), square: make([]float64, n)}
	for i := range r.square {
		r.square[i] = kernel.Dot(r.row(i), r.row(i))
	}
	r.biased, r.debiased = hsic(r, r)
	return r
}

func (r *represented) row(i int) []float64 { return r.x[i*r.width : (i+1)*r.width] }

// centredAlignment is the linear CKA of two sets of activations at the same predictions, be
// they of one network or of two.
func centredAlignment(a, b *represented) (biased, debiased jackknifed, err error) {
	if a.n < 5 {
		return biased, debiased, errors.New("fewer than five predictions")
	}
	if kernel.AbsMax(a.x) == 0 || kernel.AbsMax(b.x) == 0 {
		return biased, debiased, errors.New("a layer's activations are the same for all examples")
	}
	biased, debiased = hsic(a, b)
	return biased.over(a.biased, b.biased), debiased.over(a.debiased, b.debiased), nil
}

// over is j / sqrt(a b), not a number where a or b is not positive.
func (j jackknifed) over(a, b jackknifed) jackknifed {
	of := func(v, a, b float64) float64 {
		if !(a > 0 && b > 0) {
			return math.NaN()
		}
		return v / math.Sqrt(a) / math.Sqrt(b)
	}
	q := jackknifed{of(j.all, a.all, b.all), make([]float64, len(j.without))}
	for i, v := range j.without {
		q.without[i] = of(v, a.without[i], b.without[i])
	}
	return q
}

// hsic gives two estimates of the Hilbert-Schmidt independence criterion of linear
// kernels K = X X' and L = Y Y', up to factors that cancel in CKA: tr(K H L H), and
//
//	tr(K L) + 1'K 1 1'L 1 / ((n-1)(n-2)) - 2/(n-2) 1'K L 1,  K_ii = L_ii = 0
//
// which is unbiased (Song et al. 2012). As the columns of X and Y are centred, rows of
// K and L have the sum 0, or minus what was on the diagonal. What each prediction adds
// to the sums is known in closed form, and so is what is left without it.
func hsic(a, b *represented) (biased, debiased jackknifed) {
	n := a.n
	cross, projected := make([]float64, a.width*b.width), make([]float64, n*b.width)
	var room kernel.Scratch[float64]
	kernel.MatMul(&room, cross, b.width, a.x, 1, a.width, b.x, b.width, 1, a.width, b.width, n, false)
	kernel.MatMul(&room, projected, b.width, a.x, a.width, 1, cross, b.width, 1, n, b.width, a.width, false)
	// Row sums k = -|x|^2 and l = -|y|^2 of K and L without diagonals, times L and K.
	kl, lk := make([]float64, b.width), make([]float64, a.width)
	both := make([]float64, n) // K_ii L_ii
	dot := make([]float64, n)  // sum_j K_ij L_ij
	for i := range n {
		kernel.Axpy(kl, a.square[i], b.row(i))
		kernel.Axpy(lk, b.square[i], a.row(i))
		both[i] = a.square[i] * b.square[i]
		dot[i] = kernel.Dot(projected[i*b.width:(i+1)*b.width], b.row(i))
	}
	total, diagonal := kernel.Sum(dot), kernel.Sum(both)
	sumA, sumB := kernel.Sum(a.square), kernel.Sum(b.square)
	unbiased := func(trace, sums, rows, n float64) float64 {
		return (trace + sums/((n-1)*(n-2)) - 2/(n-2)*rows) / (n * (n - 3))
	}
	m := float64(n)
	biased = jackknifed{total / (m * m), make([]float64, n)}
	debiased = jackknifed{unbiased(total-diagonal, sumA*sumB, diagonal, m), make([]float64, n)}
	for i := range n {
		t := dot[i] - both[i]
		left := total - 2*dot[i] + both[i] - 2/(m-1)*t + both[i]/((m-1)*(m-1))
		biased.without[i] = left / ((m - 1) * (m - 1))
		// sum_{j != i} (k_j - K_ij)(l_j - L_ij)
		rows := diagonal - both[i] + kernel.Dot(kl, b.row(i)) + kernel.Dot(lk, a.row(i)) - 2*both[i] + t
		debiased.without[i] = unbiased(total-diagonal-2*t, (sumA-2*a.square[i])*(sumB-2*b.square[i]), rows, m-1)
	}
	return biased, debiased
}
