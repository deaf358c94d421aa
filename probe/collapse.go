package probe

import (
	"errors"
	"fmt"
	"math"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
)

var collapseDoc = Doc{
	Name:    "collapse",
	Family:  "representations",
	Summary: "Neural collapse: how the activations of each class lie about their mean, these means to one another, and the last layer to them.",
	Readings: []Reading{
		{Name: "class_cosine", Formula: "mean over pairs of classes of cos(mu_c, mu_c'), mu_c the mean of h(x) over the examples of class c, in the last hidden layer", Null: "1 where a common mean prevails", Invariant: Permutation | Rescaling | Rotation, Parts: "layers"},
		{Name: "class_cosine_spread", Formula: "standard deviation of these cosines", Null: "0 where all pairs of classes are alike", Invariant: Permutation | Rescaling | Rotation, Parts: "layers"},
		{Name: "class_cosine_centred", Formula: "mean of cos(mu_c - mu_G, mu_c' - mu_G), mu_G the mean of the mu_c", Null: "near -1/(C-1), which it is for means of equal lengths", Invariant: Permutation | Rescaling | Rotation, Parts: "layers"},
		{Name: "class_cosine_centred_spread", Formula: "standard deviation of these cosines", Null: "0 when collapsed", Invariant: Permutation | Rescaling | Rotation, Parts: "layers"},
		{Name: "nc0", Formula: "|sum_c w_c|_2 / |W|_F, w_c the rows of the last layer's weights", Null: "1 for independent rows, 0 when collapsed", Invariant: Permutation | Rescaling | Rotation},
		{Name: "nc1", Formula: "tr(S_W S_B^+) / C, S_B = mean_c (mu_c - mu_G)(mu_c - mu_G)', S_W = mean_c mean_{x of c} (h(x) - mu_c)(h(x) - mu_c)'", Null: "0 when collapsed", Invariant: Permutation | Rescaling | Rotation, Parts: "layers", Headline: true},
		{Name: "nc2_equinorm", Formula: "standard deviation over mean of |mu_c - mu_G|_2", Null: "0 when collapsed", Invariant: Permutation | Rescaling | Rotation, Parts: "layers"},
		{Name: "nc2_equiangular", Formula: "mean over pairs of |cos(mu_c - mu_G, mu_c' - mu_G) + 1/(C-1)|", Null: "0 when collapsed", Invariant: Permutation | Rescaling | Rotation, Parts: "layers"},
		{Name: "nc3", Formula: "|W / |W|_F - M / |M|_F|_F, M the rows mu_c - mu_G", Null: "sqrt 2 for unrelated directions, 0 when collapsed", Invariant: Permutation | Rescaling | Rotation},
		{Name: "nc4", Formula: "share of examples with argmax_c f_c(x) != argmin_c |h(x) - mu_c|_2", Null: "0 when collapsed", Invariant: Permutation | Rescaling | Rotation},
	},
	Source: "Papyan, Han & Donoho 2020, arXiv 2008.08186",
	Needs:  "classes and a hidden layer; for nc0 and nc3 a dense layer from there to the outputs",
	Cost:   "one evaluation of `examples` training examples, and 20 times the means and their singular values",
	Notes: []string{
		"Classes count alike, whatever their sizes; those with fewer than two of the examples are left out. Means and S_B are of these examples: with n of them in a class, S_B has about 1/n of S_W in it.",
		"S_B^+ leaves out singular values of M below max(C, w) eps of the largest, eps of the precision of training.",
		"Standard errors are of the jackknife over examples, in 20 groups; that of nc4 is no less than that of a binomial share. 95 % intervals held the true value in 92 to 98 % of samples (docs/intervals.md). None counts that measures of spread are above zero in any sample.",
		"With two classes nc2 is zero by definition. A single output f counts as the outputs -f/2 and f/2, for which nc0 is zero.",
	},
}

type collapse struct {
	Set      string `arg:"set" default:"train" help:"the set whose activations are measured"`
	Examples int    `arg:"examples" default:"4096" valid:"[0,inf)" help:"how many of its examples, 0 for all; a sequence counts as its predictions"`
}

func (c *collapse) Measure(p *Pass) error {
	q := Subset{c.Set, c.Examples}
	f, err := Need(p, Features(q))
	if err != nil {
		return err
	}
	o, err := Need(p, Outputs(q))
	if err != nil {
		return err
	}
	if err := o.classes(); err != nil {
		return err
	}
	w, noHead := head(p, f, o)
	whole := []func(string) string{func(name string) string { return name }}
	nc0 := estimate{stderr: math.NaN(), err: noHead}
	if noHead == nil {
		nc0.value = rowSum(w, o.classCount())
	}
	nc0.read(p, "nc0", whole)

	folds := deal(jackknifeFolds, p.Seed, f.N, f.Each)
	for i, l := range f.Layers {
		h := unit(f.Values[i])
		samples := leaveOut(folds, func(without int) *classMeans { return meansWithout(without, folds, h, l.Width, o) })
		all := samples[0]
		var warnings []string
		if left := o.classCount() - len(all.classes); left > 0 {
			warnings = append(warnings, fmt.Sprintf("without %d of %d classes, for want of examples", left, o.classCount()))
		}
		for _, m := range []struct {
			name string
			of   func(*classMeans) (float64, error)
		}{
			{"class_cosine", func(m *classMeans) (float64, error) { return m.cosines(m.mean, average) }},
			{"class_cosine_spread", func(m *classMeans) (float64, error) { return m.cosines(m.mean, spread) }},
			{"class_cosine_centred", func(m *classMeans) (float64, error) { return m.cosines(m.centred, average) }},
			{"class_cosine_centred_spread", func(m *classMeans) (float64, error) { return m.cosines(m.centred, spread) }},
			{"nc1", func(m *classMeans) (float64, error) { return m.variability(p.Eps) }},
			{"nc2_equinorm", (*classMeans).equinorm},
			{"nc2_equiangular", (*classMeans).equiangular},
		} {
			jackknife(samples, m.of).read(p, m.name, f.names(i), warnings...)
		}
		if i < len(f.Layers)-1 {
			continue
		}
		nc3 := estimate{err: noHead}
		if noHead == nil {
			nc3 = jackknife(samples, func(m *classMeans) (float64, error) { return m.duality(w) })
		}
		nc3.read(p, "nc3", whole, warnings...)
		nc4 := jackknife(samples, func(m *classMeans) (float64, error) { return m.disagreement(o) })
		if least := binomialErr(nc4.value, float64(o.N)); !(nc4.stderr > least) {
			nc4.stderr = least
		}
		nc4.read(p, "nc4", whole, warnings...)
	}
	return nil
}

// classCount is the number of classes decided among.
func (o *Predictions) classCount() int {
	if o.binary() {
		return 2
	}
	return o.K
}

// head gives the weights of the dense layer that makes the outputs of the last hidden
// layer, classes x units: the block for which they differ by constants alone.
func head(p *Pass, f *FeatureSet, o *Predictions) ([]float64, error) {
	h, width := f.Values[len(f.Values)-1], f.Layers[len(f.Layers)-1].Width
	var room kernel.Scratch[float64]
	z := make([]float64, o.N*o.K)
	for i := len(p.Layout.Blocks) - 1; i >= 0; i-- {
		b := p.Layout.Blocks[i]
		if len(b.Shape) != 2 || b.Shape[0] != o.K || b.Shape[1] != width {
			continue
		}
		w := problem.View(p.X, b)
		kernel.MatMul(&room, z, o.K, h, width, 1, w, 1, width, o.N, o.K, width, false)
		size := kernel.Norm2(z) + kernel.Norm2(o.Z)
		kernel.Axpy(z, -1, o.Z)
		if !(kernel.Norm2(centred(z, o.N, o.K)) <= 1e-4*size) {
			continue
		}
		if kernel.AbsMax(w) == 0 {
			return nil, errors.New("the last layer is zero")
		}
		if !o.binary() {
			return w, nil
		}
		pair := append(append([]float64(nil), w...), w...)
		kernel.Scale(pair[:width], -1)
		return pair, nil
	}
	return nil, errors.New("no dense layer leads from the last hidden layer to the outputs")
}

// rowSum is |sum_c w_c|_2 / |W|_F of a matrix of so many rows.
func rowSum(w []float64, rows int) float64 {
	width := len(w) / rows
	sum := make([]float64, width)
	for c := range rows {
		kernel.Axpy(sum, 1, w[c*width:(c+1)*width])
	}
	return kernel.Norm2(sum) / kernel.Norm2(w)
}

// classMeans are the means of activations by class.
type classMeans struct {
	h       []float64 // predictions x width
	width   int
	folds   folds
	without int   // the fold that is left out
	classes []int // those with two predictions or more
	// at is the place in classes of the class of each prediction, -1 for one left out.
	at            []int
	count         []float64 // predictions by class
	mean, centred []float64 // classes x width; less the mean of the means
}

// meansWithout gives the means over the predictions outside a fold.
func meansWithout(without int, folds folds, h []float64, width int, o *Predictions) *classMeans {
	m := &classMeans{h: h, width: width, folds: folds, without: without, at: make([]int, o.N)}
	count := make([]float64, o.classCount())
	for i, fold := range folds.of {
		if fold != without {
			count[o.Labels[i]]++
		}
	}
	place := make([]int, len(count))
	for c, n := range count {
		place[c] = -1
		if n >= 2 {
			place[c] = len(m.classes)
			m.classes, m.count = append(m.classes, c), append(m.count, n)
		}
	}
	m.mean = make([]float64, len(m.classes)*width)
	for i, fold := range folds.of {
		m.at[i] = -1
		if fold != without {
			m.at[i] = place[o.Labels[i]]
		}
		if c := m.at[i]; c >= 0 {
			kernel.Axpy(m.row(m.mean, c), 1/m.count[c], h[i*width:(i+1)*width])
		}
	}
	m.centred = centred(m.mean, len(m.classes), width)
	return m
}

func (m *classMeans) row(a []float64, c int) []float64 { return a[c*m.width : (c+1)*m.width] }

var errClasses = errors.New("fewer than two classes have two examples")

// lengths gives |a_c| of each class.
func (m *classMeans) lengths(a []float64) ([]float64, error) {
	if len(m.classes) < 2 {
		return nil, errClasses
	}
	var all []float64
	for c := range m.classes {
		all = append(all, kernel.Norm2(m.row(a, c)))
	}
	return all, nil
}

// cosines gives a value of the cosines of all pairs of rows of a.
func (m *classMeans) cosines(a []float64, of func([]float64) float64) (float64, error) {
	size, err := m.lengths(a)
	if err != nil {
		return 0, err
	}
	n := len(size)
	unit := append([]float64(nil), a...)
	for c, s := range size {
		// Means that should be equal differ by rounding.
		if s <= 1e-12*kernel.AbsMax(m.mean) {
			return 0, errors.New("a class mean is zero")
		}
		kernel.Scale(m.row(unit, c), 1/s)
	}
	products := make([]float64, n*n)
	var room kernel.Scratch[float64]
	kernel.Gram(&room, products, n, unit, m.width, 1, n, m.width, false)
	var all []float64
	for c := range n {
		all = append(all, products[c*n+c+1:(c+1)*n]...)
	}
	return of(all), nil
}

func average(v []float64) float64 { return kernel.Sum(v) / float64(len(v)) }

// spread is the standard deviation, over len(v).
func spread(v []float64) float64 {
	m, ss := average(v), 0.
	for _, x := range v {
		ss += (x - m) * (x - m)
	}
	return math.Sqrt(ss / float64(len(v)))
}

func (m *classMeans) equinorm() (float64, error) {
	size, err := m.lengths(m.centred)
	if err != nil {
		return 0, err
	}
	if average(size) <= 1e-12*kernel.AbsMax(m.mean) {
		return 0, errEqualMeans
	}
	return spread(size) / average(size), nil
}

var errEqualMeans = errors.New("the class means are all the same")

func (m *classMeans) equiangular() (float64, error) {
	simplex := -1 / float64(len(m.classes)-1)
	return m.cosines(m.centred, func(cos []float64) float64 {
		sum := 0.
		for _, v := range cos {
			sum += math.Abs(v - simplex)
		}
		return sum / float64(len(cos))
	})
}

// variability is tr(S_W S_B^+) / C. With M = U diag(s) V' the centred means, it is
// sum_r mean_c mean_{x of c} (v_r'(h - mu_c))^2 / s_r^2.
func (m *classMeans) variability(eps float64) (float64, error) {
	n := len(m.classes)
	if n < 2 {
		return 0, errClasses
	}
	_, s, vt, err := linop.SVD(m.centred, n, m.width)
	if err != nil {
		return 0, errors.New("the class means have no singular values")
	}
	if s[0] <= 1e-12*kernel.AbsMax(m.mean) {
		return 0, errEqualMeans
	}
	rank := 0
	for rank < min(len(s), n-1) && s[rank] > float64(max(n, m.width))*eps*s[0] {
		rank++
	}
	var room kernel.Scratch[float64]
	projected := make([]float64, len(m.at)*rank)
	kernel.MatMul(&room, projected, rank, m.h, m.width, 1, vt, 1, m.width, len(m.at), rank, m.width, false)
	centre := make([]float64, n*rank)
	kernel.MatMul(&room, centre, rank, m.mean, m.width, 1, vt, 1, m.width, n, rank, m.width, false)
	trace := 0.
	for i, c := range m.at {
		if c < 0 {
			continue
		}
		own := 0.
		for r, v := range projected[i*rank : (i+1)*rank] {
			d := (v - centre[c*rank+r]) / s[r]
			own += d * d
		}
		trace += own / m.count[c]
	}
	return trace / float64(n), nil
}

// duality is |W/|W| - M/|M||, over the classes that have means.
func (m *classMeans) duality(w []float64) (float64, error) {
	if len(m.classes) < 2 {
		return 0, errClasses
	}
	d := make([]float64, 0, len(m.centred))
	for _, c := range m.classes {
		d = append(d, m.row(w, c)...)
	}
	a, b := kernel.Norm2(d), kernel.Norm2(m.centred)
	switch {
	case a == 0:
		return 0, errors.New("the last layer is zero")
	case b <= 1e-12*kernel.AbsMax(m.mean):
		return 0, errEqualMeans
	}
	kernel.Scale(d, 1/a)
	kernel.Axpy(d, -1/b, m.centred)
	return kernel.Norm2(d), nil
}

// disagreement is the share of predictions for which the nearest class mean is not the
// class decided on.
func (m *classMeans) disagreement(o *Predictions) (float64, error) {
	n := len(m.classes)
	if n < 2 {
		return 0, errClasses
	}
	products := make([]float64, o.N*n)
	var room kernel.Scratch[float64]
	kernel.MatMul(&room, products, n, m.h, m.width, 1, m.mean, 1, m.width, o.N, n, m.width, false)
	half := make([]float64, n)
	for c := range n {
		half[c] = kernel.Dot(m.row(m.mean, c), m.row(m.mean, c)) / 2
	}
	wrong, among := 0, 0
	for i, fold := range m.folds.of {
		if fold == m.without {
			continue
		}
		best := 0
		for c := range n {
			if products[i*n+c]-half[c] > products[i*n+best]-half[best] {
				best = c
			}
		}
		among++
		if m.classes[best] != o.class(i) {
			wrong++
		}
	}
	return float64(wrong) / float64(among), nil
}
