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
		"The class of (a, b) is a + b modulo p. Inputs are a and b one-hot, 2p numbers, or with input=tokens the tokens a, b and p, the sign of equality, for gpt(predict=last). Of the pairs not in training half are for validation and half for testing.",
		"Long after the training examples are right the others become so, with weight decay soonest: try adamw(lr=1e-3, weight_decay=1) (Power et al. 2022, arXiv 2201.02177; Nanda et al. 2023, arXiv 2301.05217, with p=113).",
		"The matching loss is of 2,048 training examples, or of all where there are fewer.",
	},
}

type modularAddition struct {
	P        int     `arg:"p" default:"97" valid:"[2,500]" help:"the modulus"`
	Train    float64 `arg:"train" default:"0.3" valid:"(0,1)" help:"share of the pairs for training"`
	Input    string  `arg:"input" default:"onehot" choices:"onehot|tokens" help:"how the two numbers are given"`
	Batch    int     `arg:"batch" default:"0" valid:"[0,inf)" help:"examples per step, 0 for all"`
	DataSeed int     `arg:"data_seed" default:"0" valid:"[0,inf)" help:"seed of the choice of pairs"`
}

func (a *modularAddition) network() network {
	n := network{model: "mlp(256)", input: nn.Input{Shape: []int{2 * a.P}}, outputs: a.P}
	if a.Input == "tokens" {
		n.model, n.input = "gpt(layers=1, predict=last)", nn.Input{Shape: []int{3}, Tokens: a.P + 1}
	}
	return n
}

func (a *modularAddition) load(_ string, net *nn.Net) (*Data, error) {
	t, err := data.NewPairTable(a.P, a.Train, uint64(a.DataSeed))
	if err != nil {
		return nil, err
	}
	if err := fits(a.P*a.P, 2*a.P); err != nil {
		return nil, err
	}
	s := &supervised{
		net: net, loss: problem.SoftmaxCrossEntropy, batch: a.Batch,
		train: a.sums(t.Train), val: a.sums(t.Val), test: a.sums(t.Test),
	}
	s.matchSome()
	return s.data(t.Hash())
}

// sums are pairs with their sums.
func (a *modularAddition) sums(pairs []int) *examples {
	e := &examples{n: len(pairs), in: 2 * a.P}
	for _, pair := range pairs {
		e.labels = append(e.labels, (pair/a.P+pair%a.P)%a.P)
	}
	if a.Input == "tokens" {
		e.in = 3
		for _, pair := range pairs {
			e.tokens = append(e.tokens, pair/a.P, pair%a.P, a.P)
		}
		return e
	}
	x := make([]float32, e.n*e.in)
	for i, pair := range pairs {
		row := x[i*e.in : (i+1)*e.in]
		row[pair/a.P], row[a.P+pair%a.P] = 1, 1
	}
	e.x = &array{made: x}
	return e
}
