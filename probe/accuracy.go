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
		"The standard error is binomial over examples, sqrt(p (1-p) / n) at p = (right + 1/2) / (n + 1), so that no error is zero; where an example has several predictions, such as a sequence, the standard error of the examples' shares if that is larger. Differences between solutions on the same examples are surer than it says.",
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

// proportion is the share of predictions that are right, with its binomial standard
// error taken at the mean of the Jeffreys posterior. Where each example has several
// predictions it is no less than the standard error of the examples' shares.
func proportion(right []float64, each int) (share, stderr float64) {
	n, k := float64(len(right)), kernel.Sum(right)
	q := (k + .5) / (n + 1)
	stderr = math.Sqrt(q * (1 - q) / n)
	if each > 1 {
		if _, among := meanErr(byExample(right, each)); !(among < stderr) {
			stderr = among
		}
	}
	return k / n, stderr
}
