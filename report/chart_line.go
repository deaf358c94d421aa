package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"basin/study"
)

// A member is one reading of a family such as prune_acc@0.1, prune_acc@0.2 ...
type member struct {
	x   float64
	row *study.Row
}

// A family is the readings of one probe at one point whose names differ only in the
// number after an @.
type family struct {
	name, unit string
	members    []member
}

// families finds those of at least three members, in the order of their first.
func families(t *study.Table) []family {
	var list []family
	type id struct{ probe, name, unit string }
	at := map[id]int{}
	for i := range t.Rows {
		row := &t.Rows[i]
		cut := strings.LastIndexByte(row.Name, '@')
		if cut < 0 || !hasValue(row) {
			continue
		}
		x, err := strconv.ParseFloat(row.Name[cut+1:], 64)
		if err != nil || !finite(x) {
			continue
		}
		key := id{row.Probe, row.Name[:cut], row.Unit}
		k, seen := at[key]
		if !seen {
			k = len(list)
			at[key] = k
			list = append(list, family{name: row.Name[:cut], unit: row.Unit})
		}
		list[k].members = append(list[k].members, member{x, row})
	}
	list = slices.DeleteFunc(list, func(f family) bool { return len(f.members) < 3 })
	for _, f := range list {
		slices.SortStableFunc(f.members, func(a, b member) int { return cmp.Compare(a.x, b.x) })
	}
	return list
}

// curve draws a family: means with their intervals over the number in the names.
func (g *gallery) curve(f family, at study.Point) chart {
	what := f.name
	if f.unit != "" {
		what += " (" + f.unit + ")"
	}
	return g.hang(chart{
		Title:   fmt.Sprintf("%s over its argument, at %s", what, at),
		Finding: "Means over seeds with 95 % intervals (shaded).", Class: "wide",
		spec: g.lines(f.members, axis{title: "number after @"}, what+" at "+at.String()),
	})
}

// An axis is how members lie from left to right: at their numbers, or where these differ
// much at their logarithms.
type axis struct {
	title   string
	reverse bool // and at their logarithms
	linear  bool // in any case
}

// lines is the specification of one line per optimizer over members.
func (g *gallery) lines(members []member, along axis, yTitle string) object {
	var values, intervals []object
	var means []float64
	low, high := math.Inf(1), math.Inf(-1)
	for _, m := range members {
		low, high = math.Min(low, m.x), math.Max(high, m.x)
		for o := range m.row.Cells {
			if c := &m.row.Cells[o]; c.N > 0 {
				means = append(means, float64(c.Mean))
				values = append(values, object{"optimizer": g.labels[o], "x": brief(m.x), "mean": brief(c.Mean)})
				if c.Lo.Ok() {
					intervals = append(intervals, object{"optimizer": g.labels[o], "x": brief(m.x), "low": brief(c.Lo), "high": brief(c.Hi)})
				}
			}
		}
	}
	scale := object{"type": "linear", "zero": false, "nice": false}
	if low > 0 && high/low >= 10 && !along.linear || along.reverse {
		scale = object{"type": "log", "reverse": along.reverse, "nice": false}
	}
	legend := object{"orient": "bottom", "symbolType": "stroke", "symbolSize": 300, "symbolStrokeWidth": 2.5}
	x := quantity("x", along.title, scale)
	ticks, dot := object{"format": ".6~g", "values": positions(members)}, 40
	if len(members) > 8 { // dots and ticks at all of them would run together
		ticks, dot = object{"format": ".6~g", "tickCount": 5}, 12
	}
	x["axis"] = ticks
	format := tickFormat(means)
	y := func(field string) object {
		channel := quantity(field, yTitle, object{"zero": false})
		channel["axis"] = object{"format": format, "tickCount": 6}
		return channel
	}
	layers := []object{
		{"data": object{"values": values}, "mark": object{"type": "line", "strokeWidth": 2.5, "point": object{"size": dot}},
			"encoding": object{"x": x, "y": y("mean"), "color": g.color(legend), "strokeDash": g.dash(legend),
				"tooltip": []object{{"field": "optimizer"}, {"field": "x", "type": "quantitative", "title": along.title},
					{"field": "mean", "type": "quantitative", "format": ".5~g"}}}},
	}
	if len(intervals) > 0 {
		layers = slices.Insert(layers, 0, object{"data": object{"values": intervals}, "mark": object{"type": "area", "opacity": 0.13},
			"encoding": object{"x": x, "y": y("low"), "y2": object{"field": "high"}, "color": g.color(legend)}})
	}
	return object{"width": "container", "height": 240, "layer": layers}
}

// positions are the numbers at which a family has members.
func positions(members []member) []brief {
	var list []brief
	for _, m := range members {
		list = append(list, brief(m.x))
	}
	return list
}
