package task

import (
	"basin/data"
	"basin/nn"
	"basin/problem"
)

var linearRegressionDoc = Doc{
	Name: "linear_regression", Group: closedForm,
	Summary: "Linear least squares from a Gaussian design: f(w) = mean (w.x - y)^2 / 2, from w = 0.",
	Notes: []string{
		"x ~ N(0, I), y = w.x + noise*e with w ~ N(0, I/d) and e ~ N(0, 1); 1,000 more examples each for validation and testing. The model is linear(bias=false, init=zeros), or deep_linear or diagonal_linear: the same functions, other biases.",
		"With n < d there are many solutions of loss 0, and gradient descent comes to the one of least norm, pinv(X) y (Gunasekar et al. 2018, arXiv 1802.08246).",
		"Of the default model seeds differ in the order of batches alone: with batch=0 all runs are equal.",
	},
}

type linearRegression struct {
	N        int     `arg:"n" default:"20" valid:"[1,10000]" help:"training examples"`
	D        int     `arg:"d" default:"50" valid:"[1,1000]" help:"dimensions of x"`
	Noise    float64 `arg:"noise" default:"0" valid:"[0,inf)" help:"standard deviation of the noise in y"`
	Batch    int     `arg:"batch" default:"0" valid:"[0,inf)" help:"examples per step, 0 for all"`
	DataSeed int     `arg:"data_seed" default:"0" valid:"[0,inf)" help:"seed of the examples"`
}

func (r *linearRegression) network() network {
	return network{model: ownLinear, linear: true, input: nn.Input{Shape: []int{r.D}}, outputs: 1}
}

func (r *linearRegression) load(_ string, net *nn.Net) (*Data, error) {
	t := data.Regression(r.N, r.D, r.Noise, uint64(r.DataSeed))
	return fromTables(t, net, problem.Squared, r.Batch, (*data.Table).LeastSquares)
}
