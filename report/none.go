package report

import (
	"regexp"
	"slices"
	"strings"

	"basin/study"
)

// hasValue says whether any optimizer has a value of the row.
func hasValue(row *study.Row) bool {
	return slices.ContainsFunc(row.Cells, func(c study.Cell) bool { return c.N > 0 })
}

var numeral = regexp.MustCompile(`[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?`)

// alike writes the reasons of several runs: of those that differ by numbers alone
// the first, and how many runs have the others.
func alike(reasons []string) string {
	var kinds, firsts []string
	var others []int
	varied := map[string]bool{}
	for _, reason := range reasons {
		kind := numeral.ReplaceAllString(reason, "0")
		k := slices.Index(kinds, kind)
		if k < 0 {
			kinds, firsts, others = append(kinds, kind), append(firsts, reason), append(others, 0)
			continue
		}
		others[k]++
		varied[kind] = varied[kind] || reason != firsts[k]
	}
	for k, kind := range kinds {
		if varied[kind] {
			firsts[k] += " (and " + count(others[k], "other seed") + ")"
		}
	}
	return strings.Join(firsts, "; ")
}

// whyNone says why optimizer o has no value of a row, or, where row is nil, did not
// come to the point.
func whyNone(r *study.Results, at study.Point, o int, row *study.Row) string {
	var reasons []string
	for _, rec := range records(r, o) {
		reasons = append(reasons, none(rec, at, row))
	}
	return alike(reasons)
}

func none(rec *study.Record, at study.Point, row *study.Row) string {
	sol, ok := rec.Solution(at)
	switch {
	case !ok:
		return "the run was not asked for this point"
	case sol.None != "":
		return sol.None
	case row == nil:
		return ""
	}
	for reading := range sol.Readings() {
		if reading.Probe == row.Probe && reading.Name == row.Name {
			return reading.None
		}
	}
	return "not measured"
}

// valueless says, a line per reason, which of the rows have no value of any
// optimizer. That a run did not come to the point is no reason of a row's own.
func valueless(r *study.Results, at study.Point, rows []*study.Row) []string {
	var whys []string
	named := map[string][]string{}
	for _, row := range rows {
		if hasValue(row) {
			continue
		}
		var reasons []string
		for o := range row.Cells {
			var own []string
			for _, rec := range arrived(r, at, o) {
				own = append(own, none(rec, at, row))
			}
			if why := alike(own); why != "" && !slices.Contains(reasons, why) {
				reasons = append(reasons, why)
			}
		}
		why := strings.Join(reasons, "; ")
		if named[why] == nil {
			whys = append(whys, why)
		}
		named[why] = append(named[why], row.Name)
	}
	var lines []string
	for _, why := range whys {
		lines = append(lines, "no value: "+strings.Join(named[why], ", ")+" ("+why+")")
	}
	return lines
}

// arrived are the runs of optimizer o that came to a point.
func arrived(r *study.Results, at study.Point, o int) (list []*study.Record) {
	for _, rec := range records(r, o) {
		if sol, ok := rec.Solution(at); ok && sol.None == "" {
			list = append(list, rec)
		}
	}
	return list
}

// unreached says why no run came to a table's point; it is empty where one did.
func unreached(r *study.Results, t *study.Table, labels []string) string {
	if slices.Max(t.Reached) > 0 {
		return ""
	}
	var whys []string
	for o, label := range labels {
		whys = append(whys, label+": "+whyNone(r, t.Point, o, nil))
	}
	return "No run came to this point. " + strings.Join(whys, "; ") + "."
}
