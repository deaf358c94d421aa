package task

import (
	"basin/data"
	"basin/nn"
	"basin/problem"
)

var modularAdditionDoc = Doc{
	Name: "modular_addition", Group: generated,
	Summary: "The sum of two numbers modulo p, from a share of the table of all pairs.",
	Notes: []string{
		"Inputs are both numbers one-hot, 2p numbers, and the class is their sum. Of the pairs not in training half are for validation and half for testing.",
		"Long after the training examples are right the others become so, with weight decay soonest: try adamw(lr=1e-3, weight_decay=1) (Power et al. 2022, arXiv 2201.02177; Nanda et al. 2023, arXiv 2301.05217, with p=113).",
		"The matching loss is of 2,048 training examples. With batch=0 seeds differ in the start alone.",
	},
}

type modularAddition struct {
	P        int     `arg:"p" default:"97" valid:"[2,500]" help:"the modulus"`
	Train    float64 `arg:"train" default:"0.3" valid:"(0,1)" help:"share of the pairs for training"`
	Batch    int     `arg:"batch" default:"0" valid:"[0,inf)" help:"examples per step, 0 for all"`
	DataSeed int     `arg:"data_seed" default:"0" valid:"[0,inf)" help:"seed of the choice of pairs"`
}

func (a *modularAddition) network() network {
	return network{model: "mlp(256)", input: nn.Input{Shape: []int{2 * a.P}}, outputs: a.P}
}

func (a *modularAddition) load(_ string, net *nn.Net) (*Data, error) {
	s, err := data.ModularAddition(a.P, a.Train, uint64(a.DataSeed))
	if err != nil {
		return nil, err
	}
	return fromSamples(s, s.Hash(), net, problem.SoftmaxCrossEntropy, a.Batch)
}
