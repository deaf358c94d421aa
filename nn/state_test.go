package nn

import (
	"math"
	"slices"
	"testing"

	"basin/problem"
	"basin/rng"
)

var _ interface {
	problem.Objective[float32]
	problem.Predictor[float32]
	problem.Jacobian[float32]
	problem.Sampler[float32]
	problem.Kronecker[float32]
	problem.Flopper
} = (*Batch[float32])(nil)

// In evaluation with the statistics of some examples these give what they give in
// training, if they are normalised together.
func TestCalibrate(t *testing.T) {
	for _, model := range statefulModels {
		s := modelled[float64](t, model, 9)
		e := NewEngine[float64](s.net, s.loss, 4)
		e.Calibrate(s.x, s.examples)
		whole, apart := e.Training(s.examples, 0), e.Objective(s.examples)
		got, want := outputsAt(apart, s.x), outputsAt(whole, s.x)
		compare(t, model.recipe+": outputs", got, want, 1e-12)
		compare(t, model.recipe+": loss", []float64{apart.Loss(s.x)}, []float64{whole.Loss(s.x)}, 1e-13)
		compare(t, model.recipe+": of some examples alone", outputsAt(apart.Subset([]int{3, 1}).(*Objective[float64]), s.x),
			slices.Concat(rowOf(want, 3, 9), rowOf(want, 1, 9)), 1e-12)
		if slices.Equal(outputsAt(e.Training(apart.Subset([]int{3, 1}).(*Objective[float64]).examples, 0), s.x), rowOf(want, 3, 9)) {
			t.Errorf("%s: a batch is not normalised by its own statistics", model.recipe)
		}
	}
}

func outputsAt[T problem.Float](p problem.Predictor[T], x []T) []T {
	n, k := p.Size()
	z := make([]T, n*k)
	p.Outputs(z, x)
	return z
}

func rowOf[T problem.Float](v []T, i, n int) []T { return v[i*len(v)/n : (i+1)*len(v)/n] }

// The statistics of the first layer do not depend on how examples are put together;
// those of many examples come from several batches.
func TestCalibrateInBatches(t *testing.T) {
	const n, in, width = 300, 3, 4
	net := mustNet(t, "mlp(4, 2, norm=batch)", numbers(in), 2)
	s := rng.At(1, "calibrate", 0)
	ex := &Examples[float64]{N: n, In: in, X: normals[float64](&s, n*in), Labels: make([]int, n)}
	x := normals[float64](&s, net.Layout().N)
	e := NewEngine[float64](net, problem.SoftmaxCrossEntropy, 64)
	state := e.State(ex)
	state.Calibrate(x)
	for c := range width {
		var mean, square float64
		for i := range n {
			z := 0.0
			for j := range in {
				z += x[c*in+j] * ex.X[i*in+j]
			}
			mean += z / n
			square += z * z / n
		}
		compare(t, "mean and variance", []float64{state.Values[c], state.Values[width+c]}, []float64{mean, square - mean*mean}, 1e-13)
	}
	if b := state.Layout.Blocks; len(b) != 4 || b[0].Name != "layer1.norm.running_mean" || b[3].Name != "layer2.norm.running_var" {
		t.Errorf("state %v", b)
	}
	// It is a function of the parameters.
	kept := slices.Clone(state.Values)
	y := normals[float64](&s, net.Layout().N)
	state.Calibrate(y)
	if slices.Equal(kept, state.Values) {
		t.Error("the state does not depend on the parameters")
	}
	state.Calibrate(x)
	if !slices.Equal(kept, state.Values) {
		t.Error("the state depends on what was calibrated before")
	}
}

// Pooling loses no digits to means that are far from zero.
func TestCalibrateFarFromZero(t *testing.T) {
	const n = 256
	net := mustNet(t, "mlp(1, norm=batch, act=identity)", numbers(1), 2)
	ex := &Examples[float64]{N: n, In: 1, X: make([]float64, n), Labels: make([]int, n)}
	for i := range ex.X {
		ex.X[i] = 1e6 + float64(i%7)
	}
	e := NewEngine[float64](net, problem.SoftmaxCrossEntropy, n)
	x := make([]float64, net.Layout().N)
	x[0] = 1
	e.Calibrate(x, ex)
	var mean, variance float64
	for i := range n {
		mean += float64(i%7) / n
	}
	for i := range n {
		variance += (float64(i%7) - mean) * (float64(i%7) - mean) / n
	}
	compare(t, "variance", e.state[1:], []float64{variance}, 1e-9)
}

// Dropout leaves means as they are: the outputs of a net that is linear above it
// have those of evaluation as their expectation.
func TestDropout(t *testing.T) {
	const rate, draws = 0.3, 4000
	net := mustNet(t, "mlp(6, act=tanh, dropout=0.3)", numbers(3), 2)
	s := rng.At(1, "dropout", 0)
	ex := &Examples[float64]{N: 2, In: 3, X: normals[float64](&s, 6), Labels: []int{0, 1}}
	x := normals[float64](&s, net.Layout().N)
	e := NewEngine[float64](net, problem.SoftmaxCrossEntropy, 2)
	want, b := outputsAt(e.Objective(ex), x), e.Training(ex, 0)
	hidden := make([][]float64, 1)
	hidden[0] = make([]float64, 12)
	e.Objective(ex).Activations(hidden, x)
	head := x[24:36]
	sum := make([]float64, len(want))
	for key := range uint64(draws) {
		b.SetNoise(key)
		for i, z := range outputsAt(b, x) {
			sum[i] += z / draws
		}
	}
	for i, w := range want {
		// Each term h w of an output is scaled by 0 or 1/(1-rate).
		variance := 0.0
		for k := range 6 {
			term := hidden[0][i/2*6+k] * head[i%2*6+k]
			variance += term * term * rate / (1 - rate)
		}
		if se := math.Sqrt(variance / draws); math.Abs(sum[i]-w) > 5*se {
			t.Errorf("output %d is %v in the mean, %v in evaluation, standard error %v", i, sum[i], w, se)
		}
	}
}

// One key gives one function, whose gradient is that of its loss; another key gives
// another, and the parts of a batch have different noise.
func TestDropoutKey(t *testing.T) {
	s := modelled[float64](t, small{"mlp(6, 4, act=tanh, dropout=0.5)", numbers(3), 3, problem.SoftmaxCrossEntropy}, 8)
	copy(s.examples.X[12:], s.examples.X[:12]) // the last four examples are the first
	b := NewEngine[float64](s.net, s.loss, 4).Training(s.examples, 7)
	g, want := make([]float64, len(s.x)), make([]float64, len(s.x))
	loss := b.Grad(g, s.x)
	for i := range want {
		want[i] = slope(func(h float64) []float64 { return []float64{b.Loss(moved(s.x, unit(len(s.x), i), h))} })[0]
	}
	compare(t, "gradient", g, want, 1e-10)
	z := outputsAt(b, s.x)
	if slices.Equal(z[:len(z)/2], z[len(z)/2:]) {
		t.Error("two parts of a batch have the same noise")
	}
	b.SetNoise(8)
	if b.Loss(s.x) == loss {
		t.Error("another key, and the same loss")
	}
	b.SetNoise(7)
	if b.Loss(s.x) != loss {
		t.Error("the same key, and another loss")
	}
}

func TestCheckBatch(t *testing.T) {
	e := NewEngine[float32](mustNet(t, "mlp(1000, norm=batch)", numbers(10), 2), problem.SoftmaxCrossEntropy, 512)
	if err := e.CheckBatch(10_000); err != nil {
		t.Error(err)
	}
	want := "a batch of 10000000 examples takes "
	if err := e.CheckBatch(10_000_000); err == nil || err.Error()[:len(want)] != want {
		t.Errorf("%v, want %s", err, want)
	}
	plain := NewEngine[float32](mustNet(t, "mlp(1000)", numbers(10), 2), problem.SoftmaxCrossEntropy, 512)
	if err := plain.CheckBatch(10_000_000); err != nil {
		t.Error(err)
	}
}
