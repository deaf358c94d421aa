package report

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"testing"

	"basin/study"
)

func TestCSVHoldsEveryReading(t *testing.T) {
	each(t, func(t *testing.T, _ string, r *study.Results) {
		var out bytes.Buffer
		if err := CSV(&out, r); err != nil {
			t.Fatal(err)
		}
		if lf, crlf := bytes.Count(out.Bytes(), []byte("\n")), bytes.Count(out.Bytes(), []byte("\r\n")); lf != crlf {
			t.Errorf("%d of %d lines do not end in CR LF", lf-crlf, lf)
		}
		rows, err := csv.NewReader(&out).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if got := rows[0]; len(got) != len(CSVHeader) || got[0] != "key" {
			t.Fatalf("header %q", got)
		}
		rows = rows[1:]
		next := func() []string {
			if len(rows) == 0 {
				t.Fatal("rows are missing")
			}
			row := rows[0]
			rows = rows[1:]
			return row
		}
		for i, rec := range r.Records {
			label := r.Study.Optimizers[i/r.Study.Seeds].Label
			for _, sol := range rec.Solutions {
				if sol.None != "" {
					if row := next(); row[12] != sol.None || row[8] != "" || row[9] != "" {
						t.Errorf("a point not reached is %q", row)
					}
					continue
				}
				for reading := range sol.Readings() {
					row := next()
					want := []string{rec.Key, label, rec.Run.Optimizer, strconv.Itoa(int(rec.Run.Seed)), sol.Point.String(), strconv.Itoa(sol.Step)}
					for k := range want {
						if row[k] != want[k] {
							t.Fatalf("column %s of %q is not %q", CSVHeader[k], row, want[k])
						}
					}
					if row[8] != reading.Name || row[11] != reading.Unit || row[12] != reading.None {
						t.Fatalf("%q is not reading %+v", row, reading)
					}
					if v, err := strconv.ParseFloat(row[9], 64); reading.Defined() && (err != nil || v != reading.Value) {
						t.Fatalf("value %q is not %v", row[9], reading.Value)
					}
					if !reading.Defined() && row[9]+row[10] != "" {
						t.Fatalf("%q has a value that reading %+v has not", row, reading)
					}
				}
			}
		}
		if len(rows) > 0 {
			t.Errorf("%d rows too many", len(rows))
		}
	})
}

func TestCSVQuotesWhatItMust(t *testing.T) {
	s := usual()
	s.labels = []string{"a \"quoted\", label\nover lines", "adamw"}
	s.recipes = nil
	var out bytes.Buffer
	if err := CSV(&out, s.results()); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if rows[1][1] != s.labels[0] {
		t.Errorf("label came back as %q", rows[1][1])
	}
}
