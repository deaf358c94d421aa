package report

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"basin/stat"
)

// Pairs writes what was read between every two of several solutions, by their indices, the larger
// first: of two as Readings does, of more a matrix for each reading that is of no part.
func Pairs(w io.Writer, names []string, between map[[2]int][]stat.Reading) error {
	t := &text{width: MaxWidth}
	t.line("Between solutions")
	for i, name := range names {
		t.line("  %s  %s", padLeft(strconv.Itoa(i+1), 3), name)
	}
	first := between[[2]int{1, 0}]
	if len(names) == 2 {
		if err := t.flush(w); err != nil {
			return err
		}
		return Readings(w, first)
	}
	for _, r := range first {
		if strings.Contains(r.Name, "/") {
			continue
		}
		t.line("")
		t.line("%s", strings.TrimSpace(r.Name+" "+r.Unit))
		matrixOf(t, len(names), r.Name, between)
	}
	return t.flush(w)
}

// matrixOf writes one reading as a lower triangle, in as many blocks as its columns need.
func matrixOf(t *text, n int, name string, between map[[2]int][]stat.Reading) {
	const width = 9
	each := (t.width - 5) / width
	var reasons []string
	for from := 0; from < n-1; from += each {
		to := min(from+each, n-1)
		head := "     "
		for j := from; j < to; j++ {
			head += padLeft(strconv.Itoa(j+1), width)
		}
		t.line("%s", head)
		for i := from + 1; i < n; i++ {
			line := "  " + padLeft(strconv.Itoa(i+1), 3)
			for j := from; j < min(to, i); j++ {
				cell := "-"
				for _, r := range between[[2]int{i, j}] {
					switch {
					case r.Name != name:
					case r.Defined():
						cell = plain(r.Value, 4)
					case !slices.Contains(reasons, r.None):
						reasons = append(reasons, r.None)
					}
				}
				line += padLeft(cell, width)
			}
			t.line("%s", line)
		}
	}
	for _, why := range reasons {
		t.para("  - ", why)
	}
}

// Readings writes the readings of one solution, a line each: name, value, standard
// error, unit, then the reason where there is no value, and warnings; then what the
// errors are.
func Readings(w io.Writer, readings []stat.Reading) error {
	t := &text{width: 100}
	width, errs := 0, false
	for _, r := range readings {
		width = max(width, cols(r.Name))
	}
	for _, r := range readings {
		mark := "  " + padRight(r.Name, width) + "  "
		if !r.Defined() {
			t.para(mark, "none: "+r.None)
			continue
		}
		value, err := plain(r.Value, 4), ""
		if finite(r.Err) {
			value, err = scaleOf(r.Err, r.Value).plusMinus(r.Value, r.Err)
			if err != "" {
				value, errs = value+" ± "+err, true
			}
		}
		if r.Unit != "" {
			value += " " + r.Unit
		}
		t.line("%s%s", mark, value)
		for _, warning := range r.Warnings {
			t.para(padRight("", width+4)+"! ", warning)
		}
	}
	if errs {
		t.line("± is the standard error of the measurement; of an eigenvalue, its residual.")
	}
	return t.flush(w)
}
