package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"basin/study"
)

// MaxWidth is the widest that Table makes its lines.
const MaxWidth = 100

// Table writes the results as plain text, in lines of at most width columns
// (MaxWidth where width is 0 or more than that): a table for each point, what
// differs from the reference, how that was tested, and how to read it.
func Table(w io.Writer, r *study.Results, width int) error { return table(w, r, width, false) }

// ColorTable is Table with the terminal's styles, unless the environment variable
// NO_COLOR is set.
func ColorTable(w io.Writer, r *study.Results, width int) error {
	return table(w, r, width, !noColor())
}

func table(w io.Writer, r *study.Results, width int, color bool) error {
	if width <= 0 || width > MaxWidth {
		width = MaxWidth
	}
	t := &text{width: width, color: color}
	labels := shortLabels(r.Study.Optimizers)
	for i := range r.Tables {
		point(t, r, &r.Tables[i], labels)
	}
	along(t, r, labels)
	differing(t, r, labels)
	lyingBetween(t, r)
	explain(t, r)
	warnings(t, r, labels)
	legend(t, r, labels)
	reading(t, r)
	return t.flush(w)
}

// A column is one optimizer's part of a table: cells split so that they line up at
// the plus-minus sign.
type column struct {
	head              string
	mean, err, mark   []string
	wMean, wErr, wAll int
	bare              bool // cells are means alone, to the left
}

// point writes the table of one point, in as many blocks as its columns need.
func point(t *text, r *study.Results, tab *study.Table, labels []string) {
	t.line("%s", t.paint(bold, "At "+tab.Point.String()))
	if why := unreached(r, tab, labels); why != "" {
		t.para("  ", why)
		t.line("")
		return
	}
	rows := headlines(tab)
	var notes footnotes
	columns := make([]column, len(labels))
	for _, o := range referenceFirst(&r.Study) {
		columns[o] = newColumn(r, tab, rows, o, labels[o], &notes)
	}
	names := []string{"seeds that reached it"}
	for _, row := range rows {
		names = append(names, title(row))
	}
	order := referenceFirst(&r.Study)
	writeColumns(t, names, columns, order[:1], order[1:])
	if len(rows) == 0 {
		t.line("  no headline readings")
	}
	left := valueless(r, tab.Point, tested(tab))
	if len(notes)+len(left) > 0 {
		t.line("")
	}
	for i, note := range notes {
		t.para(fmt.Sprintf("  [%d] ", i+1), note)
	}
	for _, line := range left {
		t.para("  ", line)
	}
	t.line("")
}

// writeColumns writes the columns of others beside names, in as many blocks as they need,
// each led by the same ones.
func writeColumns(t *text, names []string, columns []column, lead, others []int) {
	nameWidth := nameColumn(t.width, names, columns)
	for first := true; first || len(others) > 0; first = false {
		block, used := slices.Clone(lead), 2+nameWidth
		for _, o := range lead {
			used += 2 + columns[o].wAll
		}
		for len(others) > 0 && (len(block) == len(lead) || used+2+columns[others[0]].wAll <= t.width) {
			used += 2 + columns[others[0]].wAll
			block, others = append(block, others[0]), others[1:]
		}
		if !first {
			t.line("")
		}
		writeBlock(t, names, nameWidth, columns, block)
	}
}

// nameColumn is the width of the names, cut where the widest two columns beside
// them would not fit.
func nameColumn(width int, names []string, columns []column) int {
	need, widest := 0, 0
	for _, name := range names {
		need = max(need, cols(name))
	}
	for _, c := range columns {
		widest = max(widest, c.wAll)
	}
	return min(need, max(width-2*widest-6, 12))
}

func newColumn(r *study.Results, tab *study.Table, rows []*study.Row, o int, label string, notes *footnotes) column {
	c := column{head: above(r, o, label)}
	c.add(fmt.Sprintf("%d/%d", tab.Reached[o], r.Study.Seeds), "", "")
	for _, row := range rows {
		cell := &row.Cells[o]
		mean, err := "-", ""
		if cell.N > 0 {
			mean, err = rowScale(row).plusMinus(float64(cell.Mean), half(cell))
		}
		marks := arrow(cell.Contrast, r.Tests.Alpha)
		for _, remark := range remarks(r, tab, row, o) {
			marks += fmt.Sprintf("[%d]", notes.mark(remark))
		}
		c.add(mean, err, marks)
	}
	wMark := 0
	for i := range c.mean {
		c.wMean = max(c.wMean, cols(c.mean[i]))
		c.wErr = max(c.wErr, cols(c.err[i]))
		wMark = max(wMark, cols(c.mark[i]))
	}
	c.wAll = max(cols(c.head), c.wMean+3+c.wErr+wMark)
	return c
}

// above is the label of optimizer o above its column.
func above(r *study.Results, o int, label string) string {
	if o == r.Study.Reference && len(r.Study.Optimizers) > 1 {
		label += " (ref)"
	}
	return label
}

func (c *column) add(mean, err, mark string) {
	c.mean, c.err = append(c.mean, mean), append(c.err, err)
	if mark != "" {
		mark = " " + mark
	}
	c.mark = append(c.mark, mark)
}

// cell is line i of the column, padded.
func (c *column) cell(t *text, i int) string {
	if c.bare {
		return padRight(c.mean[i], c.wAll)
	}
	sign := " ± "
	if c.err[i] == "" {
		sign = "   "
	}
	number := padLeft(c.mean[i], c.wMean) + sign + padRight(c.err[i], c.wErr)
	space := strings.Repeat(" ", max(c.wAll-cols(number+c.mark[i]), 0))
	if strings.Contains(c.mark[i], "*") {
		return t.paint(bold, number+c.mark[i]) + space
	}
	return number + c.mark[i] + space
}

func writeBlock(t *text, names []string, nameWidth int, columns []column, block []int) {
	head, rule := "  "+padRight("", nameWidth), "  "+strings.Repeat("-", nameWidth)
	for _, o := range block {
		head += "  " + padRight(columns[o].head, columns[o].wAll)
		rule += "  " + strings.Repeat("-", columns[o].wAll)
	}
	t.line("%s", t.paint(bold, strings.TrimRight(head, " ")))
	t.line("%s", t.paint(faint, rule))
	for i, name := range names {
		line := "  " + padRight(shorten(name, nameWidth), nameWidth)
		for _, o := range block {
			line += "  " + columns[o].cell(t, i)
		}
		t.line("%s", line)
	}
}
