// Package report writes a study's results for people and for programs: a table for
// the terminal, one HTML page that opens offline, a picture for a document,
// results.json and readings.csv. What it writes depends on the results alone: no
// clock, host or order of a map shows in it.
package report

import (
	"slices"

	"basin/study"
)

// records gives the records of optimizer o in the order of seeds.
func records(r *study.Results, o int) []*study.Record {
	return r.Records[o*r.Study.Seeds : (o+1)*r.Study.Seeds]
}

// referenceFirst lists the indices of the optimizers, the reference in front.
func referenceFirst(s *study.Study) []int {
	order := []int{s.Reference}
	for o := range s.Optimizers {
		if o != s.Reference {
			order = append(order, o)
		}
	}
	return order
}

// headlines gives the rows of a table that belong to the tested family and have a
// value.
func headlines(t *study.Table) []*study.Row {
	return slices.DeleteFunc(tested(t), func(row *study.Row) bool { return !hasValue(row) })
}

// tested gives the rows of a table that belong to the tested family.
func tested(t *study.Table) []*study.Row {
	var rows []*study.Row
	for i := range t.Rows {
		if t.Rows[i].Headline {
			rows = append(rows, &t.Rows[i])
		}
	}
	return rows
}
