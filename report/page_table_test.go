package report

import (
	"strings"
	"testing"
)

// TestTooFewSeeds holds that tables show no p and no interval that could not be other than
// 1 and all numbers.
func TestTooFewSeeds(t *testing.T) {
	for _, seeds := range []int{3, 8} {
		sc := usual()
		sc.seeds = seeds
		r := sc.results()
		page := body(pageOf(t, r))
		enough := r.Tests.Enough
		if enough != (seeds == 8) {
			t.Fatalf("%d seeds are enough: %v", seeds, enough)
		}
		if got := strings.Contains(page, "<small>Δ") && strings.Contains(page, ", p "); got != enough {
			t.Errorf("%d seeds: a p beside the difference: %v", seeds, got)
		}
		if strings.Contains(page, "∞") && !enough {
			t.Errorf("%d seeds: the page has an interval of all numbers", seeds)
		}
	}
}

// TestNotesStandUnderTheirRows holds that the notes of readings that are not compared are
// with them and number from 1.
func TestNotesStandUnderTheirRows(t *testing.T) {
	sc := usual()
	sc.undefined = nil
	sc.warned = map[string]map[int]string{"margin_min": {0: "an odd margin"}, "ece": {0: "few bins"}}
	r := sc.results()
	table := newPageTable(r, &r.Tables[0], shortLabels(r.Study.Optimizers))
	if got := table.Tested.Notes; len(got) != 1 || got[0] != "few bins" {
		t.Errorf("under the compared readings: %q", got)
	}
	if got := table.Others.Notes; len(got) != 1 || got[0] != "an odd margin" {
		t.Errorf("under the others: %q", got)
	}
}
