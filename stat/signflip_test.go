package stat

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// bruteP is the definition, over all 2^n sign patterns: the share whose sum of
// d - delta is at least as large in size. It is exact for whole numbers.
func bruteP(d []float64, delta float64) float64 {
	sum := func(pattern int) float64 {
		var s float64
		for i, v := range d {
			s += (v - delta) * float64(1-2*(pattern>>i&1))
		}
		return math.Abs(s)
	}
	count := 0
	for pattern := range 1 << len(d) {
		if sum(pattern) >= sum(0) {
			count++
		}
	}
	return float64(count) / float64(int(1)<<len(d))
}

// smallInts has many ties and zeros.
func smallInts(rng *rand.Rand, n, top int) []float64 {
	d := make([]float64, n)
	for i := range d {
		d[i] = float64(rng.IntN(2*top+1) - top)
	}
	return d
}

func normals(rng *rand.Rand, n int) []float64 {
	d := make([]float64, n)
	for i := range d {
		d[i] = rng.NormFloat64()
	}
	return d
}

func TestSignFlipIsItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := 1; n <= 10; n++ {
		for range 60 {
			d := smallInts(rng, n, 1+rng.IntN(9))
			if got, want := SignFlip(d).P, bruteP(d, 0); got != want {
				t.Fatalf("%v: p = %v, want %v", d, got, want)
			}
			// Decimal fractions tie only up to rounding; they must tie all the same.
			tenths := slices.Clone(d)
			for i := range tenths {
				tenths[i] = (1000+d[i])/10 - 100
			}
			if got, want := SignFlip(tenths).P, bruteP(d, 0); got != want {
				t.Fatalf("%v / 10: p = %v, want %v", d, got, want)
			}
		}
	}
}

// Fisher (1935, section 21) enumerated the 2^15 sign patterns of Darwin's maize and
// found 863 whose sum is at least the 314 that was observed.
func TestSignFlipDarwin(t *testing.T) {
	d := []float64{49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48}
	got := SignFlip(d)
	if got.P != 2*863./32768 || got.N != 15 || got.Smallest != 2./32768 {
		t.Errorf("got %+v, want p = 1726/32768", got)
	}
	if !near(got.T, 2.148, 5e-4) { // his t in the same section
		t.Errorf("t = %v, want 2.148", got.T)
	}
}

func TestSignFlipEdges(t *testing.T) {
	for _, c := range []struct {
		name string
		d    []float64
		want Test
	}{
		{"none", nil, Test{0, nan, nan, 1, 1}},
		{"missing", []float64{nan, inf}, Test{0, nan, nan, 1, 1}},
		{"one", []float64{2}, Test{1, 2, nan, 1, 1}},
		{"constant", []float64{.1, .1, .1, .1, .1, .1}, Test{6, .1, inf, 1. / 32, 1. / 32}},
		{"constant, negative, with a gap", []float64{-.1, nan, -.1, -.1}, Test{3, -.1, -inf, .25, .25}},
		{"zero", make([]float64, 8), Test{8, 0, 0, 1, 1. / 128}},
		{"one not zero", []float64{0, 0, 5, 0}, Test{4, 1.25, 1, 1, .125}},
		{"opposites", []float64{.3, -.3}, Test{2, 0, 0, 1, .5}},
	} {
		got := SignFlip(c.d)
		g := []float64{got.Mean, got.T, got.P, got.Smallest}
		w := []float64{c.want.Mean, c.want.T, c.want.P, c.want.Smallest}
		for i := range g {
			if got.N != c.want.N || !near(g[i], w[i], 1e-15) {
				t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
				break
			}
		}
	}
}

// Under the null the signs of given sizes are uniform, and without ties p takes
// each of its 2^(n-1) values for exactly two of the 2^n patterns.
func TestSignFlipIsUniformUnderTheNull(t *testing.T) {
	const n = 8
	d := normals(rand.New(rand.NewPCG(3, 3)), n)
	counts := map[float64]int{}
	for pattern := range 1 << n {
		s := slices.Clone(d)
		for i := range s {
			s[i] *= float64(1 - 2*(pattern>>i&1))
		}
		counts[SignFlip(s).P]++
	}
	for k := 1; k <= 1<<(n-1); k++ {
		if p := float64(k) / (1 << (n - 1)); counts[p] != 2 {
			t.Errorf("p = %v came %d times of 256, want 2", p, counts[p])
		}
	}
}

// sumP is the exact p for whole numbers and any n, by the distribution of the sum
// as a convolution.
func sumP(d []float64) float64 {
	dist := map[int]float64{0: 1}
	obs := 0
	for _, v := range d {
		next := map[int]float64{}
		for s, p := range dist {
			next[s+int(v)] += p / 2
			next[s-int(v)] += p / 2
		}
		dist, obs = next, obs+int(v)
	}
	var p float64
	for s, q := range dist {
		if max(s, -s) >= max(obs, -obs) {
			p += q
		}
	}
	return p
}

func TestSignFlipDrawn(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for _, n := range []int{16, 17, 20, 24, 25, 40, 100} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			for _, lean := range []float64{0, 1, 2, 3} {
				d := make([]float64, n)
				for i := range d {
					d[i] = math.Round(30 * (rng.NormFloat64() + lean/math.Sqrt(float64(n))))
				}
				got, want := SignFlip(d).P, sumP(d)
				tol := 4*math.Sqrt(want*(1-want)/drawnFlips) + 1./drawnFlips
				if n <= exactSeeds {
					tol = 1e-12 // of the convolution
				}
				if math.Abs(got-want) > tol {
					t.Errorf("p = %v, want %v within %v", got, want, tol)
				}
				if again := SignFlip(d).P; again != got {
					t.Errorf("p = %v, then %v", got, again)
				}
			}
			constant := slices.Repeat([]float64{.7}, n)
			if got := SignFlip(constant); got.P != got.Smallest || got.P != SmallestP(n) {
				t.Errorf("constant differences: %+v, want the smallest p", got)
			}
		})
	}
	if got := SmallestP(17); got != 1./65537 {
		t.Errorf("smallest p of 17 seeds is %v, want 1/65537", got)
	}
}

// Drawn patterns must be balanced for every seed, independent between seeds, and
// leave no bit beyond the last.
func TestDrawnFlips(t *testing.T) {
	for _, n := range []int{17, 24, 65} {
		f := newFlips(n)
		ones, both := make([]int, n), make([]int, n)
		for b := 1; b < f.total; b++ {
			p := f.at(b)
			bit := func(i int) int { return int(p[i/8] >> (i % 8) & 1) }
			for i := range n {
				ones[i] += bit(i)
				both[i] += bit(i) ^ bit((i+1)%n)
			}
			if spare := 8*len(p) - n; spare > 0 && p[len(p)-1]>>(8-spare) != 0 {
				t.Fatalf("n=%d: pattern %x has bits beyond seed %d", n, p, n)
			}
		}
		for i := range n {
			for _, k := range []int{ones[i], both[i]} {
				if math.Abs(float64(k)-drawnFlips/2) > 4.5*math.Sqrt(drawnFlips)/2 {
					t.Errorf("n=%d, seed %d: %d of %d", n, i, k, drawnFlips)
				}
			}
		}
	}
}
