package probe

import (
	"math"
	"math/bits"
	"strings"
	"testing"

	"basin/problem"
	"basin/rng"
)

func tableOf(n int, f func(i int) int) []int {
	table := make([]int, 1<<n)
	for i := range table {
		table[i] = f(i)
	}
	return table
}

func TestFunctionsOfBits(t *testing.T) {
	const n = 6
	for _, c := range []struct {
		name                string
		f                   func(i int) int
		sensitivity         float64
		weight              []float64
		phrases, complexity float64
	}{
		{"constant", func(int) int { return 1 }, 0, []float64{1, 0, 0, 0, 0, 0, 0}, 2, 6},
		{"last bit", func(i int) int { return i & 1 }, 1, []float64{0, 1, 0, 0, 0, 0, 0}, 3, 18},
		{"parity", func(i int) int { return bits.OnesCount(uint(i)) & 1 }, n, []float64{0, 0, 0, 0, 0, 0, 1}, 0, 0},
		// And of all: the coefficients are 2/2^n up to signs, but for the constant.
		{"and", func(i int) int { return i / 63 }, 2 * n / 64., []float64{62. * 62 / 4096, 6 / 1024., 15 / 1024., 20 / 1024., 15 / 1024., 6 / 1024., 1 / 1024.}, 0, 0},
		// Majority of three bits: (a + b + c - abc) / 2.
		{"majority", func(i int) int { return bits.OnesCount(uint(i)&7) / 2 }, 1.5, []float64{0, .75, 0, .25, 0, 0, 0}, 0, 0},
	} {
		table := tableOf(n, c.f)
		near(t, c.name+" sensitivity", 1+sensitivityOf(table), 1+c.sensitivity, 1e-15)
		influence := 0.
		for k, w := range fourierWeight(table) {
			near(t, c.name+" weight", 1+w, 1+c.weight[k], 1e-15)
			influence += float64(k) * w
		}
		near(t, c.name+" influence", 1+influence, 1+c.sensitivity, 1e-14)
		if c.phrases > 0 {
			near(t, c.name+" phrases", float64(phrases(table)), c.phrases, 0)
			near(t, c.name+" complexity", lzComplexity(table), c.complexity, 1e-15)
		}
	}
}

// The examples of Lempel and Ziv 1976 and of Kaspar and Schuster 1987.
func TestPhrases(t *testing.T) {
	for s, want := range map[string]int{
		"0001101001000101": 6, // 0.001.10.100.1000.101
		"0000000000":       2, // 0.000000000
		"0101010101":       3, // 0.1.01010101
		"0010":             3, // 0.01.0
		"1":                1,
		"":                 0,
	} {
		var v []int
		for _, c := range s {
			v = append(v, int(c-'0'))
		}
		if got := phrases(v); got != want {
			t.Errorf("%q has %d phrases, want %d", s, got, want)
		}
	}
}

// A linear function of one bit, and of more bits than are evaluated one by one.
func TestBitsOfLinear(t *testing.T) {
	p, _ := linear(t, []int{9}, 1, problem.Logistic, func(s *rng.Stream) float64 { return s.Sign() })
	clear(p.X)
	p.X[2] = -3
	r := ask(t, p, "bits")
	near(t, "sensitivity", r["sensitivity"].Value, 1, 0)
	near(t, "degree", r["fourier_degree"].Value, 1, 0)
	near(t, "degree of 99%", r["fourier_degree/99"].Value, 1, 0)
	near(t, "weight", r["fourier_weight/1"].Value, 1, 0)
	// The third of nine bits, negated, in the order of the inputs; its reverse is its
	// complement and has as many phrases.
	near(t, "complexity", r["lz_complexity"].Value, 9*float64(phrases(tableOf(9, func(i int) int { return 1 - i>>6&1 }))), 0)
	r = ask(t, p, "bits(most=8)")
	near(t, "sampled sensitivity", r["sensitivity"].Value, 1, 0)
	if !strings.Contains(r["fourier_degree"].None, "9 bits are more than the 8") {
		t.Errorf("%+v", r["fourier_degree"])
	}
	// Majority of nine: a bit decides where the other eight are even, binom(8, 4) / 256.
	for i := range p.X {
		p.X[i] = 1
	}
	p.known = nil
	want := 9 * 70 / 256.
	near(t, "majority", ask(t, p, "bits")["sensitivity"].Value, want, 1e-15)
	got := ask(t, p, "bits(most=2)")["sensitivity"]
	if math.Abs(got.Value-want) > 4*got.Err || got.Err > .05*want {
		t.Errorf("sampled %v +- %v, want %v", got.Value, got.Err, want)
	}
	normals, _ := linear(t, []int{4}, 1, problem.Logistic, normal)
	if r := ask(t, normals, "bits"); r["sensitivity"].None != "the inputs are no bits, -1 and +1" {
		t.Errorf("%+v", r["sensitivity"])
	}
}
