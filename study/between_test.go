package study

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"basin/stat"
)

// related is the study of compare_test.go with dissimilarities: half a unit between
// seeds, three between optimizers, and some noise. The last run of c did not come anywhere.
func related(seeds int, measure func(a, b *Record) stat.Reading) (*Results, []Pair) {
	s, records := made(seeds)
	s.Probes = append(s.Probes, "m", "n")
	s.Headlines = append(s.Headlines, "apart")
	s.Atlases = []Likeness{{"apart", 1}}
	r, err := Compare(s, records)
	if err != nil {
		panic(err)
	}
	var pairs []Pair
	for _, p := range s.Points {
		for i, a := range records {
			for _, b := range records[:i] {
				if sa, _ := a.Solution(p); sa.None != "" {
					continue
				}
				if sb, _ := b.Solution(p); sb.None != "" {
					continue
				}
				pair := PairOf(Place{a.Key, p}, Place{b.Key, p})
				pair.Measured = []Measurement{{"other", 1, []stat.Reading{stat.Exact("other", "other", "", 1)}}, {"m", 1, []stat.Reading{measure(a, b)}}}
				pairs = append(pairs, pair)
			}
		}
	}
	for i, rec := range records[:2] {
		pair := PairOf(Place{rec.Key, s.Points[0]}, Place{rec.Key, s.Points[1]})
		pair.Measured = []Measurement{{"n", 1, []stat.Reading{stat.Exact("n", "turned", "", float64(i))}}}
		pairs = append(pairs, pair)
	}
	r.Relate(pairs)
	return r, pairs
}

func planted(a, b *Record) stat.Reading {
	d := .1 + .01*math.Sin(float64(11*a.Run.Seed+7*b.Run.Seed))
	if a.Run.Seed != b.Run.Seed {
		d += .5
	}
	if a.Run.Optimizer != b.Run.Optimizer {
		d += 3
	}
	return stat.Estimate("m", "apart", "", 1-d, .25)
}

func TestRelate(t *testing.T) {
	r, _ := related(4, planted)
	b := r.Between
	if len(b.Runs) != 12 || len(b.Matrices) != 2 || len(b.Atlases) != 2 || len(b.Courses) != 1 {
		t.Fatalf("%d runs, %d matrices, %d atlases, %d courses", len(b.Runs), len(b.Matrices), len(b.Atlases), len(b.Courses))
	}
	m := b.Matrices[0]
	if m.Name != "apart" || !m.Headline || m.Point != r.Study.Points[0] {
		t.Errorf("%+v", m)
	}
	for i := range 12 {
		if m.Values[i][i].Ok() || m.Values[i][11].Ok() {
			t.Errorf("row %d has a value with itself or with a run that was nowhere", i)
		}
		for j := range i {
			if m.Values[i][j] != m.Values[j][i] && m.Values[i][j].Ok() {
				t.Errorf("not symmetric at %d, %d", i, j)
			}
		}
	}
	if want := planted(r.Records[5], r.Records[0]).Value; float64(m.Values[5][0]) != want || m.Errs[0][5] != .25 {
		t.Errorf("%v ± %v, want %v", m.Values[5][0], m.Errs[0][5], want)
	}
	if len(m.None) != 1 || !slices.Equal(m.None[0].Rows, []int{11}) || m.None[0].Why != "diverged: the loss is NaN" {
		t.Errorf("gaps %+v", m.None)
	}
	a := b.Atlases[0]
	if len(a.Rows) != 11 || a.Left != nil || len(a.Plane) != 11 || !a.Shown.Ok() {
		t.Errorf("%+v", a)
	}
	for what, c := range map[string][2]float64{
		"same optimizer": {float64(a.SameOptimizer), .6}, "same seed": {float64(a.SameSeed), 3.1}, "neither": {float64(a.Neither), 3.6},
		"apart": {float64(a.Apart[1][0]), 3.6}, "within": {float64(a.Apart[1][1]), .6}, "paired": {float64(a.Paired[0][2]), 3.1},
	} {
		if math.Abs(c[0]-c[1]) > .011 {
			t.Errorf("%s: %v, want about %v", what, c[0], c[1])
		}
	}
	if a.Paired[1][1].Ok() {
		t.Error("an optimizer has pairs with itself at one seed")
	}
	// Three seeds have 3! arrangements and one, with two runs, 2.
	c := a.Optimizers
	if !c.Exact || c.Tried != 6*6*6*2 || c.P != c.Smallest || c.PAdj != 2*c.P || !c.Clusters(Alpha) || !(c.R2 > .9) || !(a.Seeds.R2 > a.Seeds.Chance) {
		t.Errorf("%+v, seeds %+v", c, a.Seeds)
	}
	row := b.Courses[0].Rows[0]
	if row.Name != "turned" || row.Cells[0].N != 2 || row.Cells[0].Mean != .5 || row.Cells[1].None != "not measured" || row.Headline {
		t.Errorf("%+v", row)
	}
	one, seed, neither := r.Means(&m)
	if math.Abs(float64(one)-.4) > .011 || math.Abs(float64(seed)+2.1) > .011 || math.Abs(float64(neither)+2.6) > .011 {
		t.Errorf("means %v, %v, %v", one, seed, neither)
	}
	text, err := json.Marshal(r)
	if err != nil || strings.Contains(string(text), `"other"`) {
		t.Errorf("results hold what was not asked for, or %v", err)
	}
	var back Results
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(&back)
	if string(again) != string(text) {
		t.Error("results read and written again differ")
	}
}

// Without a difference there is none, and a solution without values is left out and told.
func TestRelateWithGaps(t *testing.T) {
	r, _ := related(4, func(a, b *Record) stat.Reading {
		if slices.Contains([]string{a.Key, b.Key}, keyOf(4, 1, 2)) || a.Run.Seed+b.Run.Seed == 2 && a.Run.Optimizer+b.Run.Optimizer == "ba" {
			return stat.Undefined("m", "apart", "it is dead")
		}
		v := 1.5 + .3*math.Sin(float64(5*a.Run.Seed+9*b.Run.Seed)+float64(len(a.Key+b.Key)))
		return stat.Exact("m", "apart", "", v)
	})
	a := r.Between.Atlases[1]
	if !slices.Equal(a.Left, []int{4, 6}) || len(a.Rows) != 9 {
		t.Errorf("rows %v, left %v", a.Rows, a.Left)
	}
	if a.Optimizers.Clusters(Alpha) || a.Optimizers.None != "" {
		t.Errorf("%+v", a.Optimizers)
	}
	if gaps := r.Between.Matrices[1].None; len(gaps) != 2 || gaps[1].Why != "it is dead" || len(gaps[1].Pairs) != 11 {
		t.Errorf("%+v", gaps)
	}
	if notes := strings.Join(r.Between.Notes, "\n"); !strings.Contains(notes, "2 solutions are left out of the atlas of apart at end") {
		t.Errorf("notes %q", notes)
	}
}

func keyOf(seeds, o, i int) string {
	s, _ := made(seeds)
	return s.Run(o, i).Key()
}

func TestRelateSaysWhyNot(t *testing.T) {
	r, _ := related(1, planted)
	if why := r.Between.Atlases[0].Optimizers.None; why != "there is one solution of each optimizer" {
		t.Errorf("of one seed: %q", why)
	}
	r, _ = related(2, planted)
	if c := r.Between.Atlases[0].Optimizers; c.Clusters(Alpha) || !strings.Contains(strings.Join(r.Between.Notes, "\n"), "no clustering can be significant") {
		t.Errorf("of two seeds: %+v, %q", c, r.Between.Notes)
	}
	r, _ = related(3, func(a, b *Record) stat.Reading { return stat.Exact("m", "apart", "", 1) })
	if why := r.Between.Atlases[0].Optimizers.None; why != "all solutions are alike" {
		t.Errorf("of equals: %q", why)
	}
	for _, d := range [][][]float64{nil, {{0, 1}, {1, 0}}, {{0, 0, 0}, {0, 0, 0}, {0, 0, 0}}} {
		for _, blocks := range [][]int{{0, 0, 0}, {0, 1, 2}} {
			why := stat.Permanova(d, []int{0, 1, 1}[:len(d)], blocks[:len(d)]).None
			if _, ok := untested[why]; !ok {
				t.Errorf("no words for %q", why)
			}
		}
	}
	r, _ = related(3, func(a, b *Record) stat.Reading { return stat.Undefined("m", "apart", "there is no test set") })
	if n := len(r.Between.Atlases); n != 0 {
		t.Errorf("%d atlases of nothing", n)
	}
	if gaps := r.Between.Matrices[0].None; len(gaps) != 2 || gaps[1].Why != "there is no test set" || gaps[1].Pairs != nil {
		t.Errorf("%+v", gaps)
	}
	if want := "apart at end has no value: there is no test set."; !slices.Contains(r.Between.Notes, want) {
		t.Errorf("notes %q lack %q", r.Between.Notes, want)
	}
	s, records := made(2)
	r, err := Compare(s, records)
	if err != nil {
		t.Fatal(err)
	}
	if r.Relate(nil); r.Between != nil {
		t.Errorf("of nothing: %+v", r.Between)
	}
}

func TestPairedSeeds(t *testing.T) {
	for want, s := range map[int]Study{8: {Seeds: 8, Optimizers: make([]Optimizer, 6)}, 42: {Seeds: 100, Optimizers: make([]Optimizer, 6)}, 1: {Seeds: 3, Optimizers: make([]Optimizer, 300)}} {
		if got := s.PairedSeeds(); got != want {
			t.Errorf("%d seeds of %d, want %d", got, s.Seeds, want)
		}
	}
}
