package linop

import (
	"errors"
	"math"
	"slices"
	"testing"

	"basin/rng"
)

func assigned(cost []float64, n int, order []int) (sum float64) {
	for i, j := range order {
		sum += cost[i*n+j]
	}
	return sum
}

// least is the least sum over all permutations.
func least(cost []float64, n int) float64 {
	best := math.Inf(1)
	var try func(i int, used uint, sum float64)
	try = func(i int, used uint, sum float64) {
		if i == n {
			best = min(best, sum)
			return
		}
		for j := range n {
			if used>>j&1 == 0 {
				try(i+1, used|1<<j, sum+cost[i*n+j])
			}
		}
	}
	try(0, 0, 0)
	return best
}

func isPermutation(order []int) bool {
	sorted := slices.Sorted(slices.Values(order))
	for i, j := range sorted {
		if i != j {
			return false
		}
	}
	return true
}

// Costs of all kinds: of either sign, with ties, of one or of no value at all, of a
// product of two vectors (for which sorting is best), spread over many magnitudes.
func TestAssignment(t *testing.T) {
	kinds := map[string]func(s *rng.Stream, i, j int) float64{
		"normal":  func(s *rng.Stream, _, _ int) float64 { return s.Norm() },
		"ties":    func(s *rng.Stream, _, _ int) float64 { return float64(s.IntN(3) - 1) },
		"same":    func(*rng.Stream, int, int) float64 { return -2 },
		"product": func(_ *rng.Stream, i, j int) float64 { return float64(i+1) * float64(j+1) },
		"huge":    func(s *rng.Stream, _, _ int) float64 { return s.Sign() * math.MaxFloat64 / 8 * (1 + s.Float64()) },
		"spread":  func(s *rng.Stream, _, _ int) float64 { return s.Sign() * math.Exp(8*s.Norm()) },
	}
	for name, draw := range kinds {
		for n := range 8 {
			for k := range 20 {
				s := rng.At(1, "assignment/"+name, 100*n+k)
				cost := make([]float64, n*n)
				scale := 0.0
				for i := range cost {
					cost[i] = draw(&s, i/max(n, 1), i%max(n, 1))
					scale = max(scale, math.Abs(cost[i]))
				}
				given := slices.Clone(cost)
				order, err := Assignment(cost, n)
				if err != nil || len(order) != n || !isPermutation(order) {
					t.Fatalf("%s, n=%d: %v, %v", name, n, order, err)
				}
				if !slices.Equal(cost, given) {
					t.Fatalf("%s: costs were changed", name)
				}
				if got, want := assigned(cost, n, order), least(cost, n); got > want+1e-13*scale {
					t.Errorf("%s, n=%d: sum %v, the least is %v", name, n, got, want)
				}
			}
		}
	}
}

// On a large matrix the sum is that of another method: with whole costs an auction whose
// bids rise by less than 1/n finds the least (Bertsekas 1979).
func TestLargeAssignment(t *testing.T) {
	const n = 120
	s := rng.At(2, "assignment", 0)
	cost := make([]float64, n*n)
	for i := range cost {
		cost[i] = float64(s.IntN(1000))
	}
	order, err := Assignment(cost, n)
	if err != nil {
		t.Fatal(err)
	}
	prices, owner, free := make([]float64, n), make([]int, n), make([]int, n)
	for i := range n {
		owner[i], free[i] = -1, i
	}
	for len(free) > 0 {
		i := free[len(free)-1]
		free = free[:len(free)-1]
		best, first, second := 0, math.Inf(-1), math.Inf(-1)
		for j := range n {
			switch gain := -cost[i*n+j] - prices[j]; {
			case gain > first:
				best, first, second = j, gain, first
			case gain > second:
				second = gain
			}
		}
		prices[best] += first - second + 1.0/(n+1)
		if owner[best] >= 0 {
			free = append(free, owner[best])
		}
		owner[best] = i
	}
	want := 0.0
	for j, i := range owner {
		want += cost[i*n+j]
	}
	if got := assigned(cost, n, order); got != want {
		t.Errorf("sum %v, an auction finds %v", got, want)
	}
}

func TestAssignmentRefuses(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if _, err := Assignment([]float64{1, 2, bad, 3}, 2); !errors.Is(err, ErrNotFinite) {
			t.Errorf("with %v: error %v", bad, err)
		}
	}
}

func BenchmarkAssignment512(b *testing.B) {
	const n = 512
	s := rng.At(3, "assignment", 0)
	cost := make([]float64, n*n)
	for i := range cost {
		cost[i] = s.Norm()
	}
	for b.Loop() {
		if _, err := Assignment(cost, n); err != nil {
			b.Fatal(err)
		}
	}
}
