package probe

import (
	"math"
	"slices"
	"testing"

	"basin/kernel"
	"basin/nn"
	"basin/problem"
	"basin/recipe"
	"basin/rng"
)

const (
	sequences = 30
	context   = 8
	kinds     = 5
)

// language poses the training of a small transformer on random sequences, each half
// made of one token, so that the predictions of one belong together.
func language[T problem.Float](t testing.TB) (*problem.Problem[T], []T) {
	t.Helper()
	const model = "gpt(layers=1, width=8, heads=2)"
	r, err := recipe.Parse(model)
	if err != nil {
		t.Fatal(err)
	}
	m, err := nn.ParseModel(model, r[0])
	if err != nil {
		t.Fatal(err)
	}
	net, err := nn.NewNet(m, nn.Input{Shape: []int{context}, Tokens: kinds}, kinds)
	if err != nil {
		t.Fatal(err)
	}
	engine := nn.NewEngine[T](net, problem.SoftmaxCrossEntropy, 16)
	p := &problem.Problem[T]{Layout: net.Layout(), Start: make([]T, net.Layout().N), Sets: map[string]problem.Objective[T]{}}
	nn.Init(net, p.Start, 1)
	for i, set := range []string{"train", "val", "test"} {
		s := rng.At(2, "sequences", i)
		ex := &nn.Examples[T]{N: sequences, In: context}
		for range ex.N {
			own := s.IntN(kinds)
			for k := range context {
				ex.Tokens = append(ex.Tokens, s.IntN(kinds))
				if k%2 == 0 {
					ex.Labels = append(ex.Labels, own)
				} else {
					ex.Labels = append(ex.Labels, s.IntN(kinds))
				}
			}
		}
		p.Sets[set] = engine.Objective(ex)
	}
	p.Match = p.Sets["train"]
	x := slices.Clone(p.Start)
	s := rng.At(3, "step", 0)
	for i := range x {
		x[i] += T(.5 * s.Norm())
	}
	return p, x
}

// Readings are means over predictions; their standard errors are over sequences,
// which are what is drawn.
func TestSequences(t *testing.T) {
	p, x := language[float64](t)
	pass := NewPass(p, x, 1, 1)
	r := ask(t, pass, "loss, accuracy, calibration, margin, activity")
	o, err := Need(pass, Outputs{"test", 0})
	if err != nil {
		t.Fatal(err)
	}
	if o.N != sequences*context || o.Each != context {
		t.Fatalf("%d predictions, %d of each example", o.N, o.Each)
	}
	right := make([]float64, sequences)
	losses := make([]float64, sequences)
	prob := make([]float64, kinds)
	for i, y := range o.Labels {
		losses[i/context] += (softmax(prob, o.Row(i)) - o.Row(i)[y]) / context
		if o.class(i) == y {
			right[i/context] += 1. / context
		}
	}
	mean, stderr := meanErr(losses)
	near(t, "loss", r["test_loss"].Value, mean, 1e-13)
	near(t, "standard error of the loss", r["test_loss"].Err, stderr, 1e-12)
	near(t, "loss of the objective", r["test_loss"].Value, p.Sets["test"].Loss(x), 1e-13)
	mean, stderr = meanErr(right)
	near(t, "accuracy", r["test_accuracy"].Value, mean, 1e-13)
	if binomial := math.Sqrt(mean * (1 - mean) / (sequences * context)); stderr > 1.05*binomial {
		// Two more predictions of each kind are 1/2 of a sequence.
		square, more := kernel.Dot(right, right), 2./context
		q := (kernel.Sum(right) + more) / (sequences + 2*more)
		near(t, "standard error of the accuracy", r["test_accuracy"].Err, math.Sqrt(((square+more)/(sequences+2*more)-q*q)/sequences), 1e-12)
	} else {
		t.Errorf("the predictions of a sequence do not belong together: %v, binomial %v", stderr, binomial)
	}
	near(t, "overconfidence", r["overconfidence"].Value, r["confidence"].Value-r["test_accuracy"].Value, 1e-12)
	if !(r["ece"].Err > 0) || !(r["margin_median"].Err > 0) || !(r["zero_activations"].Err >= 0) {
		t.Errorf("standard errors %v, %v, %v", r["ece"].Err, r["margin_median"].Err, r["zero_activations"].Err)
	}
}

// A choice of examples counts predictions, and takes whole sequences.
func TestSubsetOfSequences(t *testing.T) {
	p, x := language[float64](t)
	pass := NewPass(p, x, 1, 1)
	for want, n := range map[int]int{1: 1, 2: context + 1, 10: 10 * context, sequences: 1000} {
		f, err := Need(pass, Subset{"train", n})
		if err != nil {
			t.Fatal(err)
		}
		if got, each := examples(f); got != want || each != context {
			t.Errorf("%d predictions take %d sequences of %d, want %d", n, got, each, want)
		}
	}
	f, err := Need(pass, Features{"train", 3 * context})
	if err != nil || f.N != 3*context || len(f.Values[0]) != 3*context*8 {
		t.Errorf("features of %d predictions, error %v", f.N, err)
	}
}

// With ten equal values for each of a hundred examples, the median's error is that of
// the hundred.
func TestQuantileOfSequences(t *testing.T) {
	var each, all []float64
	for i := range 100 {
		each = append(each, float64(i))
		for range 10 {
			all = append(all, float64(i))
		}
	}
	_, want := quantile(each, 1, .5)
	if _, got := quantile(all, 10, .5); got != want {
		t.Errorf("standard error %v, want %v", got, want)
	}
}

func TestByExample(t *testing.T) {
	v := []float64{1, 3, 5, 5, 0, 2}
	if got := byExample(v, 2); !slices.Equal(got, []float64{2, 5, 1}) || kernel.Sum(byExample(v, 1)) != 16 {
		t.Errorf("%v", got)
	}
}
