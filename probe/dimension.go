package probe

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"basin/kernel"
)

var dimensionDoc = Doc{
	Name:    "dimension",
	Family:  "representations",
	Summary: "Intrinsic dimension of hidden activations, from the distances to the two nearest neighbours.",
	Readings: []Reading{
		{Name: "intrinsic_dimension", Formula: "slope through the origin of -ln(1 - F(mu)) on ln mu, mu = r_2 / r_1 the ratio of distances to the two nearest neighbours, F(mu_(i)) = i/n, without the largest mu; of the last hidden layer", Null: "the number of units for Gaussian activations, if that is small", Invariant: Permutation | Rescaling | Rotation, Parts: "layers", Headline: true},
		{Name: "intrinsic_dimension_coarse", Formula: "the same in each of the subsamples, mean", Null: "intrinsic_dimension, where the dimension does not depend on the scale", Invariant: Permutation | Rescaling | Rotation, Parts: "layers"},
	},
	Source: "TwoNN: Facco, d'Errico, Rodriguez & Laio 2017, Scientific Reports 7, arXiv 1803.06992; of networks: Ansuini et al. 2019, arXiv 1905.12784",
	Needs:  "a hidden layer",
	Cost:   "n^2 distances of n = `examples` activations in each layer (activations shared with rank)",
	Notes: []string{
		"Rotations of the activations change nothing either. High dimensions are underestimated: 1,000 uniform points of a cube of 2, 5 or 10 dimensions give 1.99, 4.65 and 8.4 on average.",
		"The standard error is the relative spread of the disjoint subsamples over the root of their number. It knows nothing of the underestimation. On a torus, where there is none, Student's 95 % intervals held the true value in 96 % of samples (docs/intervals.md).",
		"Equal activations count once. Resampling with repetition would make more of them, and is not done.",
	},
}

type dimension struct {
	Set        string  `arg:"set" default:"test" help:"the set whose activations are measured"`
	Examples   int     `arg:"examples" default:"2048" valid:"[0,inf)" help:"how many of its examples, 0 for all; a sequence counts as its predictions"`
	Discard    float64 `arg:"discard" default:"0.1" valid:"[0,1)" help:"share of the largest ratios that the fit leaves out"`
	Subsamples int     `arg:"subsamples" default:"10" valid:"[2,inf)" help:"disjoint subsamples for the standard error"`
}

func (d *dimension) Measure(p *Pass) error {
	f, err := Need(p, Features{d.Set, d.Examples})
	if err != nil {
		return err
	}
	folds := deal(d.Subsamples, p.Seed, f.N, f.Each)
	for i, l := range f.Layers {
		fine, coarse, warnings := d.estimate(f.Values[i], l.Width, folds)
		fine.read(p, "intrinsic_dimension", f.names(i), warnings...)
		coarse.read(p, "intrinsic_dimension_coarse", f.names(i), warnings...)
	}
	return nil
}

// estimate gives the dimension from all points, and the mean of those from each fold.
func (d *dimension) estimate(h []float64, width int, folds folds) (fine, coarse estimate, warnings []string) {
	points, fold := distinctRows(h, width, folds.of)
	if equal := len(folds.of) - len(fold); equal > 0 {
		warnings = append(warnings, fmt.Sprintf("%d of %d activations equal others", equal, len(folds.of)))
	}
	all, within := neighbourRatios(points, width, fold)
	own := make([][]float64, folds.n)
	for i, f := range fold {
		own[f] = append(own[f], within[i])
	}
	var values []float64
	for _, mu := range own {
		// Where a fold has fewer than three points, a ratio is infinite.
		v, err := twoNN(mu, d.Discard)
		if err != nil {
			coarse.err = fmt.Errorf("in a subsample, %w", err)
			break
		}
		values = append(values, v)
	}
	if coarse.err == nil {
		coarse.value, coarse.stderr = meanErr(values)
	}
	fine.value, fine.err = twoNN(all, d.Discard)
	fine.stderr = math.NaN()
	if coarse.err == nil {
		fine.stderr = coarse.stderr / coarse.value * fine.value
	}
	return fine, coarse, warnings
}

// distinctRows gives the rows of h that differ, in the order of their values, each with the
// fold of one of its equals.
func distinctRows(h []float64, width int, of []int) (rows []float64, fold []int) {
	row := func(i int) []float64 { return h[i*width : (i+1)*width] }
	order := make([]int, len(of))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return slices.Compare(row(i), row(j)) })
	order = slices.CompactFunc(order, func(i, j int) bool { return slices.Equal(row(i), row(j)) })
	for _, i := range order {
		rows = append(rows, row(i)...)
		fold = append(fold, of[i])
	}
	return rows, fold
}

// neighbourRatios gives, for each of the different points h, the distance of its second
// nearest neighbour over that of its nearest: among all, and within its fold. It is
// infinite where there are not two.
func neighbourRatios(h []float64, width int, fold []int) (all, within []float64) {
	const rows = 128
	n := len(fold)
	all, within = make([]float64, n), make([]float64, n)
	h = unit(centred(h, n, width))
	size, products := make([]float64, n), make([]float64, rows*n)
	for i := range size {
		size[i] = kernel.Dot(h[i*width:(i+1)*width], h[i*width:(i+1)*width])
	}
	var room kernel.Scratch[float64]
	for from := 0; from < n; from += rows {
		to := min(from+rows, n)
		kernel.MatMul(&room, products, n, h[from*width:], width, 1, h, 1, width, to-from, n, width, false)
		for i := from; i < to; i++ {
			near, own := nearest(), nearest()
			for j, xy := range products[(i-from)*n : (i-from+1)*n] {
				if j == i {
					continue
				}
				// The distance squared, less what is the same for all j.
				v := size[j] - 2*xy
				near.add(j, v)
				if fold[j] == fold[i] {
					own.add(j, v)
				}
			}
			all[i], within[i] = near.ratio(h, width, i), own.ratio(h, width, i)
		}
	}
	return all, within
}

// A pair holds the two least values added, and where they were.
type pair struct {
	at    [2]int
	value [2]float64
}

func nearest() pair {
	return pair{[2]int{-1, -1}, [2]float64{math.Inf(1), math.Inf(1)}}
}

func (p *pair) add(at int, v float64) {
	switch {
	case v < p.value[0]:
		p.at, p.value = [2]int{at, p.at[0]}, [2]float64{v, p.value[0]}
	case v < p.value[1]:
		p.at[1], p.value[1] = at, v
	}
}

// ratio is that of the distances of row i of h to the two, at least 1. They are computed
// anew, since products of neighbours that are close cancel.
func (p *pair) ratio(h []float64, width, i int) float64 {
	if p.at[1] < 0 {
		return math.Inf(1)
	}
	var r [2]float64
	for k, j := range p.at {
		for c, v := range h[i*width : (i+1)*width] {
			d := v - h[j*width+c]
			r[k] += d * d
		}
	}
	return math.Sqrt(max(r[0], r[1]) / min(r[0], r[1]))
}

// twoNN is the dimension of points from the ratios of distances to their neighbours, of
// which the share discard of the largest is left out.
func twoNN(ratios []float64, discard float64) (float64, error) {
	mu := slices.Sorted(slices.Values(ratios))
	n := float64(len(mu))
	// F of the largest of all is 1, which has no logarithm.
	used := min(int(math.Round((1-discard)*n)), len(mu)-1)
	xx, xy := 0., 0.
	for i, v := range mu[:max(used, 0)] {
		x, y := math.Log(v), -math.Log1p(-float64(i+1)/n)
		xx += x * x
		xy += x * y
	}
	switch d := xy / xx; {
	case len(mu) < 3 || math.IsInf(mu[len(mu)-1], 1):
		return 0, errors.New("fewer than three activations differ")
	case math.Log(mu[max(used-1, 0)]) < 1e-9: // rounding alone
		return 0, errors.New("the two nearest neighbours are equally far from all points")
	case math.IsNaN(d) || math.IsInf(d, 0):
		return 0, errors.New("distances are out of range")
	default:
		return d, nil
	}
}
