package report

import (
	"strings"
	"testing"

	"basin/problem"
)

// The page shows the matrix of a stream as means over the seeds that came so far, and
// nothing of it for other tasks.
func TestPageOfStream(t *testing.T) {
	r := usual().results()
	if page := pageOf(t, r); strings.Contains(page, `id="stream"`) {
		t.Error("a single task has a table of tasks")
	}
	for i, rec := range r.Records {
		rec.Stages = []problem.Stage{
			{Phase: 0, Accuracy: []float64{0.1, 0.125}, Masked: []float64{0.5, 0.5}},
			{Phase: 1, Step: 10, Accuracy: []float64{0.75, 0.25}, Masked: []float64{0.875, 0.5}},
		}
		if i%2 == 0 { // the others end before
			rec.Stages = append(rec.Stages, problem.Stage{Phase: 2, Step: 20, Accuracy: []float64{0.5, 0.625 + 0.25*float64(i%4)/4}, Masked: []float64{1, 1}})
		}
	}
	tables := newStreams(r, shortLabels(r.Study.Optimizers))
	if len(tables) != 2*len(r.Study.Optimizers) {
		t.Fatalf("%d tables", len(tables))
	}
	first := tables[0]
	if len(first.Tasks) != 2 || len(first.Rows) != 3 || first.Rows[0].Phase != "start" || first.Rows[2].Phase != "after task 2" {
		t.Fatalf("%+v", first)
	}
	cell := first.Rows[2].Cells[1]
	if cell.Mean != "0.688" || !cell.Own || first.Rows[2].Cells[0].Own || cell.Detail != "0.6875 over 4 seeds" {
		t.Errorf("%+v", cell)
	}
	page := pageOf(t, r)
	for _, has := range []string{`id="stream"`, `<a href="#stream">`, "among the outputs of the task alone", `class="own"`, "after task 2"} {
		if !strings.Contains(page, has) {
			t.Errorf("the page lacks %q", has)
		}
	}
	if strings.Contains(page, "ZgotmplZ") {
		t.Error("a colour was refused by the template")
	}
}
