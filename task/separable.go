package task

import (
	"basin/data"
	"basin/nn"
	"basin/problem"
)

var separableDoc = Doc{
	Name: "separable", Group: closedForm,
	Summary: "Two classes that a plane separates, told apart by f(w) = mean loss(y w.x), from w = 0.",
	Notes: []string{
		"x ~ N(0, diag(s^2)) with s ~ U(0.3, 2), y = sign(w.x) with w ~ N(0, I); 1,000 more examples each for validation and testing. The model is linear(bias=false, init=zeros), or deep_linear or diagonal_linear: the same functions, other biases.",
		"The loss has no minimum: w grows for ever, and its direction comes to that of the largest margin in the norm that belongs to the optimizer (Soudry et al. 2018, arXiv 1710.10345; Gunasekar et al. 2018, arXiv 1802.08246).",
		"Of the default model seeds differ in the order of batches alone: with batch=0 all runs are equal.",
	},
}

type separable struct {
	N        int     `arg:"n" default:"30" valid:"[1,10000]" help:"training examples"`
	D        int     `arg:"d" default:"20" valid:"[1,1000]" help:"dimensions of x"`
	Loss     string  `arg:"loss" default:"logistic" choices:"logistic|exponential" help:"log(1 + exp(-y w.x)) or exp(-y w.x)"`
	Margin   float64 `arg:"margin" default:"0" valid:"[0,1]" help:"least distance of an example from the plane"`
	Batch    int     `arg:"batch" default:"0" valid:"[0,inf)" help:"examples per step, 0 for all"`
	DataSeed int     `arg:"data_seed" default:"0" valid:"[0,inf)" help:"seed of the examples"`
}

func (s *separable) network() network {
	return network{model: ownLinear, linear: true, input: nn.Input{Shape: []int{s.D}}, outputs: 1}
}

func (s *separable) load(_ string, net *nn.Net) (*Data, error) {
	loss := problem.Logistic
	if s.Loss == "exponential" {
		loss = problem.Exponential
	}
	t := data.Separable(s.N, s.D, s.Margin, uint64(s.DataSeed))
	return fromTables(t, net, loss, s.Batch, func(*data.Table) (float64, error) { return 0, nil })
}
