package stat

import (
	"math/rand/v2"
	"testing"
)

// bruteOneSided is the one-sided p that the centre is at or above delta (below: at
// or beneath it): the share of flips whose sum is as low (as high).
func bruteOneSided(d []float64, delta float64, below bool) float64 {
	sum := func(pattern int) float64 {
		var s float64
		for i, v := range d {
			s += (v - delta) * float64(1-2*(pattern>>i&1))
		}
		if below {
			s = -s
		}
		return s
	}
	count := 0
	for pattern := range 1 << len(d) {
		if sum(pattern) <= sum(0) {
			count++
		}
	}
	return float64(count) / float64(int(1)<<len(d))
}

func TestEquivalentIsTwoOneSidedTests(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 1))
	found := 0
	for range 2000 {
		d := smallInts(rng, 1+rng.IntN(8), 4)
		margin := float64(1 + rng.IntN(5))
		for _, alpha := range []float64{.02, .0625, .1, .3} {
			got := Equivalent(d, margin, alpha)
			want := max(bruteOneSided(d, margin, false), bruteOneSided(d, -margin, true))
			var sum float64
			for _, v := range d {
				sum += v
			}
			if bound := margin * float64(len(d)); sum >= bound || sum <= -bound {
				if want < .5 {
					t.Fatalf("%v lies beyond %v, yet p = %v", d, margin, want)
				}
				want = 1
			}
			inside := -margin < got.Interval.Lo && got.Interval.Hi < margin
			if got.P != want || got.Equivalent != (want <= alpha) || got.Equivalent != inside {
				t.Fatalf("%v within %v at %v: got %+v, want p = %v", d, margin, alpha, got, want)
			}
			if got.Equivalent {
				found++
			}
		}
	}
	if found < 500 {
		t.Errorf("only %d of 8000 were equivalent", found)
	}
	if got := Equivalent([]float64{nan}, 1, .05); got.Equivalent || got.P != 1 || got.Interval != (Interval{-inf, inf}) {
		t.Errorf("no pairs: %+v", got)
	}
}
