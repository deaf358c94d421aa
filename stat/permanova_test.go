package stat

import (
	"math"
	"math/rand/v2"
	"testing"
)

// fixture are dissimilarities of nine things that lie in no space.
func fixture() [][]float64 {
	d := make([][]float64, 9)
	for i := range d {
		d[i] = make([]float64, 9)
		for j := range i {
			s := math.Sin(3.7*float64(i) + 1.3*float64(j*j))
			d[i][j] = 1 + s*s + .1*float64(i-j)
			d[j][i] = d[i][j]
		}
	}
	return d
}

// distances are those of points.
func distances(x [][]float64) [][]float64 {
	d := make([][]float64, len(x))
	for i := range d {
		d[i] = make([]float64, len(x))
		for j := range d {
			for k := range x[i] {
				d[i][j] += (x[i][k] - x[j][k]) * (x[i][k] - x[j][k])
			}
			d[i][j] = math.Sqrt(d[i][j])
		}
	}
	return d
}

func about(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*max(1, math.Abs(want))) {
		t.Errorf("%s: got %.16g, want %.16g", what, got, want)
	}
}

// Computed with NumPy 1.24 by another route, traces of H G H and (I-H) G (I-H) for the projector
// H on groups and the centred matrix G (McArdle and Anderson 2001), for all 216 arrangements.
func TestPermanova(t *testing.T) {
	c := Permanova(fixture(), []int{0, 1, 2, 0, 1, 2, 0, 1, 2}, []int{0, 0, 0, 1, 1, 1, 2, 2, 2})
	about(t, "F", c.F, 1.039085917386264, 1e-13)
	about(t, "R2", c.R2, .2572576911309349, 1e-13)
	about(t, "P", c.P, .4166666666666667, 1e-15)
	about(t, "Chance", c.Chance, .23228100057736098, 1e-13)
	about(t, "Smallest", c.Smallest, 6./216, 1e-15)
	if !c.Exact || c.Tried != 216 || c.None != "" {
		t.Errorf("%+v", c)
	}
}

// Of distances between numbers it is the analysis of variance: groups (1 2 3), (2 4 6),
// (5 6 7) have means 2, 4, 6 and sums of squares 2, 8, 2 within and 24 between.
func TestPermanovaOfNumbers(t *testing.T) {
	var x [][]float64
	for _, v := range []float64{1, 2, 3, 2, 4, 6, 5, 6, 7} {
		x = append(x, []float64{v})
	}
	c := Permanova(distances(x), []int{7, 7, 7, 8, 8, 8, 9, 9, 9}, make([]int, 9))
	about(t, "F", c.F, (24./2)/(12./6), 1e-13)
	about(t, "R2", c.R2, 24./36, 1e-13)
	if c.Tried != 1680 { // 9! / 3!^3
		t.Errorf("%d arrangements", c.Tried)
	}
}

// Whatever the blocks are like, p is uniform where groups do not matter.
func TestPermanovaUnderTheNull(t *testing.T) {
	for _, c := range []struct{ groups, blocks, times int }{{2, 6, 800}, {3, 3, 800}, {6, 8, 30}} {
		source := rand.New(rand.NewPCG(4, uint64(c.blocks)))
		below := map[float64]int{}
		chance, r2 := 0., 0.
		for range c.times {
			var x [][]float64
			var groups, blocks []int
			for b := range c.blocks {
				home := []float64{3 * source.NormFloat64(), 3 * source.NormFloat64(), 3 * source.NormFloat64()}
				for g := range c.groups {
					if b == 1 && g == 0 {
						continue // a run that is missing
					}
					groups, blocks = append(groups, g), append(blocks, b)
					x = append(x, []float64{home[0] + source.NormFloat64(), home[1] + source.NormFloat64(), home[2] + source.NormFloat64()})
				}
			}
			result := Permanova(distances(x), groups, blocks)
			for _, alpha := range []float64{.05, .25, .5} {
				if result.P <= alpha {
					below[alpha]++
				}
			}
			chance += result.Chance / float64(c.times)
			r2 += result.R2 / float64(c.times)
		}
		for alpha, n := range below {
			rate, sd := float64(n)/float64(c.times), math.Sqrt(alpha*(1-alpha)/float64(c.times))
			// Of few arrangements not every level can be met.
			if rate > alpha+3.3*sd || rate < alpha-3.3*sd-.03 {
				t.Errorf("%d groups in %d blocks: p <= %g in %.3f of samples", c.groups, c.blocks, alpha, rate)
			}
		}
		about(t, "mean R2 and Chance", r2, chance, .02)
	}
}

// Planted clusters are found among blocks that differ far more, and not where groups are
// taken for blocks.
func TestPermanovaFindsClusters(t *testing.T) {
	source := rand.New(rand.NewPCG(5, 5))
	found, times := 0, 20
	for range times {
		var x [][]float64
		var groups, blocks []int
		for b := range 6 {
			home := []float64{8 * source.NormFloat64(), 8 * source.NormFloat64()}
			for g := range 4 {
				groups, blocks = append(groups, g), append(blocks, b)
				x = append(x, []float64{home[0] + 1.5*float64(g) + source.NormFloat64(), home[1] + source.NormFloat64()})
			}
		}
		c := Permanova(distances(x), groups, blocks)
		if c.Exact || c.Tried != 10_000 || c.Smallest != 1e-4 || c.P < c.Smallest {
			t.Fatalf("%+v", c)
		}
		if c.P <= .05 {
			found++
		}
	}
	if found < times*9/10 {
		t.Errorf("found in %d of %d samples", found, times)
	}
}

func TestPermanovaHasNone(t *testing.T) {
	d := fixture()[:4]
	for i := range d {
		d[i] = d[i][:4]
	}
	zero := make([][]float64, 4)
	for i := range zero {
		zero[i] = make([]float64, 4)
	}
	for want, c := range map[string]Clustering{
		"there is one group":                     Permanova(d, []int{3, 3, 3, 3}, []int{0, 0, 1, 1}),
		"every group has one member":             Permanova(d, []int{3, 2, 1, 0}, []int{0, 0, 1, 1}),
		"all dissimilarities are zero":           Permanova(zero, []int{0, 1, 0, 1}, []int{0, 0, 1, 1}),
		"no block has members of several groups": Permanova(d, []int{0, 1, 0, 1}, []int{0, 1, 2, 3}),
	} {
		if c.None != want || !math.IsNaN(c.P) || !math.IsNaN(c.R2) {
			t.Errorf("%+v, want none: %s", c, want)
		}
	}
	if c := Permanova(nil, nil, nil); c.None == "" {
		t.Errorf("of nothing: %+v", c)
	}
	// Groups that lie at one place each.
	for i := range zero {
		for j := range zero {
			if i%2 != j%2 {
				zero[i][j] = 1
			}
		}
	}
	if c := Permanova(zero, []int{0, 1, 0, 1}, []int{0, 0, 1, 1}); !math.IsInf(c.F, 1) || c.R2 != 1 || c.P != .5 {
		t.Errorf("%+v", c)
	}
}
