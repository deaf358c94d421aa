package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The short way by one distribution finds what testing each relabelling finds.
func TestFalsePositivesIsTheTestItself(t *testing.T) {
	rng := rand.New(rand.NewPCG(29, 1))
	for _, c := range []struct {
		seeds int
		alpha float64
	}{{3, .3}, {6, .1}, {8, .05}, {9, .2}} {
		d := table(rng, c.seeds, 6)
		d[0][1], d[1][1] = nan, nan
		got := FalsePositives(d, c.alpha, 150, 7)
		want := 0
		source := newRelabeller(c.seeds, 7)
		for range 150 {
			pattern := source.next()
			relabelled := make([][]float64, len(d))
			for i := range d {
				relabelled[i] = slices.Clone(d[i])
				if pattern[i/8]>>(i%8)&1 == 1 {
					for j := range d[i] {
						relabelled[i][j] *= -1
					}
				}
			}
			if slices.ContainsFunc(JointSignFlip(relabelled, c.alpha), func(j Joint) bool { return j.Adjusted <= c.alpha }) {
				want++
			}
		}
		if got.K != want || got.N != 150 {
			t.Errorf("%d seeds at %v: got %v, want %d", c.seeds, c.alpha, got, want)
		}
	}
}

// Among so many relabellings some have the last p below alpha and the first above
// it, so that a flip counted once too often or too seldom shows.
func TestFalsePositivesDrawn(t *testing.T) {
	const seeds, alpha, relabellings = 17, .05, 300_000
	d := normals(rand.New(rand.NewPCG(29, 4)), seeds)
	rows := make([][]float64, seeds)
	for i := range d {
		rows[i] = d[i : i+1]
	}
	size := func(pattern []byte) float64 {
		var s float64
		for i, v := range d {
			s += v * float64(1-2*int(pattern[i/8]>>(i%8)&1))
		}
		return math.Abs(s)
	}
	f := newFlips(seeds)
	drawn := make([]float64, 0, drawnFlips)
	for b := 1; b < f.total; b++ {
		drawn = append(drawn, size(f.at(b)))
	}
	slices.Sort(drawn)
	want, source := 0, newRelabeller(seeds, 7)
	for range relabellings {
		below, _ := slices.BinarySearch(drawn, size(source.next())*(1-1e-12))
		if float64(1+len(drawn)-below)/(1+drawnFlips) <= alpha {
			want++
		}
	}
	if got := FalsePositives(rows, alpha, relabellings, 7); got.K != want {
		t.Errorf("got %v, want %d", got, want)
	}
}

// Without ties the rate is floor(alpha 2^(n-1)) / 2^(n-1), whatever the data.
func TestFalsePositivesRate(t *testing.T) {
	rng := rand.New(rand.NewPCG(29, 2))
	const alpha, relabellings = .05, 4000
	for _, seeds := range []int{4, 8, 12, 20} {
		got := FalsePositives(table(rng, seeds, 10), alpha, relabellings, 3)
		want := alpha
		if seeds <= exactSeeds {
			total := math.Ldexp(1, seeds-1)
			want = math.Floor(alpha*total) / total
		}
		if math.Abs(got.Rate()-want) > 4*math.Sqrt(want*(1-want)/relabellings) {
			t.Errorf("%d seeds: rate %v, want %v", seeds, got.Rate(), want)
		}
	}
	if got := FalsePositives(nil, alpha, 10, 3); got != (Proportion{0, 10}) {
		t.Errorf("no data: %v", got)
	}
}

func TestPlantedPower(t *testing.T) {
	rng := rand.New(rand.NewPCG(29, 3))
	d := make([][]float64, 8)
	for i := range d {
		d[i] = normals(rng, 3)
	}
	const relabellings, alpha = 400, .05
	got := PlantedPower(d, []float64{0, 8, 1.5}, alpha, relabellings, 5)
	if got[0].Rate() > alpha+4*math.Sqrt(alpha/relabellings) {
		t.Errorf("nothing planted, found in %v", got[0])
	}
	if got[1].K != relabellings {
		t.Errorf("eight deviations found in %v", got[1])
	}
	if r := got[2].Rate(); r < .2 || r > .999 {
		t.Errorf("one and a half deviations found in %v", got[2])
	}
	none := PlantedPower(d, make([]float64, 3), alpha, relabellings, 5)
	whole := FalsePositives(d, alpha, relabellings, 5)
	sum := 0
	for _, p := range none {
		sum += p.K
	}
	if sum < whole.K || slices.ContainsFunc(none, func(p Proportion) bool { return p.K > whole.K }) {
		t.Errorf("nothing planted: %v by reading, %v over all", none, whole)
	}
	if again := PlantedPower(d, []float64{0, 8, 1.5}, alpha, relabellings, 5); !slices.Equal(got, again) {
		t.Error("a second call gave other results")
	}
}
