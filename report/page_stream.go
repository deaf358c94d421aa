package report

import (
	"fmt"

	"basin/problem"
	"basin/study"
)

// A streamTable is the accuracy of one optimizer on every task of a stream at the start and
// after each phase, as means over the seeds that came there.
type streamTable struct {
	Title string
	Tasks []string
	Rows  []streamRow
}

type streamRow struct {
	Phase string
	Cells []streamCell
}

// A streamCell is a mean, with its colour: a share of the strongest.
type streamCell struct {
	Mean, Detail string
	Paired       string // between optimizers: the mean at one seed
	Shade        int    // in percent
	Own          bool
}

// newStreams gives the tables of a stream, of all outputs and, where there is a mask, with
// it; none for other tasks.
func newStreams(r *study.Results, labels []string) []streamTable {
	var tables []streamTable
	for _, kind := range []struct {
		name string
		of   func(s *problem.Stage) []float64
	}{
		{"", func(s *problem.Stage) []float64 { return s.Accuracy }},
		{", among the outputs of the task alone", func(s *problem.Stage) []float64 { return s.Masked }},
	} {
		for _, o := range referenceFirst(&r.Study) {
			if t := newStreamTable(records(r, o), kind.of); len(t.Rows) > 0 {
				t.Title = labels[o] + kind.name
				tables = append(tables, t)
			}
		}
	}
	return tables
}

func newStreamTable(runs []*study.Record, of func(s *problem.Stage) []float64) streamTable {
	var t streamTable
	for k := 0; ; k++ {
		var byTask [][]float64
		for _, rec := range runs {
			if k >= len(rec.Stages) {
				continue
			}
			for j, a := range of(&rec.Stages[k]) {
				if j == len(byTask) {
					byTask = append(byTask, nil)
				}
				byTask[j] = append(byTask[j], a)
			}
		}
		if byTask == nil {
			return t
		}
		row := streamRow{Phase: fmt.Sprintf("after task %d", k)}
		if k == 0 {
			row.Phase = "start"
			for j := range byTask {
				t.Tasks = append(t.Tasks, fmt.Sprintf("task %d", j+1))
			}
		}
		for j, values := range byTask {
			mean := 0.0
			for _, a := range values {
				mean += a / float64(len(values))
			}
			row.Cells = append(row.Cells, streamCell{
				Mean: fmt.Sprintf("%.3f", mean), Shade: int(60*mean + .5), Own: j+1 == k,
				Detail: fmt.Sprintf("%s over %s", plain(mean, 6), count(len(values), "seed")),
			})
		}
		t.Rows = append(t.Rows, row)
	}
}
