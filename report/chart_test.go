package report

import (
	"math"
	"slices"
	"strings"
	"testing"

	"basin/study"
)

// TestMedianCurve checks the median run check by check, by hand: a run that
// diverged stays above all others, and the curve ends where most have diverged.
func TestMedianCurve(t *testing.T) {
	run := func(end study.EndKind, losses ...float64) *study.Record {
		r := &study.Record{Ending: study.Ending{Kind: end}}
		for k, loss := range losses {
			r.Curve = append(r.Curve, study.Check{Step: 10 * k, Grads: 20 * float64(k), Loss: loss})
		}
		return r
	}
	got := median([]*study.Record{
		run(study.Spent, 3, 2, 1, 0.5),
		run(study.Diverged, 5, 1),
		run(study.Diverged, 4, 4, 0.5),
	})
	want := []study.Check{{Step: 0, Loss: 4}, {Step: 10, Grads: 20, Loss: 2}, {Step: 20, Grads: 40, Loss: 1}}
	if !slices.Equal(got, want) {
		t.Errorf("median curve %v, not %v", got, want)
	}
	if even := median([]*study.Record{run(study.Spent, 1), run(study.Spent, 4)}); even[0].Loss != 2.5 {
		t.Errorf("the median of 1 and 4 is %v", even[0].Loss)
	}
}

func TestThinKeepsTheEnds(t *testing.T) {
	checks := make([]study.Check, 1001)
	for i := range checks {
		checks[i].Step = i
	}
	for _, k := range []int{1, 4, 7} {
		kept := thin(checks, k)
		if kept[0].Step != 0 || kept[len(kept)-1].Step != 1000 || len(kept) > 1001/k+2 {
			t.Errorf("of 1001 checks every %dth leaves %d from %d to %d", k, len(kept), kept[0].Step, kept[len(kept)-1].Step)
		}
	}
}

func TestFamilies(t *testing.T) {
	row := func(probe, name string) study.Row {
		return study.Row{Probe: probe, Name: name, Cells: []study.Cell{{N: 1}}}
	}
	none := study.Row{Probe: "p", Name: "acc@0.7", Cells: make([]study.Cell, 1)}
	got := families(&study.Table{Rows: []study.Row{
		row("p", "acc@0.5"), row("p", "acc@1"), none, row("p", "rank"), row("q", "acc@0.2"), row("p", "acc@0.02"),
		row("p", "few@1"), row("p", "few@2"), row("p", "odd@x"), row("p", "odd@y"), row("p", "odd@z"),
	}})
	if len(got) != 1 || got[0].name != "acc" {
		t.Fatalf("families %+v", got)
	}
	var at []float64
	for _, m := range got[0].members {
		at = append(at, m.x)
	}
	if !slices.Equal(at, []float64{0.02, 0.5, 1}) {
		t.Errorf("members at %v", at)
	}
}

// TestAlongs draws readings over the points of a series in order, headlines and what a probe
// without any has, and the same over levels of the loss.
func TestAlongs(t *testing.T) {
	r := scenes()["along"].results()
	got := map[string]int{}
	for _, members := range alongs(r, study.Steps) {
		got[members[0].row.Name] = len(members)
		for i, m := range members {
			if m.x != float64(100*i) {
				t.Fatalf("%s: point %d lies at %v", m.row.Name, i, m.x)
			}
		}
	}
	if got["sharpness"] != 21 || got["dead_units"] != 21 || got["hessian_eigenvalue_2"] != 0 || got["prune_acc@0.1"] != 0 {
		t.Errorf("along the steps: %v", got)
	}
	if n := len(alongs(r, study.Epochs)) + len(alongs(r, study.TrainLoss)); n != 0 {
		t.Errorf("%d readings along what there is no series of", n)
	}
	if levels := alongs(scenes()["rough"].results(), study.TrainLoss); len(levels) == 0 || levels[0][0].x != .1 || levels[0][1].x != .2 {
		t.Errorf("along the loss: %v", levels)
	}
	constant := []member{{0, &study.Row{Cells: []study.Cell{{N: 1, Mean: 2}, {Mean: study.None}}}}}
	if one, none := coursed(constant, 0, 12), coursed(constant, 1, 12); one != "2 ▁ 2" || none != "-" {
		t.Errorf("courses %q and %q", one, none)
	}
}

// TestLossesAreThinned holds that a long run is drawn with a bounded number of
// points, that the page says so, and that a run which shot up does not set the axis.
func TestLossesAreThinned(t *testing.T) {
	s := usual()
	s.checks = 5000
	r := s.results()
	g := newGallery(r, shortLabels(r.Study.Optimizers))
	charts := g.losses(r)
	for _, l := range g.datasets["runs"].([]line) {
		if len(l.Loss) > maxChecks+2 || len(l.Loss) != len(l.Step) || len(l.Loss) != len(l.Grads) {
			t.Fatalf("a run is drawn with %d losses at %d steps", len(l.Loss), len(l.Step))
		}
	}
	if !strings.Contains(charts[0].Finding, "One check in 21 is drawn") {
		t.Errorf("the page does not say what is drawn: %q", charts[0].Finding)
	}
	r.Records[3].Curve[7].Loss = 1e9
	r.Records[3].Curve[8].Loss = math.Inf(1)
	charts = newGallery(r, shortLabels(r.Study.Optimizers)).losses(r)
	if !strings.Contains(charts[0].Finding, "are cut off") {
		t.Errorf("a loss of 1e9 sets the axis: %q", charts[0].Finding)
	}
}

// TestEveryOptimizerHasItsOwnInk holds it up to the most that colour and dash can
// tell apart.
func TestEveryOptimizerHasItsOwnInk(t *testing.T) {
	s := &study.Study{Reference: 2, Optimizers: make([]study.Optimizer, 1+len(okabeIto)*len(dashes))}
	list := inks(s)
	if list[2].color != black {
		t.Error("the reference is not black")
	}
	for i := range list {
		for j := range i {
			if list[i].color == list[j].color && slices.Equal(list[i].dash, list[j].dash) {
				t.Errorf("optimizers %d and %d are drawn alike", i, j)
			}
		}
	}
}
