package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"html"
	"strings"
	"testing"

	"basin/stat"
	"basin/study"
)

// TestBetweenIsShown holds that the page and the table say of every atlas what was found, draw it, and
// give the means between optimizers.
func TestBetweenIsShown(t *testing.T) {
	each(t, func(t *testing.T, name string, r *study.Results) {
		page := html.UnescapeString(body(pageOf(t, r)))
		if (r.Between == nil) == strings.Contains(page, `id="between"`) {
			t.Fatal("the section is there without results, or the other way round")
		}
		if r.Between == nil {
			return
		}
		var out bytes.Buffer
		if err := Table(&out, r, 0); err != nil {
			t.Fatal(err)
		}
		table := strings.Join(strings.Fields(out.String()), " ")
		for i := range r.Between.Atlases {
			a := &r.Between.Atlases[i]
			for place, text := range map[string]string{"page": page, "table": table} {
				if want := clustering(a, r.Tests.Alpha); !strings.Contains(text, want) {
					t.Errorf("the %s does not say %q", place, want)
				}
			}
			if want := fmt.Sprintf("same seed, different optimizers %s", plain(float64(a.SameSeed), 3)); !strings.Contains(page, want) {
				t.Errorf("the page does not say %q", want)
			}
		}
		charts := strings.Count(page, `<figure class="atlas">`)
		if charts != len(r.Between.Atlases) {
			t.Errorf("%d maps of %d", charts, len(r.Between.Atlases))
		}
		for _, n := range r.Between.Notes {
			if !strings.Contains(page, n) || !strings.Contains(table, n) {
				t.Errorf("the note %q is missing", n)
			}
		}
	})
}

// TestManyPoints holds that only the last points are drawn, and all are told of.
func TestManyPoints(t *testing.T) {
	s := usual()
	s.labels, s.seeds, s.points = s.labels[:3], 3, nil
	for k := range 7 {
		s.points = append(s.points, study.Point{Kind: study.Steps, Value: float64(100 * (k + 1))})
	}
	r := s.results()
	page := html.UnescapeString(body(pageOf(t, r)))
	if n := strings.Count(page, `<figure class="atlas">`); n != mostPoints {
		t.Errorf("%d maps", n)
	}
	for _, want := range []string{"At earlier points", "overlap from one point to the next", `<th scope="row">disagreement at steps=300</th>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	var out bytes.Buffer
	if err := Table(&out, r, 0); err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(out.String(), "Between solutions\n")
	block, _, _ = strings.Cut(block, "\n\n")
	if !strings.Contains(block, "At the last 4 points") || strings.Contains(block, "at steps=300") || !strings.Contains(block, "at steps=400") {
		t.Errorf("the table:\n%s", block)
	}
}

func TestPairsCSV(t *testing.T) {
	r := usual().results()
	list := pairs(&r.Study, r.Records)
	var out bytes.Buffer
	if err := PairsCSV(&out, r, list); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) != len(list)+1 {
		t.Fatalf("%d rows of %d pairs, error %v", len(rows), len(list), err)
	}
	for i, p := range list {
		row, reading := rows[i+1], p.Measured[0].Readings[0]
		if row[0] != p.A.Key || row[3] != p.A.Point.String() || row[4] != p.B.Key || row[8] != reading.Probe ||
			row[10] != exact(reading.Value) || row[13] != reading.None || len(row) != len(PairsHeader) {
			t.Fatalf("%q is not %+v", row, p)
		}
	}
}

func TestPairs(t *testing.T) {
	var names []string
	between := map[[2]int][]stat.Reading{}
	for i := range 13 {
		names = append(names, fmt.Sprintf("file%d", i+1))
		for j := range i {
			between[[2]int{i, j}] = []stat.Reading{stat.Estimate("p", "apart/layer1", "", 7, 1), stat.Estimate("p", "apart", "m", float64(100*i+j), 1)}
		}
	}
	between[[2]int{2, 1}] = []stat.Reading{stat.Undefined("p", "apart", "it is dead")}
	var out bytes.Buffer
	if err := Pairs(&out, names, between); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, want := range []string{"   13  file13\n", "\napart m\n", "    3      200        -\n", "   13     1200     1201", "     11       12\n   12     1110\n   13     1210     1211\n  - it is dead\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "layer1") {
		t.Error("a part has a matrix")
	}
	for line := range strings.Lines(text) {
		if cols(line) > MaxWidth+1 {
			t.Errorf("a line of %d columns: %s", cols(line), line)
		}
	}
	out.Reset()
	if err := Pairs(&out, names[:2], between); err != nil || !strings.Contains(out.String(), "apart/layer1  7.0 ± 1.0") {
		t.Errorf("of two: %s, %v", out.String(), err)
	}
}
