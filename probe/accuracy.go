package probe

import "math"

var accuracyDoc = Doc{
	Name:    "accuracy",
	Summary: "Share of examples put in the right class.",
	Readings: []Reading{
		{Name: "train_accuracy", Formula: "(1/n) sum_i [argmax_k f_k(x_i) = y_i] over the training set", Null: "the share of the commonest class", Invariant: Permutation | Rescaling},
		{Name: "val_accuracy", Formula: "the same over the validation set", Null: "the share of the commonest class", Invariant: Permutation | Rescaling},
		{Name: "test_accuracy", Formula: "the same over the test set", Null: "the share of the commonest class", Invariant: Permutation | Rescaling, Parts: "further test sets", Headline: true},
	},
	Needs: "outputs and classes",
	Cost:  "one evaluation of each set (shared with other probes)",
	Notes: []string{
		"The standard error is binomial over examples, sqrt(p (1-p) / n) at p = (right + 1/2) / (n + 1), so that no error is zero. Differences between solutions on the same examples are surer than it says.",
	},
}

type accuracy struct{}

func (accuracy) Measure(p *Pass) error {
	perSet(p, "accuracy", func(name, set string) error {
		o, err := Need(p, Outputs{set, 0})
		if err != nil {
			return err
		}
		right, err := o.right()
		if err != nil {
			return err
		}
		share, stderr := proportion(right, o.N)
		p.Estimate(name, share, stderr)
		return nil
	})
	return nil
}

// right counts the examples put in their class.
func (o *Predictions) right() (int, error) {
	if err := o.classes(); err != nil {
		return 0, err
	}
	n := 0
	for i, y := range o.Labels {
		if o.class(i) == y {
			n++
		}
	}
	return n, nil
}

// proportion is k of n with its binomial standard error, taken at the mean of the
// Jeffreys posterior.
func proportion(k, n int) (share, stderr float64) {
	q := (float64(k) + .5) / (float64(n) + 1)
	return float64(k) / float64(n), math.Sqrt(q * (1 - q) / float64(n))
}
