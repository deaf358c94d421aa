package probe

var linearProbeDoc = Doc{
	Name:    "linear_probe",
	Summary: "How well the classes can be read off hidden activations by a linear classifier.",
	Readings: []Reading{
		{Name: "linear_probe_accuracy", Formula: "share of test examples in the right class, argmax_c (V h(x) + b)_c, with V, b = argmin (1/n) sum_i l(V h(x_i) + b, y_i) + ridge / (2n) |V|_F^2 over n training examples, l softmax cross-entropy; of the last hidden layer", Null: "the share of the commonest class", Invariant: Permutation | Rescaling, Parts: "layers", Headline: true},
		{Name: "linear_probe_train_accuracy", Formula: "the same of the training examples of the fit", Null: "grows to 1 with the number of units, whatever they show", Invariant: Permutation | Rescaling, Parts: "layers"},
	},
	Source: "Alain & Bengio 2016, arXiv 1610.01644",
	Needs:  "classes, a hidden layer, a training and a test set",
	Cost:   "one evaluation of `examples` training and test examples, and for each layer some hundred passes over n x units activations",
	Notes: []string{
		"Activations are centred, and divided by one number for the layer so that the mean square of their entries is 1; rotations of them change nothing. ridge = 1 is then a standard normal prior on V; it is fixed, not tuned. b is free.",
		"The minimum is found by Newton's method from zero, with steps by conjugate gradients and a line search, until no entry of the gradient exceeds 1e-6.",
		"The standard error is that of accuracy, over test examples; it does not count that the training examples are a sample.",
	},
}

type linearProbe struct {
	Examples int     `arg:"examples" default:"4096" valid:"[0,inf)" help:"how many training examples to fit, and test examples to judge by, 0 for all; a sequence counts as its predictions"`
	Ridge    float64 `arg:"ridge" default:"1" valid:"(0,inf)" help:"penalty on |V|^2 / 2 beside the sum of the examples' losses"`
}

func (l *linearProbe) Measure(p *Pass) error {
	var features [2]*FeatureSet
	var labels [2][]int
	classes := 0
	for i, set := range []string{"train", "test"} {
		q := Subset{set, l.Examples}
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
		features[i], labels[i], classes = f, o.Labels, o.classCount()
	}
	train, test := features[0], features[1]
	for i, layer := range train.Layers {
		mean, scale := standard(train.Values[i], layer.Width)
		s := newSoftmaxRegression(standardized(train.Values[i], mean, scale), labels[0], layer.Width, classes, l.Ridge)
		x, converged := s.fit()
		var warnings []string
		if !converged {
			warnings = append(warnings, "the fit did not converge")
		}
		for _, of := range train.names(i) {
			share, stderr := proportion(s.right(x, s.h, labels[0]), train.Each)
			p.Estimate(of("linear_probe_train_accuracy"), share, stderr, warnings...)
			share, stderr = proportion(s.right(x, standardized(test.Values[i], mean, scale), labels[1]), test.Each)
			p.Estimate(of("linear_probe_accuracy"), share, stderr, warnings...)
		}
	}
	return nil
}
