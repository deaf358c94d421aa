package probe

import (
	"math"

	"basin/kernel"
)

var accuracyDoc = Doc{
	Name:    "accuracy",
	Family:  "function",
	Summary: "Share of examples put in the right class.",
	Readings: []Reading{
		{Name: "train_accuracy", Formula: "(1/n) sum_i [argmax_k f_k(x_i) = y_i] over the training set", Null: "the share of the commonest class", Invariant: Permutation | Rescaling | Rotation, Parts: "mislabelled: the training examples with a wrong label, where a task knows them"},
		{Name: "val_accuracy", Formula: "the same over the validation set", Null: "the share of the commonest class", Invariant: Permutation | Rescaling | Rotation},
		{Name: "test_accuracy", Formula: "the same over the test set", Null: "the share of the commonest class", Invariant: Permutation | Rescaling | Rotation, Parts: "further test sets", Headline: true},
	},
	Needs: "outputs and classes",
	Cost:  "one evaluation of each set (shared with other probes)",
	Notes: []string{
		"The standard error is binomial over examples, sqrt(p (1-p) / n) at p = (right + 2) / (n + 4), so that no error is zero; where an example has several predictions, such as a sequence, the standard error of the examples' shares if that is larger. Differences between solutions on the same examples are surer than it says.",
		"95 % intervals held the true value in 94 to 96 % of samples (docs/intervals.md). Of shares between 0.5 and 1 - 3/n of n examples, 1.96 errors hold at the least 93 % for n = 100, 400 and 2,000.",
	},
}

type accuracy struct{}

func (accuracy) Measure(p *Pass) error {
	perSet(p, "accuracy", func(name, set string) error {
		share, stderr, err := setAccuracy(p, set)
		if err == nil {
			p.Estimate(name, share, stderr)
		}
		return err
	})
	return nil
}

// setAccuracy is the accuracy on a set, with its standard error.
func setAccuracy(p *Pass, set string) (share, stderr float64, err error) {
	o, err := Need(p, Outputs{set, 0})
	if err != nil {
		return 0, 0, err
	}
	right, err := o.right()
	if err != nil {
		return 0, 0, err
	}
	share, stderr = proportion(right, o.Each)
	return share, stderr, nil
}

// right tells of each prediction whether it is the right class, 1 for yes.
func (o *Predictions) right() ([]float64, error) {
	if err := o.classes(); err != nil {
		return nil, err
	}
	right := make([]float64, o.N)
	for i, y := range o.Labels {
		if o.class(i) == y {
			right[i] = 1
		}
	}
	return right, nil
}

// proportion is the share of predictions that are right, with its binomial standard error.
// Where each example has several predictions it is no less than that of the examples'
// shares.
func proportion(right []float64, each int) (share, stderr float64) {
	share, stderr = meanShare(right, 1)
	if each > 1 {
		_, among := meanShare(byExample(right, each), each)
		stderr = max(stderr, among)
	}
	return share, stderr
}

// meanShare is the mean of the shares, from 0 to 1, of n examples with so many predictions
// each. Its standard error is sd / sqrt(n), with the deviation that there would be with
// two more predictions of each, 0 and 1 (Agresti & Coull 1998 for binomial shares): a mean
// that happens to be 0 or 1 is not certain.
func meanShare(v []float64, each int) (mean, stderr float64) {
	n, more := float64(len(v)), 2/float64(each)
	sum, square := kernel.Sum(v), kernel.Dot(v, v)
	q := (sum + more) / (n + 2*more)
	return sum / n, math.Sqrt(((square+more)/(n+2*more) - q*q) / n)
}

// binomialErr is the standard error that meanShare has for a share of n.
func binomialErr(share, n float64) float64 {
	q := (share*n + 2) / (n + 4)
	return math.Sqrt(q * (1 - q) / n)
}
