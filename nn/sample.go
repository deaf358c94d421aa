package nn

import (
	"math"

	"basin/problem"
	"basin/rng"
)

// Sampled is the same objective with labels drawn from the network's predictions at
// x: of the class, from softmax or sigmoid; for squared loss targets, normal about
// the outputs with unit variance. Each prediction has a stream of its own. It
// reports false for exponential loss, which is no negative log-likelihood.
func (o *Objective[T]) Sampled(x []T, seed uint64) (problem.Objective[T], bool) {
	if sampled := o.sampled(x, seed); sampled != nil {
		return sampled, true
	}
	return nil, false
}

func (o *Objective[T]) sampled(x []T, seed uint64) *Objective[T] {
	if o.engine.loss == problem.Exponential {
		return nil
	}
	predictions, k := o.Size()
	z := make([]T, predictions*k)
	o.Outputs(z, x)
	ex := *o.examples
	if o.engine.loss == problem.Squared {
		ex.Targets = z
	} else {
		ex.Labels = make([]int, predictions)
	}
	for i := range predictions {
		s := rng.At(seed, "labels", i)
		switch z := z[i*k : (i+1)*k]; o.engine.loss {
		case problem.Squared:
			for j := range z {
				z[j] += T(s.Norm())
			}
		case problem.Logistic:
			if s.Float64() < 1/(1+math.Exp(-float64(z[0]))) {
				ex.Labels[i] = 1
			}
		default:
			ex.Labels[i] = class(z, s.Float64())
		}
	}
	made := *o
	made.examples = &ex
	return &made
}

// class is where the distribution function of softmax(z) passes u.
func class[T problem.Float](z []T, u float64) int {
	most := math.Inf(-1)
	for _, v := range z {
		most = max(most, float64(v))
	}
	var sum float64
	for _, v := range z {
		sum += math.Exp(float64(v) - most)
	}
	u *= sum
	for y, v := range z {
		if u -= math.Exp(float64(v) - most); u < 0 {
			return y
		}
	}
	return len(z) - 1
}
