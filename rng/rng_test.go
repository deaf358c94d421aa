package rng

import (
	"math"
	"slices"
	"testing"
)

// A change of these values changes every run that was ever recorded.
func TestPinned(t *testing.T) {
	s := At(1, "batches", 7)
	got := []uint64{s.Uint64(), s.Uint64()}
	want := []uint64{0xebfc6ae9b775ecca, 0xd8076d4160e7b1b9}
	if !slices.Equal(got, want) {
		t.Fatalf("stream changed: got %#x want %#x", got, want)
	}
}

func TestStreamsDiffer(t *testing.T) {
	seen := map[uint64]string{}
	for seed := range uint64(20) {
		for _, name := range []string{"", "a", "b", "ab", "ba", "batches", "start"} {
			for c := range 20 {
				s := At(seed, name, c)
				u := s.Uint64()
				if prev, ok := seen[u]; ok {
					t.Fatalf("seed %d name %q counter %d repeats %s", seed, name, c, prev)
				}
				seen[u] = name
			}
		}
	}
}

func TestMoments(t *testing.T) {
	const n = 200_000
	s := At(3, "moments", 0)
	var m1, m2, m4, u1, sg float64
	var counts [7]int
	for range n {
		x := s.Norm()
		m1 += x
		m2 += x * x
		m4 += x * x * x * x
		u1 += s.Float64()
		sg += s.Sign()
		counts[s.IntN(7)]++
	}
	// Each bound is five standard errors of its mean.
	se := 5 / math.Sqrt(n)
	for _, c := range []struct {
		name           string
		got, want, tol float64
	}{
		{"normal mean", m1 / n, 0, se},
		{"normal variance", m2 / n, 1, se * math.Sqrt2},
		{"normal fourth moment", m4 / n, 3, se * math.Sqrt(96)},
		{"uniform mean", u1 / n, .5, se * math.Sqrt(1.0/12)},
		{"sign mean", sg / n, 0, se},
	} {
		if math.Abs(c.got-c.want) > c.tol {
			t.Errorf("%s: got %v, want %v within %v", c.name, c.got, c.want, c.tol)
		}
	}
	for i, k := range counts {
		if math.Abs(float64(k)-n/7.0) > 5*math.Sqrt(n*6/49.0) {
			t.Errorf("IntN(7) gave %d %d times of %d", i, k, n)
		}
	}
}

func TestPerm(t *testing.T) {
	counts := map[[3]int]int{}
	s := At(5, "perm", 0)
	const n = 60_000
	p := make([]int, 3)
	for range n {
		s.Perm(p)
		counts[[3]int(p)]++
	}
	if len(counts) != 6 {
		t.Fatalf("saw %d permutations of 3, want 6", len(counts))
	}
	for p, k := range counts {
		if math.Abs(float64(k)-n/6.0) > 5*math.Sqrt(n*5/36.0) {
			t.Errorf("permutation %v came %d times of %d", p, k, n)
		}
	}
}
