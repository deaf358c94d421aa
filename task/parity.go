package task

import (
	"fmt"

	"basin/data"
	"basin/nn"
)

var parityDoc = Doc{
	Name: "parity", Group: generated,
	Summary: "The parity of k of some bits, which the examples alone tell.",
	Notes: []string{
		"x is uniform on {-1, +1} to the power bits, and the class is 1 where the product of the k bits is +1, else 0; 1,000 more examples each for validation and testing, without label noise. The same on every machine.",
		"With noise the training examples that have the other class are the set train/mislabelled, beside being among the others.",
		"Training seems to stand still until the bits are found (Barak et al. 2022, arXiv 2207.08799).",
		"The matching loss is of 2,048 training examples, or of all where there are fewer.",
	},
}

type parity struct {
	Bits     int     `arg:"bits" default:"30" valid:"[1,1000]" help:"inputs"`
	K        int     `arg:"k" default:"3" valid:"[1,1000]" help:"how many of them matter"`
	N        int     `arg:"n" default:"2000" valid:"[1,100000]" help:"training examples"`
	Noise    float64 `arg:"noise" default:"0" valid:"[0,0.5]" help:"share of the training examples that have the other class"`
	Loss     string  `arg:"loss" default:"softmax" choices:"softmax|logistic" help:"logistic: with one output"`
	Batch    int     `arg:"batch" default:"32" valid:"[0,inf)" help:"examples per step, 0 for all"`
	DataSeed int     `arg:"data_seed" default:"0" valid:"[0,inf)" help:"seed of the bits that matter and of the examples"`
}

func (p *parity) network() network {
	return network{model: "mlp(128)", input: nn.Input{Shape: []int{p.Bits}}, outputs: binaryOutputs(p.Loss)}
}

// binaryOutputs is how many outputs tell two classes apart.
func binaryOutputs(loss string) int {
	if loss == "logistic" {
		return 1
	}
	return 2
}

func (p *parity) check() error {
	if p.K > p.Bits {
		return fmt.Errorf("k=%d is more than the %d bits there are", p.K, p.Bits)
	}
	return nil
}

func (p *parity) load(_ string, net *nn.Net) (*Data, error) {
	if err := fits(p.N, p.Bits); err != nil {
		return nil, err
	}
	s, support := data.Parity(p.N, p.Bits, p.K, p.Noise, uint64(p.DataSeed))
	kind, _, err := lossFor(2, 0, p.Loss)
	if err != nil {
		return nil, err
	}
	t := supervise(s, net, kind, p.Batch)
	var wrong []int
	for i, label := range s.Train.Labels {
		product := float32(1)
		for _, j := range support {
			product *= s.Train.X[i*p.Bits+j]
		}
		if label != int(1+product)/2 {
			wrong = append(wrong, i)
		}
	}
	if wrong != nil {
		t.mislabelled = t.train.pick(wrong)
	}
	return t.data(s.Hash())
}
