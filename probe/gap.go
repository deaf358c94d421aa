package probe

import "math"

var gapDoc = Doc{
	Name:    "gap",
	Family:  "function",
	Summary: "How much worse a solution does on test than on training examples.",
	Readings: []Reading{
		{Name: "loss_gap", Formula: "test loss - training loss", Null: "0 in expectation for a solution that does not depend on the training examples", Invariant: Permutation | Rescaling | Rotation, Headline: true},
		{Name: "accuracy_gap", Formula: "training accuracy - test accuracy", Null: "0 in expectation for a solution that does not depend on the training examples", Invariant: Permutation | Rescaling | Rotation},
	},
	Needs: "examples; outputs and classes for accuracy",
	Cost:  "one evaluation of both sets (shared with other probes), two for squared loss",
	Notes: []string{
		"The standard error is that of a difference of independent means, as `loss` and `accuracy` have theirs. 95 % intervals held the true value in 94 to 95 % of samples (docs/intervals.md).",
		"Where a task has label noise, its training examples with a wrong label are a set of their own, of which `accuracy` reads the share that is remembered as train_accuracy/mislabelled.",
	},
}

type generalization struct{}

func (generalization) Measure(p *Pass) error {
	difference := func(name string, of func(*Pass, string) (float64, float64, error), sign float64) {
		train, trainErr, err := of(p, "train")
		if err != nil {
			p.None(name, err.Error())
			return
		}
		test, testErr, err := of(p, "test")
		if err != nil {
			p.None(name, err.Error())
			return
		}
		p.Estimate(name, sign*(test-train), math.Hypot(testErr, trainErr))
	}
	difference("loss_gap", setLoss, 1)
	difference("accuracy_gap", setAccuracy, -1)
	return nil
}
