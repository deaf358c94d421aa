package probe

import (
	"errors"
	"math"

	"basin/problem"
)

// softmax sets dst to the softmax of the logits z and returns log sum exp z.
func softmax(dst, z []float64) float64 {
	top := z[0]
	for _, v := range z {
		top = max(top, v)
	}
	sum := 0.
	for i, v := range z {
		dst[i] = math.Exp(v - top)
		sum += dst[i]
	}
	for i := range dst {
		dst[i] /= sum
	}
	return top + math.Log(sum)
}

// logistic is 1 / (1 + exp(-z)).
func logistic(z float64) float64 {
	if z < 0 {
		e := math.Exp(z)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-z))
}

// softplus is log(1 + exp(z)).
func softplus(z float64) float64 { return max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) }

// sign is the y = +-1 that a label of two classes stands for.
func sign(label int) float64 { return float64(2*label - 1) }

// binary tells whether one output decides between two classes.
func (o *Predictions) binary() bool {
	return o.K == 1 && (o.Kind == problem.Logistic || o.Kind == problem.Exponential)
}

// classes says why the outputs decide on no class, nil if they do.
func (o *Predictions) classes() error {
	switch {
	case o.Labels == nil:
		return errors.New("the targets are not classes")
	case o.K < 2 && !o.binary():
		return errors.New("a single output of " + o.Kind.String() + " loss decides on no class")
	}
	return nil
}

// class is the class decided on: the first of the largest outputs.
func (o *Predictions) class(i int) int {
	z := o.Row(i)
	if o.binary() {
		if z[0] > 0 {
			return 1
		}
		return 0
	}
	best := 0
	for j, v := range z {
		if v > z[best] {
			best = j
		}
	}
	return best
}

// margin is how far the output of the right class is above the best other one; y z
// for a single output z.
func (o *Predictions) margin(i int) float64 {
	z, y := o.Row(i), o.Labels[i]
	if o.binary() {
		return sign(y) * z[0]
	}
	best := math.Inf(-1)
	for j, v := range z {
		if j != y {
			best = max(best, v)
		}
	}
	return z[y] - best
}

// confidence is the probability given to the class decided on. It reports false
// for losses whose outputs are no log-odds.
func (o *Predictions) confidence(i int) (float64, bool) {
	switch o.Kind {
	case problem.SoftmaxCrossEntropy:
		z := o.Row(i)
		p := make([]float64, o.K)
		softmax(p, z)
		return p[o.class(i)], true
	case problem.Logistic:
		return logistic(math.Abs(o.Z[i])), true
	}
	return 0, false
}
