package probe

import (
	"math"
	"slices"
	"testing"

	"basin/kernel"
	"basin/problem"
	"basin/rng"
)

// near fails unless got is within a relative tol of want.
func near(t *testing.T, name string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*max(math.Abs(want), 1e-300)) {
		t.Errorf("%s: got %.12g, want %.12g within %g (off by %.2g)", name, got, want, tol, math.Abs(got/want-1))
	}
}

// hilbert is the n x n matrix 1/(i+j-1).
func hilbert(n int) []float64 {
	a := make([]float64, n*n)
	for i := range n {
		for j := range n {
			a[i*n+j] = 1 / float64(i+j+1)
		}
	}
	return a
}

// Values computed independently, to nine digits.
func TestSpectrumOfHilbert(t *testing.T) {
	a, err := spectrumOf(hilbert(5), 5, 5, 0x1p-52)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"effective rank", a.effectiveRank(), 1.49142689},
		{"RankMe", a.rankMe(), 1.49143050},
		{"stable rank", a.stableRank(), 1.01776181},
		{"participation ratio", a.participationRatio(), 1.03551436},
		{"nuclear norm", a.nuclearNorm(), 1.78730159},
		{"srank", a.srank(), 2},
		{"numerical rank", a.numericalRank(), 5},
	} {
		near(t, c.name, c.got, c.want, 5e-9)
	}
	// The trace of a positive definite matrix is its nuclear norm.
	near(t, "trace", a.nuclearNorm(), 1+1./3+1./5+1./7+1./9, 1e-15)
}

func TestSpectrumOfSimpleMatrices(t *testing.T) {
	const n = 7
	identity, one := make([]float64, n*n), make([]float64, 3*n)
	for i := range n {
		identity[i*n+i] = 2
	}
	for i := range one {
		one[i] = float64(1+i/n) * float64(2-i%n)
	}
	for _, c := range []struct {
		name string
		a    []float64
		rows int
		rank float64
	}{{"identity", identity, n, n}, {"rank one", one, 3, 1}} {
		a, err := spectrumOf(c.a, c.rows, n, 0x1p-52)
		if err != nil {
			t.Fatal(err)
		}
		for measure, got := range map[string]float64{
			"effective rank": a.effectiveRank(), "stable rank": a.stableRank(), "participation ratio": a.participationRatio(),
			"numerical rank": a.numericalRank(), "srank": a.srank(),
		} {
			near(t, measure+" of "+c.name, got, c.rank, 1e-13)
		}
	}
	if _, err := spectrumOf(make([]float64, 6), 2, 3, 0x1p-52); err != errZero {
		t.Errorf("zero matrix: error %v", err)
	}
}

func TestSparsityOfOneToTen(t *testing.T) {
	x := []float64{3, -1, 2, 10, -5, 4, 7, 6, 9, -8}
	near(t, "Hoyer", hoyer(x), .16612950, 5e-8)
	near(t, "Gini", gini(x), .3, 1e-15)
	single := []float64{0, 0, -4, 0}
	near(t, "Hoyer of one", hoyer(single), 1, 1e-15)
	near(t, "Gini of one", gini(single), .75, 1e-15)
	equal := []float64{2, -2, 2, 2}
	near(t, "Hoyer of equals", 1+hoyer(equal), 1, 1e-15)
	near(t, "Gini of equals", 1+gini(equal), 1, 1e-15)
	// Of 1..10 the variance is 8.25 and the fourth central moment 120.8625.
	near(t, "kurtosis", kurtosis([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}), 120.8625/(8.25*8.25), 1e-15)
	near(t, "near zero", nearZero(.2)(x), .1, 1e-15)
}

// What the catalogue says of Gaussian weights, within five standard errors.
func TestSparsityOfGaussian(t *testing.T) {
	const n = 400_000
	w := make([]float64, n)
	s := rng.At(1, "gaussian", 0)
	for i := range w {
		w[i] = 3 * s.Norm()
	}
	root := 5 / math.Sqrt(n)
	if d := gini(w) - (math.Sqrt2 - 1); math.Abs(d) > root {
		t.Errorf("Gini is off by %g", d)
	}
	if d := kurtosis(w) - 3; math.Abs(d) > root*math.Sqrt(24) {
		t.Errorf("kurtosis is off by %g", d)
	}
	m := math.Sqrt(float64(n))
	if d := hoyer(w) - (m-m*math.Sqrt(2/math.Pi))/(m-1); math.Abs(d) > root {
		t.Errorf("Hoyer is off by %g", d)
	}
	if d := nearZero(.01)(w) - math.Erf(.01/math.Sqrt2); math.Abs(d) > root*math.Sqrt(.008) {
		t.Errorf("near zero is off by %g", d)
	}
}

func TestCalibrationFixture(t *testing.T) {
	conf := []float64{.95, .85, .75, .65, .55, .99, .91, .62}
	right := []bool{true, true, false, true, false, true, false, true}
	near(t, "ECE", newBins(conf, right, 10).error(), .378750, 1e-14)
	near(t, "ECE of one bin", newBins(conf, right, 1).error(), math.Abs(kernel.Sum(conf)-5)/8, 1e-14)
	b := newBins([]float64{0, .5, .5000001, 1}, make([]bool, 4), 2)
	if b.of[0] != 0 || b.of[1] != 0 || b.of[2] != 1 || b.of[3] != 1 {
		t.Errorf("bins %v", b.of)
	}
}

// With one bin the error is the size of a mean, whose deviation is known.
func TestCalibrationBootstrap(t *testing.T) {
	const n = 2000
	conf, right := make([]float64, n), make([]bool, n)
	over := make([]float64, n)
	s := rng.At(1, "calibration", 0)
	for i := range conf {
		conf[i] = .8 + .2*s.Float64()
		over[i] = conf[i]
		if right[i] = s.Float64() < .6; right[i] {
			over[i]--
		}
	}
	_, want := meanErr(over)
	b := newBins(conf, right, 1)
	near(t, "bootstrap error", b.stderr(1), want, .15)
	if b.stderr(1) != b.stderr(1) {
		t.Error("the bootstrap does not repeat itself")
	}
}

func TestQuantiles(t *testing.T) {
	v := make([]float64, 400)
	for i := range v {
		v[i] = float64(i + 1)
	}
	for _, c := range []struct{ q, want, err float64 }{{0, 1, math.NaN()}, {.05, 20, (29. - 12) / 3.92}, {.5, 200, (220. - 181) / 3.92}} {
		got, stderr := quantile(v, 1, c.q)
		if got != c.want || !(math.Abs(stderr-c.err) < 1e-13) && !math.IsNaN(c.err) || math.IsNaN(c.err) != math.IsNaN(stderr) {
			t.Errorf("quantile %g: got %v +- %v, want %v +- %v", c.q, got, stderr, c.want, c.err)
		}
	}
	if got, _ := quantile([]float64{7}, 1, .05); got != 7 {
		t.Errorf("5%% quantile of one value is %v", got)
	}
}

// The standard error of a median is that of its sampling distribution.
func TestQuantileErr(t *testing.T) {
	const n, repeats = 300, 2000
	var mean, square, claimed float64
	v := make([]float64, n)
	for r := range repeats {
		s := rng.At(2, "quantile", r)
		for i := range v {
			v[i] = s.Norm()
		}
		slices.Sort(v)
		m, stderr := quantile(v, 1, .5)
		mean += m / repeats
		square += m * m / repeats
		claimed += stderr / repeats
	}
	near(t, "standard error of the median", claimed, math.Sqrt(square-mean*mean), .05)
}

func TestExampleLosses(t *testing.T) {
	z := []float64{1, -2, 700, 3, -800, 0}
	soft := Predictions{Kind: problem.SoftmaxCrossEntropy, N: 2, K: 3, Z: z, Labels: []int{1, 2}}
	each := soft.losses()
	near(t, "softmax cross-entropy", each[0], 702, 1e-15)
	near(t, "softmax cross-entropy", each[1], 3+math.Log1p(math.Exp(-3)), 1e-15)
	if c, _ := soft.confidence(1); math.Abs(c-1/(1+math.Exp(-3))) > 1e-15 {
		t.Errorf("confidence %v", c)
	}
	binary := Predictions{N: 4, K: 1, Z: []float64{2, -2, 40, -800}, Labels: []int{1, 1, 0, 0}}
	binary.Kind = problem.Logistic
	for i, want := range []float64{math.Log1p(math.Exp(-2)), 2 + math.Log1p(math.Exp(-2)), 40 + math.Log1p(math.Exp(-40)), 0} {
		near(t, "logistic", 1+binary.losses()[i], 1+want, 1e-15)
		near(t, "logistic margin", binary.margin(i), []float64{2, -2, -40, 800}[i], 0)
	}
	binary.Kind = problem.Exponential
	for i, want := range []float64{math.Exp(-2), math.Exp(2), math.Exp(40), 0} {
		near(t, "exponential", 1+binary.losses()[i], 1+want, 1e-15)
	}
	if right, err := binary.right(); kernel.Sum(right) != 2 || err != nil {
		t.Errorf("%v right, error %v", right, err)
	}
	if soft.Kind = problem.Squared; soft.losses() != nil {
		t.Error("squared loss without targets has losses")
	}
}

func TestActivity(t *testing.T) {
	h := []float64{0, 1, 2, 0, 0, 3} // two examples of three units
	share, mean := zeros(h, 2, 3)
	near(t, "zeros of example 1", share[0], 1./3, 1e-15)
	near(t, "zeros of example 2", share[1], 2./3, 1e-15)
	near(t, "mean of unit 3", mean[2], 2.5, 1e-15)
	near(t, "dormant", dormant(mean, .025), 1./3, 1e-15)
	near(t, "dormant at .5", dormant(mean, .5), 2./3, 1e-15) // 0, .5 and 2.5 against half of 1
	near(t, "dormant of a dead layer", dormant([]float64{0, 0}, .025), 1, 0)
}
