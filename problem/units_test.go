package problem

import (
	"slices"
	"testing"
)

func TestRenumber(t *testing.T) {
	l := NewLayout(Block{Name: "a", Shape: []int{3, 2}}, Block{Name: "b", Shape: []int{1}}, Block{Name: "c", Shape: []int{2, 6}})
	g := UnitGroup{N: 3, Axes: []UnitAxis{{Block: 0, Inner: 2}, {Block: 2, Inner: 1}}}
	x := []float64{0, 1, 10, 11, 20, 21, 5, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	want := []float64{20, 21, 0, 1, 10, 11, 5, 2, 0, 1, 5, 3, 4, 8, 6, 7, 11, 9, 10}
	got := make([]float64, len(x))
	if g.Renumber(l, got, x, []int{2, 0, 1}); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
