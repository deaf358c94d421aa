package report

import (
	"fmt"
	"slices"

	"basin/study"
)

// footnotes numbers remarks in the order of their first use; equal remarks share a
// number.
type footnotes []string

// mark gives the number of a remark, from 1.
func (f *footnotes) mark(remark string) int {
	i := slices.Index(*f, remark)
	if i < 0 {
		i = len(*f)
		*f = append(*f, remark)
	}
	return i + 1
}

// remarks says what a reader must know of optimizer o's cell beside its numbers.
func remarks(r *study.Results, t *study.Table, row *study.Row, o int) []string {
	var list []string
	c := &row.Cells[o]
	switch {
	case c.N == 0:
		list = append(list, whyNone(r, t.Point, o, row))
	case c.N < t.Reached[o]:
		list = append(list, fmt.Sprintf("mean over %s with a value, of %d that came to this point", count(c.N, "seed"), t.Reached[o]))
	}
	list = append(list, c.Warnings...)
	if c.Contrast != nil && c.Contrast.None != "" && c.N > 0 {
		list = append(list, "not tested: "+c.Contrast.None)
	}
	return list
}

// count writes a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
