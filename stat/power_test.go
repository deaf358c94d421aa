package stat

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestSeedsForLevel(t *testing.T) {
	for _, c := range []struct {
		alpha     float64
		contrasts int
		want      int
		ok        bool
	}{
		{.05, 1, 6, true}, // 2/64 = .031, 2/32 = .063
		{.05, 3, 7, true}, // 3*2/128 = .047
		{.05, 4, 8, true},
		{.01, 1, 8, true},
		{.0625, 1, 5, true},
		{.5, 1, 2, true},
		{.05, 1000, 16, true}, // 1000*2/65536 = .031
		{.05, 3000, 17, true}, // 3000/65537 = .046
		{.05, 4000, 0, false}, // drawn flips give no less than 1/65537
	} {
		got, ok := SeedsForLevel(c.alpha, c.contrasts)
		if got != c.want || ok != c.ok {
			t.Errorf("alpha %v, %d contrasts: got %d %v, want %d %v", c.alpha, c.contrasts, got, ok, c.want, c.ok)
		}
	}
	// It is the fewest with which even the clearest difference is found.
	for contrasts := 1; contrasts <= 6; contrasts++ {
		n, _ := SeedsForLevel(.05, contrasts)
		for _, seeds := range []int{n - 1, n} {
			p := make([][]float64, contrasts)
			for c := range p {
				p[c] = []float64{1}
			}
			d := make([]float64, seeds)
			for i := range d {
				d[i] = 1
			}
			p[0][0] = SignFlip(d).P
			if found := HolmContrasts(p)[0][0] <= .05; found != (seeds == n) {
				t.Errorf("%d contrasts, %d seeds: found is %v", contrasts, seeds, found)
			}
		}
	}
}

func TestSeedsForPower(t *testing.T) {
	for _, c := range []struct {
		effect, alpha, power float64
		want                 int
		ok                   bool
	}{
		{1, .05, .8, 10, true}, // (1.960+.842)^2 + 1.92 = 9.77
		{-1, .05, .8, 10, true},
		{.5, .05, .8, 34, true}, // 31.40 + 1.92
		{inf, .05, .8, 6, true},
		{9, .05, .8, 6, true},
		{0, .05, .8, 0, false},
		{nan, .05, .8, 0, false},
		{1e-9, .05, .8, 0, false},
	} {
		got, ok := SeedsForPower(c.effect, c.alpha, c.power)
		if got != c.want || ok != c.ok {
			t.Errorf("%+v: got %d %v", c, got, ok)
		}
	}
}

// The advice is about right for the exact test on normal differences.
func TestSeedsForPowerIsMet(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 1))
	const trials, alpha, power = 2500, .05, .8
	for _, effect := range []float64{.9, 1.2} {
		n, _ := SeedsForPower(effect, alpha, power)
		found := 0
		for range trials {
			d := normals(rng, n)
			for i := range d {
				d[i] += effect
			}
			if SignFlip(d).P <= alpha {
				found++
			}
		}
		if got := float64(found) / trials; math.Abs(got-power) > .05 {
			t.Errorf("effect %v with %d seeds: power %v, want %v within .05", effect, n, got, power)
		}
	}
}
