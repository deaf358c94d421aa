package probe

import (
	"math"
	"slices"
	"testing"

	"basin/kernel"
	"basin/problem"
	"basin/rng"
)

// skewed is a pass whose training set has classes of 160, 80, 40 and 20 examples.
func skewed(t *testing.T) *Pass {
	t.Helper()
	pass, p, _ := passOf[float64]()
	f := p.Sets["train"].(*regression[float64])
	for i := range f.labels {
		switch {
		case i < 160:
			f.labels[i] = 2
		case i < 240:
			f.labels[i] = 0
		case i < 280:
			f.labels[i] = 3
		default:
			f.labels[i] = 1
		}
	}
	return pass
}

func TestClasses(t *testing.T) {
	p := skewed(t)
	r := ask(t, p, "classes(head=0.6), loss, accuracy")
	o := testOutputs(t, p)
	right, losses := make([]float64, 4), make([]float64, 4)
	count := make([]float64, 4)
	each := o.losses()
	for i, y := range o.Labels {
		count[y]++
		losses[y] += each[i]
		if o.class(i) == y {
			right[y]++
		}
	}
	shares := make([]float64, 4)
	for c, name := range []string{"0", "1", "2", "3"} {
		shares[c] = right[c] / count[c]
		near(t, "accuracy of "+name, r["class_accuracy/"+name].Value, shares[c], 1e-15)
		near(t, "loss of "+name, r["class_loss/"+name].Value, losses[c]/count[c], 1e-14)
	}
	near(t, "worst", r["worst_class_accuracy"].Value, slices.Min(shares), 1e-15)
	near(t, "balanced", r["balanced_accuracy"].Value, kernel.Sum(shares)/4, 1e-15)
	near(t, "head", r["head_accuracy"].Value, (right[2]+right[0])/(count[2]+count[0]), 1e-15)
	near(t, "tail", r["tail_accuracy"].Value, (right[3]+right[1])/(count[3]+count[1]), 1e-15)
	near(t, "tail loss", r["tail_loss"].Value, (losses[3]+losses[1])/(count[3]+count[1]), 1e-14)

	pass, _, _ := passOf[float64]()
	if r := ask(t, pass, "classes"); r["tail_accuracy"].None != "the classes are about as frequent in training as one another" {
		t.Errorf("%+v", r["tail_accuracy"])
	}
}

func TestGap(t *testing.T) {
	p := skewed(t)
	r := ask(t, p, "gap, loss, accuracy")
	near(t, "loss", r["loss_gap"].Value, r["test_loss"].Value-r["train_loss"].Value, 1e-14)
	near(t, "its error", r["loss_gap"].Err, math.Hypot(r["test_loss"].Err, r["train_loss"].Err), 1e-14)
	near(t, "accuracy", r["accuracy_gap"].Value, r["train_accuracy"].Value-r["test_accuracy"].Value, 1e-14)
}

// The error of a ratio of means is that of its sampling distribution.
func TestRatioErr(t *testing.T) {
	const n, repeats = 200, 2000
	var mean, square, claimed float64
	a, b := make([]float64, n), make([]float64, n)
	for r := range repeats {
		s := rng.At(3, "ratio", r)
		for i := range a {
			b[i] = float64(s.IntN(4))
			a[i] = b[i] * (.5 + .3*s.Norm())
		}
		v, stderr := ratio(a, b)
		mean += v / repeats
		square += v * v / repeats
		claimed += stderr / repeats
	}
	near(t, "ratio", mean, .5, .01)
	near(t, "its error", claimed, math.Sqrt(square-mean*mean), .05)
}

// Values by numpy 1.24: softmax and sums by hand.
func TestProperScores(t *testing.T) {
	o := Predictions{Kind: problem.SoftmaxCrossEntropy, N: 3, K: 3, Each: 1, Z: []float64{1, -2, .5, 3, 0, 2, -1, 0, 1}, Labels: []int{1, 0, 2}}
	mean := func(v []float64) float64 { return kernel.Sum(v) / float64(len(v)) }
	near(t, "nll", mean(o.losses()), 1.4204050278516167, 1e-14)
	near(t, "Brier score", mean(o.brier()), 0.5916088070441542, 1e-14)
	o = Predictions{Kind: problem.Logistic, N: 2, K: 1, Each: 1, Z: []float64{2, -.5}, Labels: []int{1, 1}}
	near(t, "nll", mean(o.losses()), 0.5505024976115396, 1e-14)
	near(t, "Brier score", mean(o.brier()), 0.40166495561887117, 1e-14)
}
