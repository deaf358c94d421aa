package task

import (
	"fmt"
	"math"

	"basin/data"
	"basin/nn"
	"basin/problem"
)

// lossFor gives the loss on classes, or on numbers where there are none, and how many
// outputs the network needs for it. name is softmax or logistic, for classes.
func lossFor(classes, numbers int, name string) (loss problem.LossKind, outputs int, err error) {
	switch {
	case name == "logistic" && classes == 0:
		return 0, 0, fmt.Errorf("loss=logistic is for two classes, and the targets are numbers; leave it out, or choose kind=classes")
	case name == "logistic" && classes != 2:
		return 0, 0, fmt.Errorf("loss=logistic is for two classes, and there are %d; choose loss=softmax", classes)
	case name == "logistic":
		return problem.Logistic, 1, nil
	case classes == 0:
		return problem.Squared, numbers, nil
	}
	return problem.SoftmaxCrossEntropy, classes, nil
}

// fits refuses to generate more examples than there is memory for.
func fits(n, in int) error {
	const bytes = 12 // of a number in double and in single precision
	return data.Fits(fmt.Sprintf("a set of %d examples of %d numbers", n, in), float64(n)*float64(in)*bytes)
}

// fromSamples makes the data of a task from samples, whose hash is that of their
// contents as they were read.
func fromSamples[T problem.Float](s *data.Samples[T], hash string, net *nn.Net, loss problem.LossKind, batch int) (*Data, error) {
	return supervise(s, net, loss, batch).data(hash)
}

// supervise makes a task of samples.
func supervise[T problem.Float](s *data.Samples[T], net *nn.Net, loss problem.LossKind, batch int) *supervised {
	part := func(p *data.Sample[T]) *examples {
		e := &examples{n: p.N, in: len(p.X) / p.N, x: &array{made: p.X}, labels: p.Labels}
		if p.Y != nil {
			e.targets = &array{made: p.Y}
		}
		return e
	}
	t := &supervised{net: net, loss: loss, batch: batch, train: part(s.Train), val: part(s.Val), test: part(s.Test)}
	t.matchSome()
	return t
}

// standardize takes the mean over the training examples from each feature, and divides
// by its standard deviation there where that is not 0; targets that are numbers
// likewise. Features are the places along the last axis of an example, so that those
// of pictures are the channels.
func standardize[T problem.Float](s *data.Samples[T]) {
	features := s.Shape[len(s.Shape)-1]
	x := scalesOf(s.Train.X, features)
	y := scalesOf(s.Train.Y, s.Outputs)
	for _, p := range s.Parts() {
		apply(p.X, x)
		apply(p.Y, y)
	}
}

// A scale is the mean and standard deviation of a feature.
type scale struct{ mean, deviation float64 }

// scalesOf gives those of each feature, in two passes, so that none is lost to a
// large mean.
func scalesOf[T problem.Float](x []T, features int) []scale {
	m := make([]scale, features)
	n := float64(len(x)) / float64(features)
	for i, v := range x {
		m[i%features].mean += float64(v) / n
	}
	for i, v := range x {
		d := float64(v) - m[i%features].mean
		m[i%features].deviation += float64(d * d)
	}
	for i := range m {
		m[i].deviation = math.Sqrt(m[i].deviation / n)
		if m[i].deviation == 0 {
			m[i].deviation = 1
		}
	}
	return m
}

func apply[T problem.Float](x []T, m []scale) {
	for i, v := range x {
		k := m[i%len(m)]
		x[i] = T((float64(v) - k.mean) / k.deviation)
	}
}

// ofFile makes the data of a task from samples of a file, and their network.
func ofFile[T problem.Float](s *data.Samples[T], m nn.Model, normalize, loss string, batch int) (*Data, error) {
	kind, outputs, err := lossFor(s.Classes, s.Outputs, loss)
	if err != nil {
		return nil, err
	}
	net, err := nn.NewNet(m, nn.Input{Shape: s.Shape}, outputs)
	if err != nil {
		return nil, err
	}
	hash := s.Hash()
	if normalize == "standard" {
		standardize(s)
	}
	return fromSamples(s, hash, net, kind, batch)
}
