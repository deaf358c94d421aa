package probe

import (
	"errors"
	"math"
	"slices"

	"basin/rng"
)

var calibrationDoc = Doc{
	Name:    "calibration",
	Family:  "function",
	Summary: "Whether predicted probabilities come true on test examples.",
	Readings: []Reading{
		{Name: "ece", Formula: "sum_b (n_b / n) |accuracy_b - confidence_b| over equal bins of confidence", Null: "0 in expectation over many examples; above it by chance over few", Invariant: Permutation | Rescaling | Rotation, Headline: true},
		{Name: "confidence", Formula: "mean probability of the class decided on", Null: "the accuracy", Invariant: Permutation | Rescaling | Rotation},
		{Name: "overconfidence", Formula: "confidence - accuracy", Null: "0", Invariant: Permutation | Rescaling | Rotation},
		{Name: "nll", Formula: "mean of -ln p_y, p the predicted probabilities and y the right class", Unit: "nats", Null: "ln C for uniform predictions of C classes", Invariant: Permutation | Rescaling | Rotation},
		{Name: "brier", Formula: "mean of sum_k (p_k - [k = y])^2", Null: "1 - 1/C for uniform predictions of C classes", Invariant: Permutation | Rescaling | Rotation},
	},
	Source: "Guo et al. 2017, On calibration of modern neural networks, arXiv 1706.04599; brier: Brier 1950",
	Needs:  "outputs that are log-odds, and classes",
	Cost:   "one evaluation of the set (shared with other probes), and 200 resamplings",
	Notes: []string{
		"Chance lifts ece, the more so the fewer examples fall into a bin. Its standard error joins the spread of the bootstrap over examples and an estimate of that lift, so that it reaches down to the error of a large sample; those of the others are over examples. 95 % intervals held the true value in 92 to 98 % of samples (docs/intervals.md).",
		"brier sums over all classes, both of them where one output decides, and so is twice the squared error of the one probability.",
	},
}

type calibration struct {
	Bins int    `arg:"bins" default:"15" valid:"[1,1e6]" help:"equal bins of confidence, open below"`
	Set  string `arg:"set" default:"test" help:"the set on which it is measured"`
}

// resamplings is the number of bootstrap samples: their standard deviation is
// known to within 5%.
const resamplings = 200

func (s *calibration) Measure(p *Pass) error {
	o, err := Need(p, Outputs{s.Set, 0})
	if err != nil {
		return err
	}
	if err := o.classes(); err != nil {
		return err
	}
	conf, over := make([]float64, o.N), make([]float64, o.N)
	right := make([]bool, o.N)
	for i, y := range o.Labels {
		c, ok := o.confidence(i)
		if !ok {
			return errors.New("the outputs of " + o.Kind.String() + " loss are no log-odds")
		}
		conf[i], over[i] = c, c
		if right[i] = o.class(i) == y; right[i] {
			over[i]--
		}
	}
	b := newBins(conf, right, s.Bins)
	b.each = o.Each
	p.Estimate("ece", b.error(), b.stderr(p.Seed))
	mean, stderr := meanErr(byExample(conf, o.Each))
	p.Estimate("confidence", mean, stderr)
	mean, stderr = meanErr(byExample(over, o.Each))
	p.Estimate("overconfidence", mean, stderr)
	mean, stderr = meanErr(byExample(o.losses(), o.Each))
	p.Estimate("nll", mean, stderr)
	mean, stderr = meanErr(byExample(o.brier(), o.Each))
	p.Estimate("brier", mean, stderr)
	return nil
}

// brier is the squared distance of each prediction's probabilities from the truth.
func (o *Predictions) brier() []float64 {
	each, prob := make([]float64, o.N), make([]float64, max(o.K, 2))
	for i, y := range o.Labels {
		if o.binary() {
			prob[0], prob[1] = logistic(-o.Z[i]), logistic(o.Z[i])
		} else {
			softmax(prob, o.Row(i))
		}
		for k, q := range prob {
			if k == y {
				q--
			}
			each[i] += float64(q * q)
		}
	}
	return each
}

// bins is a set of predictions by bin of confidence, and room for a sum per bin.
type bins struct {
	of   []int     // bin of each prediction
	over []float64 // confidence less 1 if right, of each prediction
	sum  []float64 // of over, by bin
	each int       // predictions per example
}

func newBins(conf []float64, right []bool, count int) *bins {
	b := &bins{make([]int, len(conf)), make([]float64, len(conf)), make([]float64, count), 1}
	for i, c := range conf {
		b.of[i] = min(max(int(math.Ceil(c*float64(count)))-1, 0), count-1)
		b.over[i] = c
		if right[i] {
			b.over[i]--
		}
	}
	return b
}

// error is the expected calibration error: since n_b |accuracy_b - confidence_b| is
// the size of the sum of over in bin b, that sum is all it takes.
func (b *bins) error() float64 {
	clear(b.sum)
	for i, v := range b.over {
		b.sum[b.of[i]] += v
	}
	return l1(b.sum) / float64(len(b.of))
}

// stderr is what error is off by in the root mean square: by the spread of its values for
// samples of the examples with replacement, and by what chance lifts it. A bin whose sum
// is normal about d with deviation s adds to it, instead of |d|, the mean of the folded
// normal distribution; d^2 is the square of the sum less s^2, if that is positive.
func (b *bins) stderr(seed uint64) float64 {
	n := len(b.of)
	b.error()
	own, square := slices.Clone(b.sum), make([]float64, len(b.sum))
	draws := make([]float64, resamplings)
	for r := range draws {
		s := rng.At(seed, "probe/calibration", r)
		clear(b.sum)
		for range n / b.each {
			e := s.IntN(n / b.each)
			for i := e * b.each; i < (e+1)*b.each; i++ {
				b.sum[b.of[i]] += b.over[i]
			}
		}
		draws[r] = l1(b.sum)
		for k, v := range b.sum {
			square[k] += (v - own[k]) * (v - own[k]) / resamplings
		}
	}
	lift := 0.
	for k, v := range own {
		if s := math.Sqrt(square[k]); s > 0 {
			d := math.Sqrt(max(v*v-s*s, 0))
			lift += s*math.Sqrt(2/math.Pi)*math.Exp(-d*d/(2*s*s)) + d*math.Erf(d/s/math.Sqrt2) - d
		}
	}
	_, stderr := meanErr(draws)
	return math.Hypot(stderr*math.Sqrt(resamplings), lift) / float64(n)
}
