package probe

import (
	"math"
	"testing"
)

func TestActivityOfThreeExamples(t *testing.T) {
	// Three examples of four units: sums of sizes 6, 0.15, 0, 1.85, mean 2.
	h := []float64{
		1, 0, 0, .85,
		2, .15, 0, 0,
		3, 0, 0, -1,
	}
	zero, mean := zeros(h, 3, 4)
	near(t, "zeros", zero[1], .5, 1e-15)
	near(t, "dead", dormant(mean, 0), .25, 0)
	near(t, "dormant", dormant(mean, .08), .5, 0)
	near(t, "dormant at the default", dormant(mean, .025), .25, 0)
	v, stderr, err := hoyerActivations(h, 4, 1)
	want := 0.
	for _, row := range [][2]float64{{1.85, math.Hypot(1, .85)}, {2.15, math.Hypot(2, .15)}, {4, math.Sqrt(10)}} {
		want += (2 - row[0]/row[1]) / 3
	}
	near(t, "hoyer", v, want, 1e-14)
	if err != nil || !(stderr > 0) {
		t.Errorf("standard error %v, error %v", stderr, err)
	}
	if v, stderr, err = hoyerActivations([]float64{0, 0, 0, 5}, 2, 1); v != 1 || !math.IsNaN(stderr) || err != nil {
		t.Errorf("a single example with an active unit: %v +- %v, %v", v, stderr, err)
	}
	if _, _, err = hoyerActivations(make([]float64, 8), 2, 1); err == nil || err.Error() != "all activations are zero" {
		t.Errorf("error %v", err)
	}
	if _, _, err = hoyerActivations([]float64{1, 2}, 1, 1); err == nil || err.Error() != "a single unit" {
		t.Errorf("error %v", err)
	}
}

// Values computed with NumPy 1.x.
func TestOutliers(t *testing.T) {
	h, _, _ := threeClasses()
	square := squaresWithout(noFold, folds{1, make([]int, 12)}, h, 4)
	v, err := outlierKurtosis(square)
	near(t, "kurtosis", v, 1.0599670394198883, 1e-13)
	if err != nil {
		t.Error(err)
	}
	v, err = outlierRatio(square)
	near(t, "ratio", v, 1.1072346507062067, 1e-13)
	if err != nil {
		t.Error(err)
	}
	if v, _ := outlierKurtosis([]float64{0, 0, 7, 0}); v != 4 {
		t.Errorf("kurtosis of a single unit %v", v)
	}
	if _, err := outlierRatio([]float64{0, 0, 7, 0}); err == nil || err.Error() != "half of the units are always zero" {
		t.Errorf("error %v", err)
	}
	if _, err := outlierKurtosis(make([]float64, 3)); err != errZero {
		t.Errorf("error %v", err)
	}
}

// The jackknife of a mean is its standard error over folds, and folds keep the
// predictions of an example together.
func TestJackknife(t *testing.T) {
	v := []float64{1, 4, 2, 8, 5, 7}
	f := deal(10, 3, 6, 1)
	e := jackknife(leaveOut(f, func(without int) []float64 {
		var left []float64
		for i, fold := range f.of {
			if fold != without {
				left = append(left, v[i])
			}
		}
		return left
	}), func(v []float64) (float64, error) { return average(v), nil })
	mean, stderr := meanErr(v)
	near(t, "value", e.value, mean, 1e-15)
	near(t, "standard error", e.stderr, stderr, 1e-13)
	f = deal(4, 3, 30, 3)
	size := make([]int, f.n)
	for i, fold := range f.of {
		size[fold]++
		if fold != f.of[i/3*3] {
			t.Error("the predictions of an example are in two folds")
		}
	}
	if f.n != 4 || min(size[0], size[1], size[2], size[3]) < 6 {
		t.Errorf("folds of %v", size)
	}
}
