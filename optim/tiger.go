package optim

import "basin/problem"

var tigerDoc = Doc{
	Name:    "tiger",
	Family:  "sign",
	Summary: "Tiger: signum with a longer memory and decoupled decay by default.",
	Equations: `m = beta*m + (1-beta)*g
d = -lr*weight_decay*x - lr*sign(m)`,
	Source: "Su 2023, Tiger: a tight-fisted optimizer, github.com/bojone/tiger",
	Notes: []string{
		"sign(0) = 0. The author's code besides scales lr by the root mean square of each weight matrix and has rates of its own for biases; kozistr's has neither, nor has this.",
	},
	Decay:       "apart from the gradient, times lr",
	Memory:      "1 value per parameter (m), none without beta",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "tiger(lr=1e-3)",
}

type tigerSettings struct {
	LR          Schedule `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-6..1e-2 log" help:"step of every coordinate"`
	Beta        float64  `arg:"beta" default:"0.965" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	WeightDecay Schedule `arg:"weight_decay" default:"0.01" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
}

func newTiger[T problem.Float](s *tigerSettings, c *Context[T]) (part[T], error) {
	return newSignum(&signumSettings{LR: s.LR, Momentum: s.Beta, WeightDecay: s.WeightDecay}, c)
}
