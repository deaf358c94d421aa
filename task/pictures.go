package task

import (
	"fmt"

	"basin/data"
	"basin/nn"
	"basin/problem"
)

// pictures are the arguments that all tasks of classifying pictures share.
type pictures struct {
	Batch     int    `arg:"batch" default:"128" valid:"[0,inf)" help:"examples per step, 0 for all; an incomplete last batch of an epoch is left out"`
	Normalize string `arg:"normalize" default:"standard" choices:"standard|unit" help:"standard: each channel less its mean over all training pixels, divided by its standard deviation; unit: from 0 to 1"`
	Train     int    `arg:"train" default:"0" valid:"[0,inf)" help:"use only so many training examples, always the same; 0 for all"`
}

// network is for pictures of 28 x 28 pixels in ten classes.
func (*pictures) network() network {
	return network{model: "mlp(128, 64)", input: nn.Input{Shape: []int{28, 28, 1}}, outputs: 10}
}

// from makes the data of the task from pictures.
func (p *pictures) from(split *data.Split, net *nn.Net) (*Data, error) {
	s, _, err := p.supervised(split, net)
	if err != nil {
		return nil, err
	}
	return s.data(split.Hash())
}

// supervised also gives what the network sees for each value of each channel.
func (p *pictures) supervised(split *data.Split, net *nn.Net) (*supervised, [][256]float32, error) {
	train := split.Train
	if p.Train > train.N {
		return nil, nil, fmt.Errorf("train=%d is more than the %d training examples there are", p.Train, train.N)
	}
	if p.Train > 0 {
		train = train.Pick(choice("task/train", train.N, p.Train))
	}
	scale := p.scale(train)
	s := &supervised{
		net: net, loss: problem.SoftmaxCrossEntropy, batch: p.Batch,
		train: normalized(train, scale),
		val:   normalized(split.Val, scale),
		test:  normalized(split.Test, scale),
	}
	s.matchSome()
	return s, scale, nil
}

// scale gives what the network sees for each value of each channel.
func (p *pictures) scale(train *data.Images) [][256]float32 {
	tables := make([][256]float32, train.Channels)
	for c := range tables {
		mean, deviation := 0.0, 1.0
		if p.Normalize == "standard" {
			mean, deviation = train.Moments(c)
			if deviation == 0 {
				deviation = 1
			}
		}
		for i := range tables[c] {
			tables[c][i] = float32((float64(i)/255 - mean) / deviation)
		}
	}
	return tables
}

func normalized(m *data.Images, scale [][256]float32) *examples {
	x := make([]float32, len(m.Pixels))
	for c, table := range scale {
		for i := c; i < len(x); i += len(scale) {
			x[i] = table[m.Pixels[i]]
		}
	}
	labels := make([]int, m.N)
	for i, c := range m.Labels {
		labels[i] = int(c)
	}
	return &examples{n: m.N, in: m.Rows * m.Cols * m.Channels, x: &array{made: x}, labels: labels}
}
