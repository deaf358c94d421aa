package report

import (
	"cmp"
	"slices"
	"strings"

	"basin/study"
)

// ways are the kinds of points along which readings are drawn: how an axis and a title
// call them.
var ways = []struct {
	kind study.PointKind
	axis axis
	name string
}{
	{study.TrainLoss, axis{title: "train_loss", reverse: true}, "the loss"},
	{study.Steps, axis{title: "steps", linear: true}, "the steps"},
	{study.Epochs, axis{title: "epochs", linear: true}, "the epochs"},
	{study.Grads, axis{title: "gradients", linear: true}, "the gradients"},
}

// alongs draws readings along training: over the levels of train_loss, and over the steps,
// epochs or gradients of a series.
func (g *gallery) alongs(r *study.Results) []chart {
	var charts []chart
	for _, way := range ways {
		for _, members := range alongs(r, way.kind) {
			what := title(members[0].row)
			charts = append(charts, g.hang(chart{
				Title: what + " along " + way.name, Finding: "Means over seeds with 95 % intervals (shaded); training goes to the right.", Class: "strip",
				spec: g.lines(members, way.axis, what),
			}))
		}
	}
	return charts
}

// alongs collects the rows of readings at the points of a kind, by value; none where there
// are fewer than two such points, or where those counted are no series.
func alongs(r *study.Results, kind study.PointKind) [][]member {
	var list [][]member
	type id struct{ probe, name string }
	at := map[id]int{}
	for _, t := range slices.Backward(tablesAlong(r, kind)) { // rows in the order of the last
		for _, row := range watched(r, t) {
			key := id{row.Probe, row.Name}
			k, seen := at[key]
			if !seen {
				k = len(list)
				at[key] = k
				list = append(list, nil)
			}
			list[k] = append(list[k], member{t.Point.Value, row})
		}
	}
	for _, members := range list {
		slices.Reverse(members)
	}
	return slices.DeleteFunc(list, func(m []member) bool { return len(m) < 2 })
}

// tablesAlong are the tables at points of a kind, by value.
func tablesAlong(r *study.Results, kind study.PointKind) []*study.Table {
	if kind != study.TrainLoss && !slices.ContainsFunc(r.Study.Series, func(s study.Series) bool { return s.Kind == kind }) {
		return nil
	}
	var tables []*study.Table
	for _, list := range [][]study.Table{r.Tables, r.Along} {
		for i := range list {
			if list[i].Point.Kind == kind {
				tables = append(tables, &list[i])
			}
		}
	}
	slices.SortStableFunc(tables, func(a, b *study.Table) int { return cmp.Compare(a.Point.Value, b.Point.Value) })
	return tables
}

// watched gives the rows of a table that are shown along training: headlines, and of a
// probe that has none all readings as a whole.
func watched(r *study.Results, t *study.Table) []*study.Row {
	headed := map[string]bool{}
	for i := range r.Tables {
		for _, row := range tested(&r.Tables[i]) {
			headed[row.Probe] = true
		}
	}
	var rows []*study.Row
	for i := range t.Rows {
		row := &t.Rows[i]
		if (row.Headline || !headed[row.Probe] && !strings.ContainsAny(row.Name, "/@")) && hasValue(row) {
			rows = append(rows, row)
		}
	}
	return rows
}
