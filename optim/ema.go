package optim

import (
	"math"

	"basin/problem"
)

var emaDoc = Doc{
	Name:    "ema",
	Family:  "averaged",
	Summary: "Trains as base does and answers with an exponential mean of the points after each step.",
	Equations: `d = base
answer = sum of decay^(t-i) * x_i / sum of decay^(t-i), over the points x_1 ... x_t after the steps so far`,
	Source: "Ruppert 1988 and Polyak & Juditsky 1992 (averages of iterates); Tarvainen & Valpola 2017, Mean teachers are better role models, arXiv 1703.01780 (exponential)",
	Notes: []string{
		"The mean is corrected for its start, as Adam's moments and optax's ema(debias=True) are: at first it is nearly the equal mean, and the start has no part in it. torch_ema and TensorFlow begin with the start and let the decay rise as min(decay, (1+t)/(10+t)); PyTorch's AveragedModel begins with the first point and keeps the decay.",
		"What the points are is seen, not assumed: in ema | clip_norm(1) they are those that the clipped changes lead to.",
		"The mean is kept in float64, as one over many steps changes by less than float32 resolves.",
	},
	Answer:      "the mean",
	Memory:      "1 float64 per parameter (mean), the count of steps, and that of base",
	Gradients:   1,
	Invariances: []Invariance{Rotation, SignedPermutation},
	Example:     "ema(decay=0.99, base=sgd(lr=0.1, momentum=0.9))",
}

type emaSettings struct {
	Decay float64 `arg:"decay" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"weight of a point relative to the next"`
	Base  Base    `arg:"base" default:"sgd(lr=0.1)" help:"optimizer that takes the steps"`
}

func (s *emaSettings) check() error {
	if s.Base.o.averages() {
		return errAverages
	}
	return nil
}

func newEMA[T problem.Float](s *emaSettings, c *Context[T]) (part[T], error) {
	return newAveraging(s.Base.o, c, func(t int) float64 {
		return (1 - s.Decay) / (1 - math.Pow(s.Decay, float64(t)))
	})
}
