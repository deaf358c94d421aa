package data

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"basin/internal/near"
	"basin/problem"
)

// streams checks that the examples of one seed are fixed, whatever their number, that
// others are others, and that hashes tell them apart.
func streams[T problem.Float](t *testing.T, fresh func(n int, seed uint64) *Samples[T]) {
	t.Helper()
	few, many, other := fresh(5, 1), fresh(9, 1), fresh(5, 2)
	if !slices.Equal(few.Train.X, many.Train.X[:len(few.Train.X)]) {
		t.Error("the first of nine examples are not the first of five")
	}
	if slices.Equal(few.Train.X, other.Train.X) || slices.Equal(few.Train.X, few.Val.X[:len(few.Train.X)]) || slices.Equal(few.Val.X, few.Test.X) {
		t.Error("two seeds or two parts are equal")
	}
	if few.Val.N != heldExamples || few.Test.N != heldExamples || few.Train.N != 5 {
		t.Errorf("parts of %d, %d, %d", few.Train.N, few.Val.N, few.Test.N)
	}
	if fresh(5, 1).Hash() != few.Hash() || few.Hash() == other.Hash() || few.Hash() == many.Hash() {
		t.Error("hashes do not tell the data")
	}
}

func TestGeneratedStreams(t *testing.T) {
	streams(t, func(n int, seed uint64) *Samples[float32] { s, _ := Parity(n, 40, 3, 0.1, seed); return s })
	streams(t, func(n int, seed uint64) *Samples[float64] { return TwoMoons(n, 0.1, seed) })
	streams(t, func(n int, seed uint64) *Samples[float64] {
		return NewTeacher(6, 3, 1, math.Tanh, 7).Samples(n, 0.1, seed)
	})
}

// Labels are the parity by its definition, but for the noise in training, and inputs
// and classes are balanced.
func TestParity(t *testing.T) {
	const n, bits, noise = 5000, 12, 0.2
	s, support := Parity(n, bits, 3, noise, 4)
	if len(support) != 3 || !slices.IsSorted(support) || support[2] >= bits || len(slices.Compact(slices.Clone(support))) != 3 {
		t.Fatalf("support %v", support)
	}
	for k, p := range s.Parts() {
		wrong, ones, sums := 0, 0, make([]float64, bits)
		for i, y := range p.Labels {
			x := p.X[i*bits : (i+1)*bits]
			negative := 0
			for j, v := range x {
				if v != 1 && v != -1 {
					t.Fatalf("an input is %v", v)
				}
				sums[j] += float64(v)
				if v < 0 && slices.Contains(support, j) {
					negative++
				}
			}
			ones += y
			if y != 1-negative%2 {
				wrong++
			}
		}
		n := float64(p.N)
		want := 0.0
		if k == 0 {
			want = noise
		}
		if got := float64(wrong) / n; math.Abs(got-want) > 5*math.Sqrt(want*(1-want)/n) {
			t.Errorf("part %d: a share of %v of the labels is wrong, want %v", k, got, want)
		}
		if math.Abs(float64(ones)/n-0.5) > 2.5/math.Sqrt(n) {
			t.Errorf("part %d: %d of %v examples are of class 1", k, ones, n)
		}
		for j, sum := range sums {
			if math.Abs(sum)/n > 5/math.Sqrt(n) {
				t.Errorf("part %d: bit %d has the mean %v", k, j, sum/n)
			}
		}
	}
}

// Without noise the points lie on their half circles, all along them; noise has its
// variance.
func TestTwoMoons(t *testing.T) {
	s := TwoMoons(1000, 0, 3)
	var left, right [2]int
	for i, c := range s.Train.Labels {
		x, y := s.Train.X[2*i], s.Train.X[2*i+1]
		if c != i%2 {
			t.Fatalf("example %d is of class %d", i, c)
		}
		if c == 1 { // the same half circle, turned
			x, y = 1-x, 0.5-y
		}
		if r := math.Hypot(x, y); math.Abs(r-1) > 1e-7 || y < -1e-7 {
			t.Fatalf("(%v, %v) of class %d is not on its half circle", x, y, c)
		}
		// Quarters of the angle: each has a quarter of the points.
		if x < -math.Sqrt2/2 {
			left[c]++
		}
		if x > math.Sqrt2/2 {
			right[c]++
		}
	}
	for c := range 2 {
		if math.Abs(float64(left[c])-125) > 50 || math.Abs(float64(right[c])-125) > 50 {
			t.Errorf("class %d has %d and %d of 500 points in the outer quarters", c, left[c], right[c])
		}
	}
	noisy, sum := TwoMoons(1000, 0.3, 3), 0.0
	for i, x := range noisy.Test.X {
		d := x - s.Test.X[i]
		sum += d * d / float64(len(noisy.Test.X))
	}
	if math.Abs(sum-0.09) > 0.09*5*math.Sqrt(2.0/2000) {
		t.Errorf("the variance of the noise is %v, want 0.09", sum)
	}
}

func relu(z float64) float64 { return max(z, 0) }

// Targets are the teacher's answers, computed here by gonum, with noise in training
// alone.
func TestTeacher(t *testing.T) {
	const noise = 0.5
	teacher := NewTeacher(6, 5, 1, relu, 2)
	s := teacher.Samples(3000, noise, 9)
	answers := func(p *Sample[float64]) *mat.Dense {
		var h, z mat.Dense
		h.Mul(mat.NewDense(p.N, 6, p.X), mat.NewDense(5, 6, teacher.W).T())
		h.Apply(func(_, _ int, v float64) float64 { return relu(v) }, &h)
		z.Mul(&h, mat.NewDense(1, 5, teacher.A).T())
		return &z
	}
	if diff := near.Diff(s.Test.Y, answers(s.Test).RawMatrix().Data, 1e-14, 0); diff != "" {
		t.Error(diff)
	}
	var mean, square float64
	for i, z := range answers(s.Train).RawMatrix().Data {
		mean += (s.Train.Y[i] - z) / 3000
		square += (s.Train.Y[i] - z) * (s.Train.Y[i] - z) / 3000
	}
	if se := noise / math.Sqrt(3000); math.Abs(mean) > 5*se || math.Abs(square-noise*noise) > 5*math.Sqrt2*noise*se {
		t.Errorf("the noise has mean %v and variance %v", mean, square)
	}
	// Classes are those of the largest output.
	several := NewTeacher(6, 20, 4, relu, 2)
	c := several.Samples(2000, 0, 9)
	if c.Classes != 4 || c.Outputs != 0 || c.Train.Y != nil {
		t.Fatalf("%d classes, %d outputs, targets %v", c.Classes, c.Outputs, c.Train.Y)
	}
	z, hidden, seen := make([]float64, 4), make([]float64, 20), make([]int, 4)
	for i, y := range c.Train.Labels {
		several.Answer(z, c.Train.X[6*i:6*i+6], hidden)
		if z[y] != slices.Max(z) {
			t.Fatalf("example %d is of class %d with outputs %v", i, y, z)
		}
		seen[y]++
	}
	if slices.Min(seen) < 50 {
		t.Errorf("classes of %v", seen)
	}
}

// The parts are a partition of the whole table, drawn by the seed.
func TestPairTable(t *testing.T) {
	const p = 11
	table, err := NewPairTable(p, 0.3, 1)
	if err != nil {
		t.Fatal(err)
	}
	all := slices.Concat(table.Parts()...)
	if len(table.Train) != 36 || len(table.Val) != 42 || len(table.Test) != 43 || !slices.IsSorted(table.Val) {
		t.Fatalf("parts %v", table.Parts())
	}
	slices.Sort(all)
	for i, pair := range all {
		if i != pair {
			t.Fatalf("pairs %v, want each once", all)
		}
	}
	more, errMore := NewPairTable(p, 0.4, 1)
	other, errOther := NewPairTable(p, 0.3, 2)
	if errMore != nil || errOther != nil || more.Hash() == table.Hash() || other.Hash() == table.Hash() || slices.Equal(other.Train, table.Train) {
		t.Errorf("two seeds or shares are cut alike; errors %v, %v", errMore, errOther)
	}
	for _, pair := range table.Train {
		if !slices.Contains(more.Train, pair) {
			t.Error("a smaller share is no part of a larger one")
		}
	}
	if _, err := NewPairTable(3, 0.999, 1); err == nil {
		t.Error("a share without a rest is taken")
	}
}

// The matrix has its rank and entries of variance 1, and each entry is seen or not.
func TestCompletion(t *testing.T) {
	const size, rank, noise = 40, 3, 0.25
	c := NewCompletion(size, rank, 600, noise, 5)
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(size, size, c.Truth), mat.SVDNone) {
		t.Fatal("no singular values")
	}
	values := svd.Values(nil)
	if values[rank-1] < 1 || values[rank] > 1e-12 {
		t.Errorf("singular values %v are not of rank %d", values[:rank+1], rank)
	}
	square := 0.0
	for _, m := range c.Truth {
		square += m * m / (size * size)
	}
	// The mean square is near 1: its standard error is about sqrt(4/(rank*size)).
	if square < 0.5 || square > 1.7 {
		t.Errorf("the mean square of an entry is %v", square)
	}
	all := slices.Concat(c.Observed, c.Hidden)
	slices.Sort(all)
	for i, k := range all {
		if i != k {
			t.Fatal("the places seen and hidden are not all places once")
		}
	}
	if len(c.Observed) != 600 || len(all) != size*size {
		t.Errorf("%d of %d seen", len(c.Observed), len(all))
	}
	sum := 0.0
	for i, k := range c.Observed {
		sum += (c.Seen[i] - c.Truth[k]) * (c.Seen[i] - c.Truth[k]) / 600
	}
	if math.Abs(sum-noise*noise) > 5*math.Sqrt(2.0/600)*noise*noise {
		t.Errorf("the variance of the noise is %v", sum)
	}
	clean, more := NewCompletion(size, rank, 600, 0, 5), NewCompletion(size, rank, 700, 0, 5)
	if !slices.Equal(clean.Truth, c.Truth) || !slices.Equal(clean.Observed, c.Observed) || clean.Hash() == c.Hash() || clean.Hash() == more.Hash() {
		t.Error("noise changes the matrix, or hashes do not tell")
	}
	for _, k := range clean.Observed {
		if _, ok := slices.BinarySearch(more.Observed, k); !ok {
			t.Fatal("what is seen of 600 entries is not seen of 700")
		}
	}
	if NewCompletion(size, rank, 600, 0, 6).Hash() == clean.Hash() {
		t.Error("two seeds have one matrix")
	}
}
