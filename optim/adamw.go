package optim

import (
	"basin/kernel"
	"basin/problem"
)

var adamwDoc = Doc{
	Name:    "adamw",
	Family:  "adaptive",
	Summary: "Adam with weight decay kept out of the moments.",
	Equations: `m = beta1*m + (1-beta1)*g
v = beta2*v + (1-beta2)*g^2
d = -lr*weight_decay*x - lr * m/(1-beta1^t) / (sqrt(v/(1-beta2^t)) + eps)`,
	Source: "Loshchilov & Hutter 2019, Decoupled weight decay regularization, arXiv 1711.05101, Algorithm 2",
	Notes: []string{
		"Decay is multiplied by lr, as in PyTorch; in the paper it follows the schedule's factor alone, so that lr and decay can be tuned apart.",
		"Decay acts on every block; split() can spare biases and gains.",
		"eps is added to the corrected root, as in adam.",
	},
	Decay:       "apart from the gradient, times lr",
	Epsilon:     "added to the corrected root",
	Correction:  "m and v",
	Memory:      "2 values per parameter (m, v)",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "adamw(lr=cosine(1e-3, warmup=100), weight_decay=0.1)",
}

type adamwSettings struct {
	LR          Schedule `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Beta1       float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2       float64  `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squares"`
	Eps         float64  `arg:"eps" default:"1e-8" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the root"`
	WeightDecay Schedule `arg:"weight_decay" default:"0.01" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
}

func newAdamW[T problem.Float](s *adamwSettings, c *Context[T]) (part[T], error) {
	where, n := newStretches(c)
	return &adam[T]{
		adamSettings: adamSettings(*s), decoupled: true,
		stretches: where, m: kernel.Vector[T](n), v: kernel.Vector[T](n),
	}, nil
}
