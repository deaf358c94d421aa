package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"basin/study"
)

// A finding is a reading of one optimizer that differs significantly from the
// reference, in one direction.
type finding struct {
	Row      *study.Row
	Contrast *study.Contrast // where the effect is largest
	Point    study.Point     // where that is
	Points   int             // at how many points it differs
}

// findings lists what differs of optimizer o, the largest effects first.
func findings(r *study.Results, o int) []finding {
	type id struct {
		probe, name string
		up          bool
	}
	var list []finding
	at := map[id]int{}
	for i := range r.Tables {
		for _, row := range headlines(&r.Tables[i]) {
			c := row.Cells[o].Contrast
			if !c.Differs(r.Tests.Alpha) {
				continue
			}
			key := id{row.Probe, row.Name, c.Diff > 0}
			k, seen := at[key]
			if !seen {
				k = len(list)
				at[key] = k
				list = append(list, finding{row, c, r.Tables[i].Point, 0})
			}
			f := &list[k]
			f.Points++
			if size(c) > size(f.Contrast) {
				f.Row, f.Contrast, f.Point = row, c, r.Tables[i].Point
			}
		}
	}
	slices.SortStableFunc(list, func(a, b finding) int { return cmp.Compare(size(b.Contrast), size(a.Contrast)) })
	return list
}

func size(c *study.Contrast) float64 { return math.Abs(float64(c.D)) }

// Where says at which points the finding holds; its numbers are of the one named.
func (f finding) Where(points int) string {
	switch {
	case points > 1 && f.Points == points:
		return f.Point.String() + ", all"
	case f.Points > 1:
		return fmt.Sprintf("%s, %d of %d", f.Point, f.Points, points)
	}
	return f.Point.String()
}

// unremarkable says of optimizer o, of which nothing differs, what was tried; it is
// empty where something does.
func unremarkable(r *study.Results, o int) string {
	tests, pairs := 0, 0
	for i := range r.Tables {
		for _, row := range headlines(&r.Tables[i]) {
			c := row.Cells[o].Contrast
			if c.Differs(r.Tests.Alpha) {
				return ""
			}
			if c != nil && c.PAdj.Ok() {
				tests, pairs = tests+1, max(pairs, c.N)
			}
		}
	}
	switch {
	case tests == 0:
		return "could not be tested"
	case pairs < r.Tests.SeedsFor:
		return fmt.Sprintf("nothing significant in %s, with too few pairs of runs (%d)", count(tests, "test"), pairs)
	}
	return "nothing significant in " + count(tests, "test")
}

// differing writes, for each optimizer, the readings that differ.
func differing(t *text, r *study.Results, labels []string) {
	if len(labels) < 2 {
		return
	}
	t.line("%s", t.paint(bold, "What differs from "+labels[r.Study.Reference]))
	head := []string{"", "difference", "95 % interval", "p", "d", "at (largest effect)"}
	widths := make([]int, len(head))
	lines := make([][][]string, len(labels))
	any := false
	for o := range labels {
		for _, f := range findings(r, o) {
			lines[o] = append(lines[o], f.fields(len(r.Tables)))
		}
		for _, line := range append(lines[o], head) {
			for i, field := range line {
				widths[i] = max(widths[i], cols(field))
			}
		}
		any = any || len(lines[o]) > 0
	}
	rest := 4 + 2*(len(widths)-1)
	for _, w := range widths[1:] {
		rest += w
	}
	widths[0] = min(widths[0], max(t.width-rest, 12))
	if any {
		t.line("%s", t.paint(faint, tabular(t.width, widths, head)))
	}
	for _, o := range referenceFirst(&r.Study)[1:] {
		if why := unremarkable(r, o); why != "" {
			t.para("  "+labels[o]+": ", why)
			continue
		}
		t.line("  %s", t.paint(bold, labels[o]))
		for _, line := range lines[o] {
			t.line("%s", tabular(t.width, widths, line))
		}
	}
	t.line("")
}

// tabular pads fields to their widths, the second to the right.
func tabular(width int, widths []int, fields []string) string {
	line := "    " + padRight(shorten(fields[0], widths[0]), widths[0]) + "  " + padLeft(fields[1], widths[1])
	for i, field := range fields[2:] {
		line += "  " + padRight(field, widths[i+2])
	}
	return shorten(strings.TrimRight(line, " "), width)
}

// fields are the parts of a finding's line.
func (f finding) fields(points int) []string {
	c := f.Contrast
	diff, interval := difference(float64(c.Diff), float64(c.Lo), float64(c.Hi))
	return []string{f.Row.Name, diff, interval, plain(float64(c.PAdj), 2), effect(c), f.Where(points)}
}

// effect writes the size of a contrast in its own standard deviations.
func effect(c *study.Contrast) string {
	if !c.D.Ok() {
		return "-"
	}
	return strconv.FormatFloat(float64(c.D), 'f', 1, 64)
}
