package data

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"basin/internal/near"
)

// The examples of one seed are fixed, whatever their number; others are others.
func TestTablesStreams(t *testing.T) {
	for name, fresh := range map[string]func(n int, seed uint64) *Tables{
		"regression": func(n int, seed uint64) *Tables { return Regression(n, 6, 0.5, seed) },
		"separable":  func(n int, seed uint64) *Tables { return Separable(n, 6, 0.1, seed) },
	} {
		few, many, other := fresh(5, 1), fresh(9, 1), fresh(5, 2)
		if !slices.Equal(few.Train.X, many.Train.X[:30]) || !slices.Equal(few.Train.Y, many.Train.Y[:5]) {
			t.Errorf("%s: the first of nine examples are not the first of five", name)
		}
		if slices.Equal(few.Train.X, other.Train.X) || slices.Equal(few.Train.X, few.Val.X[:30]) || slices.Equal(few.Val.X, few.Test.X) {
			t.Errorf("%s: two seeds or two parts are equal", name)
		}
		if few.Val.N != heldExamples || few.Test.N != heldExamples {
			t.Errorf("%s: %d and %d examples held out", name, few.Val.N, few.Test.N)
		}
		if again := fresh(5, 1); again.Hash() != few.Hash() || few.Hash() == other.Hash() || few.Hash() == many.Hash() {
			t.Errorf("%s: hashes do not tell the data", name)
		}
	}
}

// moment is the mean of f over the examples with its standard error.
func moment(t *Table, f func(x []float64, y float64) float64) (mean, se float64) {
	var squares float64
	for i, y := range t.Y {
		v := f(t.Row(i), y)
		mean += v
		squares += v * v
	}
	n := float64(t.N)
	mean /= n
	return mean, math.Sqrt((squares/n - mean*mean) / n)
}

func TestRegressionMoments(t *testing.T) {
	const noise = 0.7
	table := Regression(20_000, 3, noise, 5).Train
	w, err := table.MinNorm()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		f    func(x []float64, y float64) float64
		want float64
	}{
		{"mean of x", func(x []float64, _ float64) float64 { return x[1] }, 0},
		{"variance of x", func(x []float64, _ float64) float64 { return x[2] * x[2] }, 1},
		{"covariance", func(x []float64, _ float64) float64 { return x[0] * x[1] }, 0},
		{"variance of the noise", func(x []float64, y float64) float64 { r := y - dot(w, x); return r * r }, noise * noise},
		{"mean of the noise", func(x []float64, y float64) float64 { return y - dot(w, x) }, 0},
	} {
		if mean, se := moment(table, c.f); math.Abs(mean-c.want) > 5*se {
			t.Errorf("%s is %v, want %v within five times %v", c.name, mean, c.want, se)
		}
	}
}

func TestMinNorm(t *testing.T) {
	// More dimensions than examples: it interpolates and lies in the row space, so
	// that its residual after projection on the rows vanishes.
	table := Regression(20, 50, 0.3, 1).Train
	w, err := table.MinNorm()
	if err != nil {
		t.Fatal(err)
	}
	x := mat.NewDense(table.N, table.In, table.X)
	fitted := make([]float64, table.N)
	for i := range fitted {
		fitted[i] = dot(w, table.Row(i))
	}
	if d := near.Diff(fitted, table.Y, 1e-13, 0); d != "" {
		t.Errorf("targets not met: %s", d)
	}
	var gram, alpha mat.Dense
	gram.Mul(x, x.T())
	if err := alpha.Solve(&gram, mat.NewDense(table.N, 1, table.Y)); err != nil {
		t.Fatal(err)
	}
	var dual mat.Dense
	dual.Mul(x.T(), &alpha)
	if d := near.Diff(w, dual.RawMatrix().Data, 1e-12, 0); d != "" {
		t.Errorf("differs from X'(XX')^-1 y: %s", d)
	}
	if least, err := table.LeastSquares(); err != nil || least != 0 {
		t.Errorf("least loss %v, %v; want 0", least, err)
	}
}

func TestLeastSquares(t *testing.T) {
	// More examples than dimensions: the gradient vanishes at the solution, and the
	// least loss is |y|^2 - |fit|^2, halved and averaged.
	table := Regression(60, 8, 0.3, 2).Train
	w, err := table.MinNorm()
	if err != nil {
		t.Fatal(err)
	}
	least, err := table.LeastSquares()
	if err != nil {
		t.Fatal(err)
	}
	grad, fit := make([]float64, table.In), 0.0
	for i, y := range table.Y {
		z := dot(w, table.Row(i))
		fit += z * z
		for j, x := range table.Row(i) {
			grad[j] += (z - y) * x
		}
	}
	if d := near.Diff(grad, make([]float64, table.In), 1e-12, 0); d != "" {
		t.Errorf("gradient at the solution: %s", d)
	}
	if d := near.Value(least, (dot(table.Y, table.Y)-fit)/120, 0, 1e-12); d != "" {
		t.Errorf("least loss: %s", d)
	}
}

// Two equal examples and one of zeros: the design has rank 1.
func TestMinNormDeficient(t *testing.T) {
	table := &Table{N: 3, In: 2, X: []float64{3, 4, 3, 4, 0, 0}, Y: []float64{10, 20, 7}}
	w, err := table.MinNorm()
	if err != nil {
		t.Fatal(err)
	}
	if d := near.Diff(w, []float64{1.8, 2.4}, 1e-14, 0); d != "" {
		t.Error(d)
	}
	none := &Table{N: 2, In: 2, X: make([]float64, 4), Y: []float64{1, 2}}
	if w, err := none.MinNorm(); err != nil || !slices.Equal(w, []float64{0, 0}) {
		t.Errorf("without any input: %v, %v", w, err)
	}
}

// A perceptron makes at most (max|z| / margin)^2 mistakes where a plane has that
// margin (Novikoff 1962).
func TestSeparable(t *testing.T) {
	for _, margin := range []float64{0.1, 0.5, 1} {
		table := Separable(200, 5, margin, 3).Train
		z := &Table{N: table.N, In: table.In, X: table.Signed()}
		radius := 0.0
		for i := range z.N {
			radius = max(radius, math.Sqrt(dot(z.Row(i), z.Row(i))))
		}
		w, mistakes, bound := make([]float64, z.In), 0, int(radius*radius/margin/margin)
		for clean := false; !clean && mistakes <= bound; {
			clean = true
			for i := range z.N {
				if dot(w, z.Row(i)) > 0 {
					continue
				}
				clean = false
				mistakes++
				for j, v := range z.Row(i) {
					w[j] += v
				}
			}
		}
		if mistakes > bound {
			t.Errorf("margin %v: more than %d mistakes", margin, bound)
		}
	}
}

func TestSeparableMoments(t *testing.T) {
	const d = 4
	s := Separable(20_000, d, 0, 11)
	for j := range d {
		v, se := moment(s.Train, func(x []float64, _ float64) float64 { return x[j] * x[j] })
		if scale := math.Sqrt(v); scale < 0.3-5*se || scale > 2+5*se {
			t.Errorf("standard deviation %v of coordinate %d is not in 0.3..2", scale, j)
		}
		if mean, se := moment(s.Train, func(x []float64, _ float64) float64 { return x[j] }); math.Abs(mean) > 5*se {
			t.Errorf("mean %v of coordinate %d", mean, j)
		}
	}
	if mean, se := moment(s.Train, func(_ []float64, y float64) float64 { return y }); math.Abs(mean) > 5*se {
		t.Errorf("classes are not even: mean of y is %v", mean)
	}
	if mean, se := moment(s.Train, func(_ []float64, y float64) float64 { return y * y }); mean != 1 || se != 0 {
		t.Error("y is not -1 or +1 throughout")
	}
}
