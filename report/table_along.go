package report

import (
	"math"
	"strings"

	"basin/study"
)

// along writes how readings went along each kind of series: the mean at the first point that
// has one, its course, and the mean at the last.
func along(t *text, r *study.Results, labels []string) {
	for _, way := range ways {
		if way.kind == study.TrainLoss {
			continue
		}
		all := alongs(r, way.kind)
		if len(all) == 0 {
			continue
		}
		var series []string
		for _, s := range r.Study.Series {
			if s.Kind == way.kind {
				series = append(series, s.String())
			}
		}
		most := 12
		if t.width < 90 {
			most = 6
		}
		t.line("%s", t.paint(bold, "Along "+strings.Join(series, ", ")))
		var names []string
		columns := make([]column, len(labels))
		for o := range labels {
			columns[o] = column{head: above(r, o, labels[o]), bare: true}
		}
		for _, members := range all {
			names = append(names, title(members[0].row))
			for o := range columns {
				columns[o].add(coursed(members, o, most), "", "")
			}
		}
		for o := range columns {
			c := &columns[o]
			c.wAll = cols(c.head)
			for _, cell := range c.mean {
				c.wAll = max(c.wAll, cols(cell))
			}
		}
		writeColumns(t, names, columns, nil, referenceFirst(&r.Study))
		t.line("")
		t.para("  ", "Means at the first and the last of "+count(len(tablesAlong(r, way.kind)), "point")+", and the course between, each row on a scale of its own. The page draws them; readings.csv has them all.")
		t.line("")
	}
}

// coursed writes the means of optimizer o along members, their course in at most so many columns.
func coursed(members []member, o, most int) string {
	low, high := math.Inf(1), math.Inf(-1)
	var own []float64
	for _, m := range members {
		for k := range m.row.Cells {
			if c := &m.row.Cells[k]; c.N > 0 {
				low, high = math.Min(low, float64(c.Mean)), math.Max(high, float64(c.Mean))
				if k == o {
					own = append(own, float64(c.Mean))
				}
			}
		}
	}
	if len(own) == 0 {
		return "-"
	}
	levels := []rune("▁▂▃▄▅▆▇█")
	var course []rune
	n := min(len(own), most)
	for i := range n {
		at := 0
		if n > 1 {
			at = i * (len(own) - 1) / (n - 1)
		}
		level := 0.
		if high > low {
			level = (own[at] - low) / (high - low) * float64(len(levels)-1)
		}
		course = append(course, levels[int(level+.5)])
	}
	return plain(own[0], 3) + " " + string(course) + " " + plain(own[len(own)-1], 3)
}
