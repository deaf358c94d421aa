package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"basin/study"
)

// TestSVGShowsEverySeed reads the picture back: it is well-formed, has a dot per
// value and a diamond per mean, and all of it lies within the picture.
func TestSVGShowsEverySeed(t *testing.T) {
	names := []string{"sharpness", "effective_rank", "ece"}
	each(t, func(t *testing.T, _ string, r *study.Results) {
		var out bytes.Buffer
		if err := SVG(&out, r, end, names); err != nil {
			t.Fatal(err)
		}
		values, means := 0, 0
		for _, row := range r.Tables[len(r.Tables)-1].Rows {
			for _, c := range row.Cells {
				if row.Name == names[0] || row.Name == names[1] || row.Name == names[2] {
					values += c.N
					means += min(c.N, 1)
				}
			}
		}
		dots, height := 0, 0.0
		d := xml.NewDecoder(&out)
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			e, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			attr := map[string]string{}
			for _, a := range e.Attr {
				attr[a.Name.Local] = a.Value
			}
			number := func(name string) float64 {
				x, err := strconv.ParseFloat(attr[name], 64)
				if err != nil {
					t.Fatalf("%s of %s: %v", name, e.Name.Local, err)
				}
				return x
			}
			switch e.Name.Local {
			case "svg":
				height = number("height")
			case "circle":
				dots++
				if x, y := number("cx"), number("cy"); x < 0 || x > svgWidth || y < 0 || y > height {
					t.Errorf("a dot at %v, %v is outside", x, y)
				}
			case "text":
				if x, y := number("x"), number("y"); x < 0 || x > svgWidth || y < 0 || y > height {
					t.Errorf("text at %v, %v is outside", x, y)
				}
			case "path":
				if strings.HasSuffix(attr["d"], "z") {
					means--
				}
			}
		}
		if dots != values || means != 0 {
			t.Errorf("%d dots for %d values, %d diamonds missing", dots, values, means)
		}
	})
}

func TestSVGSaysWhatIsMissing(t *testing.T) {
	r := usual().results()
	for _, c := range []struct {
		at    study.Point
		names []string
		want  string
	}{
		{levelTwo, []string{"sharpness"}, "no point train_loss=0.2"},
		{level, []string{"sharpnes"}, `no reading "sharpnes"`},
		{level, nil, "at least one"},
	} {
		if err := SVG(io.Discard, r, c.at, c.names); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v at %v: %v, not %q", c.names, c.at, err, c.want)
		}
	}
}

func TestNiceTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{
		{0, 1, "0.0 0.5 1.0"}, {26.5, 33.5, "28 30 32"}, {0.9e-5, 4.1e-5, "1e-5 2e-5 3e-5 4e-5"}, {-120, 250, "-100 0 100 200"}, {0.9991, 1.0004, "0.9995 1.0000"},
	} {
		ticks := niceTicks(c.low, c.high, 4)
		s := tickScale(ticks)
		var got []string
		for _, tick := range ticks {
			got = append(got, s.wrap(s.digits(tick)))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("ticks from %v to %v are %q, not %q", c.low, c.high, got, c.want)
		}
	}
}
