package task

import (
	"fmt"

	"basin/data"
	"basin/nn"
	"basin/problem"
	"basin/rng"
)

// pictures are the arguments that all tasks of classifying pictures share.
type pictures struct {
	Batch     int    `arg:"batch" default:"128" valid:"[0,inf)" help:"examples per step, 0 for all; an incomplete last batch of an epoch is left out"`
	Normalize string `arg:"normalize" default:"standard" choices:"standard|unit" help:"standard: less the mean of all training pixels, divided by their standard deviation; unit: from 0 to 1"`
	Train     int    `arg:"train" default:"0" valid:"[0,inf)" help:"use only so many training examples, always the same; 0 for all"`
}

// network is for pictures of 28 x 28 pixels in ten classes.
func (*pictures) network() network {
	return network{model: "mlp(128, 64)", input: nn.Input{Shape: []int{28, 28, 1}}, outputs: 10}
}

// matchExamples is the number of training examples that the matching loss is of.
const matchExamples = 2048

// from makes the data of the task from pictures.
func (p *pictures) from(split *data.Split, net *nn.Net) (*Data, error) {
	s, err := p.supervised(split, net)
	if err != nil {
		return nil, err
	}
	return s.data(split.Hash())
}

func (p *pictures) supervised(split *data.Split, net *nn.Net) (*supervised, error) {
	train := split.Train
	if p.Train > train.N {
		return nil, fmt.Errorf("train=%d is more than the %d training examples there are", p.Train, train.N)
	}
	if p.Train > 0 {
		train = train.Pick(choice("task/train", train.N, p.Train))
	}
	brightness := p.scale(train)
	s := &supervised{
		net: net, loss: problem.SoftmaxCrossEntropy, batch: p.Batch,
		train: normalized(train, brightness),
		val:   normalized(split.Val, brightness),
		test:  normalized(split.Test, brightness),
	}
	s.match = s.train
	if train.N > matchExamples {
		s.match = normalized(train.Pick(choice("task/match", train.N, matchExamples)), brightness)
	}
	return s, nil
}

// choice gives k of n indices, the same for every seed; of fewer k, the first ones.
func choice(name string, n, k int) []int {
	order := make([]int, n)
	s := rng.At(0, name, 0)
	s.Perm(order)
	return order[:k]
}

// scale gives what the network sees for each value of a pixel.
func (p *pictures) scale(train *data.Images) (table [256]float32) {
	mean, deviation := 0.0, 1.0
	if p.Normalize == "standard" {
		mean, deviation = train.Moments(0)
		if deviation == 0 {
			deviation = 1
		}
	}
	for i := range table {
		table[i] = float32((float64(i)/255 - mean) / deviation)
	}
	return table
}

func normalized(m *data.Images, scale [256]float32) *examples {
	x := make([]float32, len(m.Pixels))
	for i, p := range m.Pixels {
		x[i] = scale[p]
	}
	labels := make([]int, m.N)
	for i, c := range m.Labels {
		labels[i] = int(c)
	}
	return &examples{n: m.N, in: m.Rows * m.Cols, x: &array{made: x}, labels: labels}
}
