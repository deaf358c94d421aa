package nn

import (
	"math"
	"slices"
	"testing"

	"basin/problem"
)

// copies is a subject with one example many times over.
func copies(t *testing.T, loss problem.LossKind, times int) *subject[float64] {
	s := newSubject[float64](t, "mlp(4, act=tanh)", loss, 3)
	all := s.examples.Room(times)
	all.Gather(s.examples, make([]int, times))
	s.examples = all
	return s
}

// Labels come as often as the model holds them for likely; targets have the outputs
// for mean and unit variance.
func TestSampled(t *testing.T) {
	const times = 20000
	for _, loss := range allLosses {
		s := copies(t, loss, times)
		o := NewEngine[float64](s.net, loss, 512).Objective(s.examples)
		f, ok := o.Sampled(s.x, 5)
		if ok != (loss != problem.Exponential) {
			t.Fatalf("%v: sampled: %v", loss, ok)
		}
		if !ok {
			continue
		}
		ex := f.(*Objective[float64]).examples
		z := outputsAt(o, s.x)[:s.net.outputs]
		switch loss {
		case problem.Squared:
			for j, mean := range z {
				var first, second float64
				for i := range times {
					d := ex.Targets[i*len(z)+j] - mean
					first += d / times
					second += d * d / times
				}
				if math.Abs(first) > 4/math.Sqrt(times) || math.Abs(second-1) > 4*math.Sqrt2/math.Sqrt(times) {
					t.Errorf("%v: output %d: targets off by %v on average, with variance %v", loss, j, first, second)
				}
			}
		default:
			if loss == problem.Logistic {
				z = []float64{0, z[0]}
			}
			for y, p := range probabilities(z) {
				count := 0.0
				for _, l := range ex.Labels {
					if l == y {
						count++
					}
				}
				if math.Abs(count/times-p) > 4*math.Sqrt(p*(1-p)/times) {
					t.Errorf("%v: class %d is drawn %v of the time, is likely by %v", loss, y, count/times, p)
				}
			}
		}
		again, _ := o.Sampled(s.x, 5)
		other, _ := o.Sampled(s.x, 6)
		same := func(f problem.Objective[float64]) bool {
			have := f.(*Objective[float64]).examples
			return slices.Equal(have.Labels, ex.Labels) && slices.Equal(have.Targets, ex.Targets)
		}
		if !same(again) || same(other) {
			t.Errorf("%v: the draws do not follow from the seed", loss)
		}
		if loss != problem.Squared && &o.examples.Labels[0] == &ex.Labels[0] {
			t.Errorf("%v: the labels themselves were changed", loss)
		}
	}
}

// On average the empirical Fisher matrix of sampled labels is the Fisher matrix.
func TestSampledFisher(t *testing.T) {
	const times = 20000
	for _, loss := range []problem.LossKind{problem.SoftmaxCrossEntropy, problem.Squared, problem.Logistic} {
		s := copies(t, loss, times)
		o := NewEngine[float64](s.net, loss, 512).Objective(s.examples)
		f, _ := o.Sampled(s.x, 1)
		got, want := make([]float64, len(s.x)), make([]float64, len(s.x))
		f.MulVec(problem.EmpiricalFisher, got, s.x, s.x)
		o.MulVec(problem.Fisher, want, s.x, s.x)
		// A few times the standard error of a mean of products of normal numbers.
		compare(t, loss.String(), got, want, 4*math.Sqrt2/math.Sqrt(times)*2)
	}
}
