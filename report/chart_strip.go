package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"basin/study"
)

// strip draws one reading at one point: a row per optimizer with a dot for each
// seed, the mean with its interval, and a line at the reference's mean. Seeds keep
// their height within a row, so that pairs can be followed from row to row.
func (g *gallery) strip(r *study.Results, at study.Point, row *study.Row) chart {
	var dots, means, intervals, empty []object
	var rows []string
	var seen []float64
	for o := range row.Cells {
		cell := &row.Cells[o]
		name := strings.TrimSpace(g.labels[o] + " " + arrow(cell.Contrast, r.Tests.Alpha))
		rows = append(rows, name)
		for i, v := range cell.Values {
			if v.Ok() {
				seen = append(seen, float64(v))
				dots = append(dots, object{"row": name, "optimizer": g.labels[o], "seed": i + 1, "value": brief(v)})
			}
		}
		if cell.N > 0 {
			mean := object{"row": name, "optimizer": g.labels[o], "mean": brief(cell.Mean), "interval": "none"}
			if cell.Lo.Ok() {
				mean["interval"] = fmt.Sprintf("%s to %s", plain(float64(cell.Lo), 5), plain(float64(cell.Hi), 5))
				intervals = append(intervals, object{"row": name, "optimizer": g.labels[o], "low": brief(cell.Lo), "high": brief(cell.Hi)})
			}
			means = append(means, mean)
		} else {
			empty = append(empty, object{"row": name, "text": "no value"})
		}
	}
	y := object{"field": "row", "type": "nominal", "title": nil, "scale": object{"domain": rows},
		"axis": object{"labelLimit": 170, "ticks": false, "domain": false, "grid": true}}
	axis := object{"tickCount": 5, "format": tickFormat(seen)}
	x := func(field string) object {
		channel := quantity(field, []string{title(row), "at " + at.String()}, object{"zero": false, "padding": 6})
		channel["axis"] = axis
		return channel
	}
	color := g.color(nil)
	layers := []object{
		{"data": object{"values": dots}, "mark": object{"type": "point", "filled": true, "size": 26, "opacity": 0.5},
			"encoding": object{"y": y, "yOffset": object{"field": "seed", "type": "ordinal"}, "x": x("value"), "color": color,
				"tooltip": []object{{"field": "optimizer"}, {"field": "seed"}, {"field": "value", "type": "quantitative", "format": ".5~g"}}}},
		{"data": object{"values": empty}, "mark": object{"type": "text", "align": "left", "dx": 6, "color": "#777777", "fontStyle": "italic"},
			"encoding": object{"y": y, "x": object{"value": 0}, "text": object{"field": "text"}}},
		{"data": object{"values": means}, "mark": object{"type": "point", "filled": true, "shape": "diamond", "size": 110, "stroke": "white", "strokeWidth": 1, "opacity": 1},
			"encoding": object{"y": y, "x": x("mean"), "fill": color,
				"tooltip": []object{{"field": "optimizer"}, {"field": "mean", "type": "quantitative", "format": ".5~g"},
					{"field": "interval", "title": "95 % interval"}}}},
	}
	if len(intervals) > 0 {
		layers = slices.Insert(layers, 2, object{"data": object{"values": intervals}, "mark": object{"type": "rule", "strokeWidth": 2.5},
			"encoding": object{"y": y, "x": x("low"), "x2": object{"field": "high"}, "color": color}})
	}
	if ref := &row.Cells[r.Study.Reference]; ref.N > 0 && len(row.Cells) > 1 {
		rule := object{"data": object{"values": []object{{"mean": brief(ref.Mean)}}},
			"mark":     object{"type": "rule", "strokeDash": []int{4, 3}, "color": "#777777"},
			"encoding": object{"x": x("mean")}}
		layers = append([]object{rule}, layers...)
	}
	return g.hang(chart{
		Title: title(row) + " at " + at.String(), Finding: g.verdict(r, row), Class: "strip",
		spec: object{"width": "container", "height": 30 * len(rows), "layer": layers},
	})
}

// tickFormat writes the ticks of an axis of such numbers with a power of ten where
// they would be long without.
func tickFormat(numbers []float64) string {
	largest := 0.0
	for _, x := range numbers {
		largest = max(largest, math.Abs(x))
	}
	if largest > 0 && (largest < 1e-3 || largest >= 1e6) {
		return ".3~e"
	}
	return ".6~g"
}

// verdict says in words what the tests of a row found.
func (g *gallery) verdict(r *study.Results, row *study.Row) string {
	if len(row.Cells) == 1 {
		if row.Cells[0].N == 1 {
			return "One seed."
		}
		return count(row.Cells[0].N, "seed") + ", mean and 95 % interval."
	}
	var up, down []string
	testable := 0
	for o := range row.Cells {
		c := row.Cells[o].Contrast
		if c != nil && c.PAdj.Ok() {
			testable++
		}
		switch {
		case !c.Differs(r.Tests.Alpha):
		case c.Diff > 0:
			up = append(up, g.labels[o])
		default:
			down = append(down, g.labels[o])
		}
	}
	reference := g.labels[r.Study.Reference]
	switch {
	case testable == 0:
		return "None could be tested."
	case len(up)+len(down) == 0:
		return fmt.Sprintf("None differs significantly from %s.", reference)
	}
	var parts []string
	if len(up) > 0 {
		parts = append(parts, "higher with "+enumerate(up))
	}
	if len(down) > 0 {
		parts = append(parts, "lower with "+enumerate(down))
	}
	text := strings.Join(parts, "; ") + " than with " + reference + "."
	return strings.ToUpper(text[:1]) + text[1:]
}

// enumerate writes a list in words.
func enumerate(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
