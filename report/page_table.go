package report

import (
	"fmt"

	"basin/study"
)

// A pageTable is a point's table as the page shows it.
type pageTable struct {
	Point   string
	Heads   []head
	Reached []string
	Tested  pageRows
	Others  pageRows
	Left    []string // what has no value anywhere, and is left out
	None    string   // why no run came to the point
}

type head struct {
	Label, Recipe string
	Reference     bool
}

// pageRows have their notes under them.
type pageRows struct {
	Rows  []pageRow
	Notes footnotes
}

type pageRow struct {
	Name, Unit, Probe string
	Cells             []pageCell
}

// A pageCell is one cell: numbers, what the test says of them, marks of notes.
type pageCell struct {
	Mean, Err string
	Marks     []int
	Arrow     string // of a significant difference
	Up        bool
	Diff      string // difference, and under it
	Interval  string // empty where it is all numbers
	P         string // empty where none can be small enough
	Detail    string // all there is, for hovering
}

func newPageTable(r *study.Results, t *study.Table, labels []string) pageTable {
	p := pageTable{Point: t.Point.String(), None: unreached(r, t, labels)}
	order := referenceFirst(&r.Study)
	for _, o := range order {
		opt := r.Study.Optimizers[o]
		p.Heads = append(p.Heads, head{labels[o], opt.Recipe, o == r.Study.Reference && len(labels) > 1})
		p.Reached = append(p.Reached, fmt.Sprintf("%d of %d", t.Reached[o], r.Study.Seeds))
	}
	var rows []*study.Row
	for i := range t.Rows {
		row := &t.Rows[i]
		rows = append(rows, row)
		if !hasValue(row) {
			continue
		}
		part := &p.Others
		if row.Headline {
			part = &p.Tested
		}
		line := pageRow{Name: row.Name, Unit: row.Unit, Probe: row.Probe}
		for _, o := range order {
			line.Cells = append(line.Cells, newPageCell(r, t, row, o, &part.Notes))
		}
		part.Rows = append(part.Rows, line)
	}
	p.Left = valueless(r, t.Point, rows)
	return p
}

func newPageCell(r *study.Results, t *study.Table, row *study.Row, o int, notes *footnotes) pageCell {
	c := &row.Cells[o]
	p := pageCell{Mean: "-"}
	if c.N > 0 {
		p.Mean, p.Err = rowScale(row).plusMinus(float64(c.Mean), half(c))
		p.Detail = fmt.Sprintf("mean %s over %s, sd %s", plain(float64(c.Mean), 6), count(c.N, "seed"), plain(float64(c.SD), 3))
		if c.Lo.Ok() {
			p.Detail += fmt.Sprintf(", 95 %% interval [%s, %s]", plain(float64(c.Lo), 6), plain(float64(c.Hi), 6))
		}
	}
	for _, remark := range remarks(r, t, row, o) {
		p.Marks = append(p.Marks, notes.mark(remark))
	}
	k := c.Contrast
	if k == nil || !k.Diff.Ok() {
		return p
	}
	p.Diff, p.Interval = difference(float64(k.Diff), float64(k.Lo), float64(k.Hi))
	if !k.Lo.Ok() && !k.Hi.Ok() {
		p.Interval = "" // all numbers
	}
	p.Detail += fmt.Sprintf("; difference over %s, d %s", count(k.N, "pair"), effect(k))
	if k.PAdj.Ok() {
		if r.Tests.Enough {
			p.P = plain(float64(k.PAdj), 2)
		}
		p.Detail += fmt.Sprintf("; p %s alone, %s over the family, %s after Holm", plain(float64(k.P), 3), plain(float64(k.PMax), 3), plain(float64(k.PAdj), 3))
	}
	if p.Arrow = arrow(k, r.Tests.Alpha); p.Arrow != "" {
		p.Up = k.Diff > 0
	}
	return p
}
