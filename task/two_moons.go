package task

import (
	"basin/data"
	"basin/nn"
)

var twoMoonsDoc = Doc{
	Name: "two_moons", Group: generated,
	Summary: "Points in the plane on two half circles that reach into one another.",
	Notes: []string{
		"Class 0 is (cos t, sin t), class 1 (1 - cos t, 1/2 - sin t), with t uniform from 0 to pi and noise*e, e ~ N(0, I), added; 1,000 more examples each for validation and testing.",
		"The matching loss is of 2,048 training examples, or of all where there are fewer.",
	},
}

type twoMoons struct {
	N        int     `arg:"n" default:"200" valid:"[2,100000]" help:"training examples"`
	Noise    float64 `arg:"noise" default:"0.2" valid:"[0,inf)" help:"standard deviation of the noise in both coordinates"`
	Loss     string  `arg:"loss" default:"softmax" choices:"softmax|logistic" help:"logistic: with one output"`
	Batch    int     `arg:"batch" default:"32" valid:"[0,inf)" help:"examples per step, 0 for all"`
	DataSeed int     `arg:"data_seed" default:"0" valid:"[0,inf)" help:"seed of the examples"`
}

func (m *twoMoons) network() network {
	return network{model: "mlp(32, 32)", input: nn.Input{Shape: []int{2}}, outputs: binaryOutputs(m.Loss)}
}

func (m *twoMoons) load(_ string, net *nn.Net) (*Data, error) {
	s := data.TwoMoons(m.N, m.Noise, uint64(m.DataSeed))
	kind, _, err := lossFor(2, 0, m.Loss)
	if err != nil {
		return nil, err
	}
	return fromSamples(s, s.Hash(), net, kind, m.Batch)
}
