package stat

import (
	"math"
	"testing"
)

// Computed with NumPy 1.24 (linalg.eigh of the centred matrix).
func TestClassicalScaling(t *testing.T) {
	x, share, ok := ClassicalScaling(fixture())
	if !ok {
		t.Fatal("it failed")
	}
	about(t, "share", share, .49088400628854323, 1e-13)
	for i, want := range map[int][2]float64{0: {1.42510364, .46278947}, 1: {.74935427, -1.12027346}, 8: {-.91213819, -.34878493}} {
		about(t, "x", x[i][0], want[0], 1e-8)
		about(t, "y", x[i][1], want[1], 1e-8)
	}
}

// Of points in the plane it gives back the distances.
func TestClassicalScalingIsExact(t *testing.T) {
	d := distances([][]float64{{0, 0}, {3, 1}, {-2, 5}, {7, 7}, {1, -4}})
	x, share, ok := ClassicalScaling(d)
	about(t, "share", share, 1, 1e-12)
	var rows [][]float64
	for _, p := range x {
		rows = append(rows, p[:])
	}
	for i, row := range distances(rows) {
		for j, v := range row {
			about(t, "distance", v, d[i][j], 1e-12)
		}
	}
	if !ok || x[0][0] <= 0 || x[0][1] <= 0 {
		t.Errorf("the first point is at %v", x[0])
	}
}

func TestClassicalScalingOfLittle(t *testing.T) {
	if x, share, ok := ClassicalScaling([][]float64{{0, 3}, {3, 0}}); !ok || math.Abs(x[0][0]-1.5) > 1e-14 || x[1][0] != -x[0][0] || x[0][1] != 0 || share != 1 {
		t.Errorf("of two: %v, %v", x, share)
	}
	if x, share, ok := ClassicalScaling([][]float64{{0, 0}, {0, 0}}); !ok || x[0] != [2]float64{} || !math.IsNaN(share) {
		t.Errorf("of equals: %v, %v", x, share)
	}
	if _, _, ok := ClassicalScaling(nil); !ok {
		t.Error("of nothing it fails")
	}
	if _, _, ok := ClassicalScaling([][]float64{{0, math.NaN()}, {math.NaN(), 0}}); ok {
		t.Error("NaN is laid out")
	}
}
