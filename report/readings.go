package report

import (
	"io"

	"basin/stat"
)

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
