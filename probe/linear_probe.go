package probe

import (
	"errors"
	"math"
	"slices"

	"basin/kernel"
	"basin/linop"
)

var linearProbeDoc = Doc{
	Name:    "linear_probe",
	Family:  "representations",
	Summary: "How well the classes can be read off hidden activations by a linear classifier.",
	Readings: []Reading{
		{Name: "linear_probe_accuracy", Formula: "share of test examples in the right class, argmax_c (V h(x) + b)_c, with V, b = argmin (1/n) sum_i l(V h(x_i) + b, y_i) + ridge / (2n) |V|_F^2 over n training examples, l softmax cross-entropy; of the last hidden layer", Null: "the share of the commonest class", Invariant: Permutation | Rescaling | Rotation, Parts: "layers", Headline: true},
		{Name: "linear_probe_train_accuracy", Formula: "the same of the training examples of the fit", Null: "grows to 1 with the number of units, whatever they show", Invariant: Permutation | Rescaling | Rotation, Parts: "layers"},
		{Name: "linear_probe_ridge", Formula: "the penalty chosen", Null: untrained, Invariant: Permutation | Rescaling | Rotation, Parts: "layers"},
	},
	Source: "Alain & Bengio 2016, arXiv 1610.01644",
	Needs:  "classes, a hidden layer, a training, a validation and a test set; no validation set where ridge is one number",
	Cost:   "one evaluation of `examples` examples of each set, and for each layer some hundred passes over n x units activations",
	Notes: []string{
		"Activations are centred, and divided by one number for the layer so that the mean square of their entries is 1; rotations of them change nothing. ridge = 1 is then a standard normal prior on V. b is free.",
		"Of the penalties in ridge the probe takes the last one, from the largest down, before the cross-entropy on the validation set, of as many examples, no longer falls: training examples, of which the activations know the classes, would always choose the least. So layers whose units are of unequal sizes are not at a disadvantage.",
		"The minimum is found by Newton's method, with steps by preconditioned conjugate gradients and a line search, until no entry of the gradient exceeds 1e-6.",
		"The standard error is that of accuracy, over test examples; it does not count that the training examples are a sample. 95 % intervals held the true value in 94 % of samples (docs/intervals.md).",
	},
}

type linearProbe struct {
	Examples int       `arg:"examples" default:"4096" valid:"[0,inf)" help:"how many training examples to fit, and test examples to judge by, 0 for all; a sequence counts as its predictions"`
	Ridge    []float64 `arg:"ridge" default:"[1, 10, 100, 1000]" valid:"(0,inf)" help:"penalties on |V|^2 / 2, beside the sum of the examples' losses, to choose among"`
}

func (l *linearProbe) Measure(p *Pass) error {
	train, err := l.posed(p, "train")
	if err != nil {
		return err
	}
	test, err := l.posed(p, "test")
	if err != nil {
		return err
	}
	ridges := slices.Sorted(slices.Values(l.Ridge))
	slices.Reverse(ridges)
	val := &posedSet{}
	if len(ridges) > 1 {
		if val, err = l.posed(p, "val"); err != nil {
			return err
		}
	}
	for i, layer := range train.Layers {
		axes, err := principalAxes(train.Values[i], layer.Width)
		if err != nil {
			return err
		}
		of := func(s *posedSet) *softmaxRegression {
			var h []float64
			if s.FeatureSet != nil {
				h = axes.coordinates(s.Values[i])
			}
			return newSoftmaxRegression(h, s.labels, layer.Width, train.classes)
		}
		fitted, judged := of(train), of(test)
		x, ridge, converged := fitted.choose(ridges, of(val))
		var warnings []string
		if !converged {
			warnings = append(warnings, "the fit did not converge")
		}
		for _, of := range train.names(i) {
			share, stderr := proportion(judged.right(x), test.Each)
			p.Estimate(of("linear_probe_accuracy"), share, stderr, warnings...)
			share, stderr = proportion(fitted.right(x), train.Each)
			p.Estimate(of("linear_probe_train_accuracy"), share, stderr, warnings...)
			p.Exact(of("linear_probe_ridge"), ridge)
		}
	}
	return nil
}

// A posedSet is the activations of a set with their classes.
type posedSet struct {
	*FeatureSet
	labels  []int
	classes int
}

func (l *linearProbe) posed(p *Pass, set string) (*posedSet, error) {
	q := Subset{set, l.Examples}
	f, err := Need(p, Features(q))
	if err != nil {
		return nil, err
	}
	o, err := Need(p, Outputs(q))
	if err != nil {
		return nil, err
	}
	return &posedSet{f, o.Labels, o.classCount()}, o.classes()
}

// frame is what activations are measured in: from their mean, along their principal
// axes, in units of the root mean square of all entries.
type frame struct {
	mean  []float64
	axes  []float64 // width x width, in columns
	scale float64
}

func principalAxes(h []float64, width int) (frame, error) {
	n := len(h) / width
	f := frame{mean: make([]float64, width), scale: 1}
	for i := range n {
		kernel.Axpy(f.mean, 1/float64(n), h[i*width:(i+1)*width])
	}
	c := centred(h, n, width)
	if size := kernel.Norm2(c); size > 0 {
		f.scale = size / math.Sqrt(float64(len(h)))
	}
	for i := range c {
		c[i] /= f.scale
	}
	var room kernel.Scratch[float64]
	gram := make([]float64, width*width)
	kernel.Gram(&room, gram, width, c, 1, width, width, n, false)
	var err error
	if _, f.axes, err = linop.SymEig(gram, width); err != nil {
		return f, errors.New("the activations have no principal axes")
	}
	return f, nil
}

func (f frame) coordinates(h []float64) []float64 {
	width := len(f.mean)
	moved := make([]float64, len(h))
	for i, v := range h {
		moved[i] = (v - f.mean[i%width]) / f.scale
	}
	var room kernel.Scratch[float64]
	turned := make([]float64, len(h))
	kernel.MatMul(&room, turned, width, moved, width, 1, f.axes, width, 1, len(h)/width, width, width, false)
	return turned
}
