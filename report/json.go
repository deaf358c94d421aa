package report

import (
	"encoding/json"
	"io"

	"basin/study"
)

// JSON writes results.json: the results in full, indented, with a newline at the
// end. Its fields are those of study.Results; numbers come back to the same bits.
func JSON(w io.Writer, r *study.Results) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
