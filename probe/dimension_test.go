package probe

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"basin/rng"
)

// sines are m points of n coordinates, of which coordinate k of point i is
// sin(1 + 0.7 i (k+from)).
func sines(m, n, from int) []float64 {
	var a []float64
	for i := range m {
		for k := range n {
			a = append(a, math.Sin(1+.7*float64(i*(k+from))))
		}
	}
	return a
}

// Values computed with NumPy 1.x from the matrix of distances.
func TestTwoNN(t *testing.T) {
	all, _ := neighbourRatios(sines(40, 3, 1), 3, make([]int, 40))
	for discard, want := range map[float64]float64{.1: 2.1357047384446943, 0: 2.5481982540414894} {
		d, err := twoNN(all, discard)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "dimension", d, want, 1e-12)
	}
	// Rotated, moved and scaled, and with neighbours near to one another.
	moved := sines(40, 3, 1)
	for i := 0; i < len(moved); i += 3 {
		x, y := moved[i], moved[i+1]
		moved[i], moved[i+1], moved[i+2] = 1e-4*(.6*x-.8*y), 1e-4*(.8*x+.6*y), 1e-4*moved[i+2]+1
	}
	all, _ = neighbourRatios(moved, 3, make([]int, 40))
	d, _ := twoNN(all, .1)
	near(t, "dimension after a motion", d, 2.1357047384446943, 1e-9)
}

// uniformCube draws n uniform points.
func uniformCube(s *rng.Stream, n, dimensions int) []float64 {
	h := make([]float64, n*dimensions)
	for i := range h {
		h[i] = s.Float64()
	}
	return h
}

// The means that a program in NumPy finds for 1,000 points, which fall short in high
// dimensions, within four standard errors; and spare coordinates do not count.
func TestDimensionOfCubes(t *testing.T) {
	for _, c := range []struct {
		dimensions   int
		mean, spread float64
	}{{1, 1.000, .048}, {2, 1.989, .072}, {5, 4.649, .231}, {10, 8.410, .342}} {
		const draws, usual = 8, 40
		sum := 0.
		for i := range draws {
			s := rng.At(1, "cube", i)
			var h []float64
			for _, v := range uniformCube(&s, 1000, c.dimensions) {
				h = append(h, v, 2*v-1)
			}
			fine, _, _ := (&dimension{Discard: .1}).estimate(h, 2*c.dimensions, deal(10, 1, 1000, 1))
			sum += fine.value / draws
		}
		near(t, "dimension", sum, c.mean, 4*c.spread*math.Sqrt(1./draws+1./usual)/c.mean)
	}
}

func TestDimensionOfEqualPoints(t *testing.T) {
	d := &dimension{Discard: .1}
	s := rng.At(1, "cube", 0)
	once := uniformCube(&s, 100, 2)
	twice := append(slices.Clone(once), once...)
	folds := deal(4, 1, 200, 1)
	copy(folds.of[100:], folds.of[:100])
	fine, coarse, warnings := d.estimate(twice, 2, folds)
	want, coarsely, none := d.estimate(once, 2, dealt(4, folds.of[:100]))
	if len(warnings) != 1 || !strings.HasPrefix(warnings[0], "100 of 200 activations equal others") || none != nil {
		t.Errorf("warnings %q, %q", warnings, none)
	}
	if !reflect.DeepEqual(fine, want) || !reflect.DeepEqual(coarse, coarsely) {
		t.Errorf("with equal points %v, %v; without %v, %v", fine, coarse, want, coarsely)
	}
	for name, h := range map[string][]float64{"constant": make([]float64, 60), "two": append(make([]float64, 30), slices.Repeat([]float64{1}, 30)...)} {
		fine, coarse, _ := d.estimate(h, 3, deal(4, 1, 20, 1))
		if fine.err == nil || fine.err.Error() != "fewer than three activations differ" || coarse.err == nil {
			t.Errorf("%s: %v, %v", name, fine, coarse)
		}
	}
	line := make([]float64, 50)
	for i := range line {
		line[i] = float64(i)
	}
	// Only the two ends have neighbours that are not equally far, and they are discarded.
	if fine, _, _ := d.estimate(line, 1, deal(4, 1, 50, 1)); fine.err == nil || !strings.Contains(fine.err.Error(), "equally far") {
		t.Errorf("a grid: %v", fine)
	}
}

func dealt(n int, of []int) folds { return folds{n, of} }
