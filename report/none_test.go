package report

import (
	"strings"
	"testing"

	"basin/study"
)

func TestAlike(t *testing.T) {
	for _, c := range []struct {
		reasons []string
		want    string
	}{
		{[]string{"no hidden layer", "no hidden layer"}, "no hidden layer"},
		{[]string{"lowest 0.2", "lowest 3e-05", "lowest 7"}, "lowest 0.2 (and 2 other seeds)"},
		{[]string{"lowest 0.2", "diverged", "lowest 0.3"}, "lowest 0.2 (and 1 other seed); diverged"},
		{nil, ""},
	} {
		if got := alike(c.reasons); got != c.want {
			t.Errorf("%q are written %q, not %q", c.reasons, got, c.want)
		}
	}
}

// TestValuelessRowsAreNamedOnce holds that a reading without any value has a line
// that says why, and neither a row of the tables nor a chart.
func TestValuelessRowsAreNamedOnce(t *testing.T) {
	r := bare().results()
	want := "no value: logit_factor, effective_rank, prune_acc@0.05 (the model has no hidden layer)"
	page := pageOf(t, r)
	if n := strings.Count(page, want); n != 1 {
		t.Errorf("the page says it %d times", n)
	}
	for _, bad := range []string{">effective_rank<", "effective_rank at end"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	for _, row := range headlines(&r.Tables[1]) {
		if !hasValue(row) {
			t.Errorf("%s has no value", row.Name)
		}
	}
	if n := strings.Count(page, "No run came to this point."); n != 1 {
		t.Errorf("the page says %d times that a point was not reached", n)
	}
}

func TestUnreached(t *testing.T) {
	r := bare().results()
	labels := shortLabels(r.Study.Optimizers)
	for i, reached := range []bool{false, true} {
		if got := unreached(r, &r.Tables[i], labels); (got == "") != reached {
			t.Errorf("%s: %q", r.Tables[i].Point, got)
		}
	}
	if none(&study.Record{}, level, nil) == "" {
		t.Error("a run that was not asked for a point gives no reason")
	}
}

// TestValuelessHasReasonsOfItsOwn holds that a run which did not come to the point gives no
// reason why a reading has no value there, whether or not others of its optimizer did.
func TestValuelessHasReasonsOfItsOwn(t *testing.T) {
	sc := usual()
	sc.missed = map[[2]int]bool{}
	for seed := range sc.seeds {
		sc.missed[[2]int{1, seed}] = true
	}
	sc.missed[[2]int{2, 0}] = true
	sc.undefined = map[string]map[int]string{"ece": {}}
	for o := range sc.labels {
		sc.undefined["ece"][o] = "the outputs are no probabilities"
	}
	r := sc.results()
	for i := range r.Tables {
		if got := valueless(r, r.Tables[i].Point, tested(&r.Tables[i])); len(got) != 1 || got[0] != "no value: ece (the outputs are no probabilities)" {
			t.Errorf("%s: %q", r.Tables[i].Point, got)
		}
	}
}
