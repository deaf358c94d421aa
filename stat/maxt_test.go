package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// table draws seeds x readings, every reading a whole number (so that sums are
// exact) correlated with one common to all; lean is added to the first readings.
func table(rng *rand.Rand, seeds, readings int, lean ...float64) [][]float64 {
	d := make([][]float64, seeds)
	for i := range d {
		d[i] = make([]float64, readings)
		common := rng.NormFloat64()
		for j := range d[i] {
			d[i][j] = math.Round(100 * (rng.NormFloat64() + common))
			if j < len(lean) {
				d[i][j] += math.Round(100 * lean[j])
			}
		}
	}
	return d
}

// bruteMaxT is Westfall and Young's procedure as written: the statistic of every
// reading in every flip by its own formula, and for each reading a fresh maximum
// over those that stand no higher in the order.
func bruteMaxT(d [][]float64) (single, down []float64) {
	seeds, readings := len(d), len(d[0])
	var all [][]float64 // |t|, or a normal deviate that increases with it
	for pattern := range 1 << seeds {
		t := make([]float64, readings)
		for j := range t {
			flipped := make([]float64, seeds)
			for i := range flipped {
				flipped[i] = d[i][j] * float64(1-2*(pattern>>i&1))
			}
			s := Summarize(flipped)
			ratio, v := s.Mean/s.SE, float64(s.N-1)
			t[j] = (8*v + 1) / (8*v + 3) * math.Sqrt(v*math.Log1p(ratio*ratio/v))
		}
		all = append(all, t)
	}
	obs := all[0]
	share := func(j int, among func(k int) bool) float64 {
		count := 0
		for _, t := range all {
			top := 0.0
			for k := range t {
				if among(k) {
					top = max(top, t[k])
				}
			}
			if top >= obs[j]*(1-1e-9) {
				count++
			}
		}
		return float64(count) / float64(len(all))
	}
	single, down = make([]float64, readings), make([]float64, readings)
	for j := range obs {
		single[j] = share(j, func(int) bool { return true })
		for l := range obs { // monotone: no smaller than any that stands higher
			if obs[l] >= obs[j] {
				down[j] = max(down[j], share(l, func(k int) bool { return obs[k] <= obs[l] }))
			}
		}
	}
	return single, down
}

func TestJointSignFlipIsItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 1))
	for seeds := 2; seeds <= 8; seeds++ {
		for range 12 {
			d := table(rng, seeds, 1+rng.IntN(6), 2, 1)
			single, down := bruteMaxT(d)
			for j, got := range JointSignFlip(d, .05) {
				p := bruteP(columnOf(d, j), 0)
				if got.P != p || got.Single != single[j] || got.Adjusted != down[j] {
					t.Fatalf("%v reading %d: got p %v single %v adjusted %v\nwant %v %v %v",
						d, j, got.P, got.Single, got.Adjusted, p, single[j], down[j])
				}
			}
		}
	}
}

func TestJointSignFlipIsItsDefinitionWithGaps(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 7))
	for range 40 {
		d := table(rng, 9, 5, 1, .5)
		for j := range 3 { // seven pairs or eight, enough to be significant at 5 %
			d[rng.IntN(9)][j], d[rng.IntN(9)][j] = nan, nan
		}
		single, down := bruteMaxT(d)
		for j, got := range JointSignFlip(d, .05) {
			if got.Single != single[j] || got.Adjusted != down[j] {
				t.Fatalf("%v reading %d: got single %v adjusted %v, want %v %v", d, j, got.Single, got.Adjusted, single[j], down[j])
			}
		}
	}
}

func columnOf(d [][]float64, j int) []float64 {
	out := make([]float64, len(d))
	for i := range d {
		out[i] = d[i][j]
	}
	return out
}

func TestJointSignFlipSymmetries(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 2))
	d := table(rng, 8, 5, 3, 0, 1)
	want := JointSignFlip(d, .05)
	order := []int{3, 0, 4, 2, 1}
	other := make([][]float64, len(d))
	for i := range d {
		for _, j := range order {
			// Units, the names of the two sides, the order of the readings and that of
			// the seeds do not matter.
			other[i] = append(other[i], -math.Ldexp(d[len(d)-1-i][j], 700*(j%3-1)))
		}
	}
	got := JointSignFlip(other, .05)
	for k, j := range order {
		if got[k].P != want[j].P || got[k].Single != want[j].Single || got[k].Adjusted != want[j].Adjusted {
			t.Errorf("reading %d: got %+v, want %+v", j, got[k], want[j])
		}
	}
	// Copies of one reading cost nothing; they are one hypothesis.
	copies := make([][]float64, len(d))
	for i := range d {
		copies[i] = slices.Repeat([]float64{d[i][2]}, 40)
	}
	for _, c := range JointSignFlip(copies, .05) {
		if c.Adjusted != c.P || c.Single != c.P {
			t.Fatalf("a copy has %+v, want all p equal", c)
		}
	}
}

// With many seeds, independent readings multiply: Single is 1 - (1-p)^m.
func TestJointSignFlipIndependent(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 3))
	const seeds, readings = 40, 10
	d := make([][]float64, seeds)
	for i := range d {
		d[i] = normals(rng, readings)
		d[i][0] += .55
	}
	got := JointSignFlip(d, .05)[0]
	want := -math.Expm1(readings * math.Log1p(-got.P))
	if got.P > .05 || !near(got.Single/want, 1, .1) {
		t.Errorf("p = %v, single step %v, want about %v", got.P, got.Single, want)
	}
}

// The family-wise error rate is kept among true hypotheses that depend on each
// other and stand among false ones, at a level that the flips can meet exactly.
func TestJointSignFlipErrorRate(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 4))
	const trials, alpha = 3000, 4. / 32
	wrong, right := 0, 0
	for range trials {
		tests := JointSignFlip(table(rng, 6, 8, 9, 9, 9), alpha)
		if slices.ContainsFunc(tests[3:], func(j Joint) bool { return j.Adjusted <= alpha }) {
			wrong++
		}
		if tests[0].Adjusted <= alpha {
			right++
		}
	}
	rate := Proportion{wrong, trials}
	if iv := rate.ClopperPearson(1e-4); iv.Lo > alpha || rate.Rate() < alpha/2 {
		t.Errorf("family-wise error rate %v, in %v, want at most %v and not far below", rate.Rate(), iv, alpha)
	}
	if right < trials*9/10 {
		t.Errorf("a difference of six deviations was found in %d of %d", right, trials)
	}
}

func TestJointSignFlipMissing(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 5))
	d := table(rng, 10, 4, 2)
	for i := range d {
		if i > 0 {
			d[i][1] = nan // one pair
		}
		d[i][2] = nan
		if i%3 == 0 {
			d[i][3] = inf
		}
	}
	d = append(d, slices.Repeat([]float64{nan}, 4)) // a seed that failed
	got := JointSignFlip(d, .05)
	for j, c := range []struct {
		n    int
		none string
	}{{10, ""}, {1, "1 pair; a test needs at least 2"}, {0, "no pairs; a test needs at least 2"}, {6, ""}} {
		g := got[j]
		if g.N != c.n || g.None != c.none || g.Smallest != SmallestP(c.n) {
			t.Errorf("reading %d: %+v, want n=%d none=%q", j, g, c.n, c.none)
		}
		for _, p := range []float64{g.P, g.Adjusted, g.Single} {
			if math.IsNaN(p) != (c.none != "") {
				t.Errorf("reading %d: p values of %+v", j, g)
			}
		}
		if c.none == "" && !(g.P == bruteP(Present(columnOf(d, j)), 0) && g.P <= g.Adjusted && g.Adjusted <= g.Single && g.Single <= 1) {
			t.Errorf("reading %d: p values out of order: %+v", j, g)
		}
	}
	if got := JointSignFlip(nil, .05); len(got) != 0 {
		t.Errorf("no seeds: %v", got)
	}
	if got := JointSignFlip([][]float64{{nan, nan}}, .05); len(got) != 2 || got[0].None == "" {
		t.Errorf("no pairs: %v", got)
	}
	if got := JointSignFlip([][]float64{{1, 2}}, .05); got[1].None == "" || got[1].Mean != 2 {
		t.Errorf("one seed: %v", got)
	}
}

// Two pairs that happen to agree have |t| without bound in half of all flips. They
// must not hide a reading that all seeds support.
func TestJointSignFlipFewPairsHideNothing(t *testing.T) {
	d := make([][]float64, 10)
	for i := range d {
		d[i] = []float64{10 + float64(i%4), nan}
	}
	d[2][1], d[7][1] = 1, 1+1e-9
	got := JointSignFlip(d, .05)
	if got[0].Adjusted != SmallestP(10) {
		t.Errorf("adjusted p of the full reading is %v, want %v", got[0].Adjusted, SmallestP(10))
	}
	if got[1].Adjusted < .5 {
		t.Errorf("two pairs gave an adjusted p of %v", got[1].Adjusted)
	}
}

func TestJointSignFlipWithoutSpread(t *testing.T) {
	d := make([][]float64, 6)
	for i := range d {
		d[i] = []float64{0, .1, -.3, float64(i%2*2 - 1)}
	}
	for j, want := range []float64{1, 2. / 64, 2. / 64, 1} {
		got := JointSignFlip(d, .05)[j]
		if j == 1 || j == 2 {
			// The fourth reading is as constant as these in one flip more.
			want *= 2
		}
		if got.Adjusted != want || got.P > want {
			t.Errorf("reading %d: %+v, want an adjusted p of %v", j, got, want)
		}
	}
}

// Wallace's deviate is close to the normal quantile of the same tail.
func TestColumnScale(t *testing.T) {
	for _, v := range []int{2, 5, 7, 15} {
		student := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(v)}
		for _, x := range []float64{.5, 1, 2, 4} {
			want := -distuv.UnitNormal.Quantile(student.Survival(x))
			got := math.Sqrt(wallace(v) * math.Log1p(x*x/float64(v)))
			if math.Abs(got-want) > .04 {
				t.Errorf("t = %v with %d degrees: deviate %v, want %v", x, v, got, want)
			}
		}
	}
}

func TestJointSignFlipDrawn(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 6))
	d := table(rng, 20, 3, 1)
	got := JointSignFlip(d, .05)
	for j, g := range got {
		if want := sumP(columnOf(d, j)); math.Abs(g.P-want) > 4*math.Sqrt(want/drawnFlips)+1./drawnFlips {
			t.Errorf("reading %d: p = %v, want %v", j, g.P, want)
		}
		if !(g.P <= g.Adjusted && g.Adjusted <= g.Single) {
			t.Errorf("reading %d: p values out of order: %+v", j, g)
		}
	}
	if again := JointSignFlip(d, .05); !slices.Equal(got, again) {
		t.Error("a second call gave other results")
	}
}

func BenchmarkJointSignFlip(b *testing.B) {
	for _, c := range []struct {
		name            string
		seeds, readings int
	}{{"n=8/readings=60", 8, 60}, {"n=16/readings=60", 16, 60}, {"n=32/readings=60", 32, 60}} {
		d := table(rand.New(rand.NewPCG(1, 1)), c.seeds, c.readings, 1)
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				JointSignFlip(d, .05)
			}
		})
	}
}
