package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestHolm(t *testing.T) {
	for _, c := range []struct{ p, want []float64 }{
		{nil, nil},
		{[]float64{.03}, []float64{.03}},
		{[]float64{.01, .04, .03, .005}, []float64{.03, .06, .06, .02}},
		{[]float64{.5, .4}, []float64{.8, .8}},
		{[]float64{.9, .9}, []float64{1, 1}},
		{[]float64{nan, .02, nan, .02}, []float64{nan, .04, nan, .04}},
	} {
		got := Holm(c.p)
		if !slices.EqualFunc(got, c.want, func(a, b float64) bool { return near(a, b, 1e-15) }) {
			t.Errorf("Holm(%v) = %v, want %v", c.p, got, c.want)
		}
	}
}

// Holm is the closure of Bonferroni: a hypothesis has the largest Bonferroni p of
// all sets of hypotheses that it belongs to.
func TestHolmIsTheClosureOfBonferroni(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 1))
	for range 200 {
		p := make([]float64, 1+rng.IntN(6))
		for i := range p {
			p[i] = math.Ldexp(float64(1+rng.IntN(32)), -6-rng.IntN(3))
		}
		got := Holm(p)
		for i := range p {
			var want float64
			for set := range 1 << len(p) {
				size, least := 0, 1.
				for k := range p {
					if set>>k&1 == 1 {
						size, least = size+1, min(least, p[k])
					}
				}
				if set>>i&1 == 1 {
					want = max(want, min(1, float64(size)*least))
				}
			}
			if got[i] != want {
				t.Fatalf("Holm(%v)[%d] = %v, want %v", p, i, got[i], want)
			}
		}
	}
}

// rejected runs the procedure at one level: each round rejects what is at most
// alpha over the number of contrasts that have something left.
func rejected(p [][]float64, alpha float64) [][]bool {
	out := make([][]bool, len(p))
	for c := range p {
		out[c] = make([]bool, len(p[c]))
	}
	for {
		left := 0
		for c := range p {
			if slices.Contains(out[c], false) {
				left++
			}
		}
		changed := false
		for c := range p {
			for j, v := range p[c] {
				if !out[c][j] && v*float64(left) <= alpha {
					out[c][j], changed = true, true
				}
			}
		}
		if !changed {
			return out
		}
	}
}

func TestHolmContrastsIsItsProcedure(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 2))
	for range 300 {
		p := make([][]float64, 1+rng.IntN(4))
		candidates := []float64{}
		for c := range p {
			for range 1 + rng.IntN(3) {
				v := math.Ldexp(float64(1+rng.IntN(16)), -4-rng.IntN(6))
				p[c] = append(p[c], v)
				for m := 1; m <= len(p); m++ {
					candidates = append(candidates, float64(m)*v)
				}
			}
		}
		got := HolmContrasts(p)
		for _, alpha := range candidates {
			if alpha >= 1 {
				continue
			}
			for c, row := range rejected(p, alpha) {
				for j, r := range row {
					if (got[c][j] <= alpha) != r {
						t.Fatalf("%v: result %v for contrast %d reading %d, but at level %v rejected is %v", p, got[c][j], c, j, alpha, r)
					}
				}
			}
		}
	}
}

func TestHolmContrastsClosedForms(t *testing.T) {
	equal := func(a, b float64) bool { return near(a, b, 1e-15) }
	p := []float64{.01, .04, nan, .03, .005}
	single := make([][]float64, len(p))
	for i := range p {
		single[i] = p[i : i+1]
	}
	if got := slices.Concat(HolmContrasts(single)...); !slices.EqualFunc(got, Holm(p), equal) {
		t.Errorf("one reading each: %v, want %v", got, Holm(p))
	}
	// A contrast rejected in full leaves its share; one that is not keeps it; one
	// without hypotheses never had any.
	got := HolmContrasts([][]float64{{.01, .02}, {.03, .9}, {nan, nan}, {}})
	want := []float64{.02, .04, .04, .9, nan, nan}
	if !slices.EqualFunc(slices.Concat(got...), want, equal) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Two contrasts, each with one reading that differs greatly and another that does
// not differ: the chance of any error stays below alpha, which Holm for each
// reading by itself does not achieve.
func TestHolmContrastsErrorRate(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 3))
	const trials, alpha = 4000, .25
	whole, byReading := Proportion{N: trials}, Proportion{N: trials}
	for range trials {
		p := [][]float64{{0, rng.Float64()}, {rng.Float64(), 0}}
		got := HolmContrasts(p)
		if min(got[0][1], got[1][0]) <= alpha {
			whole.K++
		}
		if min(Holm([]float64{p[0][1], p[1][1]})[0], Holm([]float64{p[0][0], p[1][0]})[1]) <= alpha {
			byReading.K++
		}
	}
	if iv := whole.ClopperPearson(1e-4); iv.Lo > alpha || whole.Rate() < .8*alpha {
		t.Errorf("error rate %v in %v, want at most %v and not far below", whole.Rate(), iv, alpha)
	}
	if byReading.Rate() < 1.5*alpha {
		t.Errorf("Holm by reading erred in %v; the example does not tell the two apart", byReading.Rate())
	}
}
