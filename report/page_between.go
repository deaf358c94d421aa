package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"basin/study"
)

// betweenView is what lies between solutions, as the page shows it.
type betweenView struct {
	Atlases []atlasView // of the last points
	Earlier []atlasView // of others, without chart and table
	Means   []meansRow
	Courses []courseView
	Lines   []chart
	Notes   []string
}

// An atlasView is the map of the solutions at one point and the means between optimizers.
type atlasView struct {
	Title   string
	Verdict string // where there is no chart to say it
	Decides string
	Facts   []fact
	Chart   *chart
	Heads   []string
	Rows    []streamRow
}

// A meansRow is one reading, as means over pairs of solutions.
type meansRow struct {
	Point, Name, Unit, Probe         string
	SameOptimizer, SameSeed, Neither string
}

// A courseView is what was read between two points of each run.
type courseView struct {
	Name, Unit, From, To string
	Cells                []string
}

func newBetween(r *study.Results, g *gallery) *betweenView {
	b := r.Between
	if b == nil {
		return nil
	}
	v := &betweenView{Notes: b.Notes}
	shown := r.Study.Points[max(0, len(r.Study.Points)-mostPoints):]
	for i := range b.Atlases {
		a := &b.Atlases[i]
		if slices.Contains(shown, a.Point) {
			v.Atlases = append(v.Atlases, g.atlas(r, a))
		} else {
			v.Earlier = append(v.Earlier, atlasView{Title: dissimilarity(r, a) + " at " + a.Point.String(), Verdict: clustering(a, r.Tests.Alpha), Facts: atlasFacts(a)})
		}
	}
	for i := range b.Matrices {
		m := &b.Matrices[i]
		one, seed, neither := r.Means(m)
		v.Means = append(v.Means, meansRow{m.Point.String(), m.Name, m.Unit, m.Probe,
			plain(float64(one), 4), plain(float64(seed), 4), plain(float64(neither), 4)})
	}
	for _, c := range b.Courses {
		for i := range c.Rows {
			row := &c.Rows[i]
			view := courseView{Name: row.Name, Unit: row.Unit, From: c.From.String(), To: c.To.String()}
			for o := range row.Cells {
				cell := &row.Cells[o]
				text := "-"
				if cell.N > 0 {
					mean, err := rowScale(row).plusMinus(float64(cell.Mean), half(cell))
					if text = mean; err != "" {
						text += " ± " + err
					}
				}
				view.Cells = append(view.Cells, text)
			}
			v.Courses = append(v.Courses, view)
		}
	}
	for _, members := range courses(b) {
		v.Lines = append(v.Lines, g.hang(chart{
			Title: title(members[0].row) + " from one point to the next", Finding: "Means over seeds with 95 % intervals (shaded), at the later of the two points.", Class: "wide",
			spec: g.lines(members, axis{title: string(b.Courses[0].To.Kind), linear: true}, title(members[0].row)),
		}))
	}
	return v
}

// courses gives each reading at three or more pairs of points that are counted alike.
func courses(b *study.Between) [][]member {
	if len(b.Courses) < 3 {
		return nil
	}
	var list [][]member
	at := map[string]int{}
	for _, c := range b.Courses {
		if c.To.Kind != b.Courses[0].To.Kind || c.To.Kind == study.End {
			return nil
		}
		for i := range c.Rows {
			row := &c.Rows[i]
			if !row.Headline {
				continue
			}
			k, ok := at[row.Name]
			if !ok {
				k = len(list)
				at[row.Name] = k
				list = append(list, nil)
			}
			list[k] = append(list[k], member{c.To.Value, row})
		}
	}
	return list
}

// atlasFacts are the mean dissimilarities of an atlas.
func atlasFacts(a *study.Atlas) []fact {
	return []fact{
		{"same optimizer, different seeds", plain(float64(a.SameOptimizer), 3)},
		{"same seed, different optimizers", plain(float64(a.SameSeed), 3)},
		{"both different", plain(float64(a.Neither), 3)},
	}
}

func (g *gallery) atlas(r *study.Results, a *study.Atlas) atlasView {
	what := dissimilarity(r, a)
	v := atlasView{Title: what + " at " + a.Point.String(), Decides: decides(a), Facts: atlasFacts(a)}
	most := math.SmallestNonzeroFloat64
	for i := range a.Apart {
		for j := range a.Apart {
			for _, m := range []study.Num{a.Apart[i][j], a.Paired[i][j]} {
				if m.Ok() {
					most = math.Max(most, float64(m))
				}
			}
		}
	}
	places := max(0, 2-magnitude(most))
	for _, i := range referenceFirst(&r.Study) {
		v.Heads = append(v.Heads, g.labels[i])
		row := streamRow{Phase: g.labels[i]}
		for _, j := range referenceFirst(&r.Study) {
			m, paired := a.Apart[i][j], a.Paired[i][j]
			cell := streamCell{Mean: "-", Own: i == j}
			if m.Ok() {
				cell.Mean, cell.Shade = strconv.FormatFloat(float64(m), 'f', places, 64), int(60*float64(m)/most+.5)
			}
			if paired.Ok() {
				cell.Paired = strconv.FormatFloat(float64(paired), 'f', places, 64)
			}
			row.Cells = append(row.Cells, cell)
		}
		v.Rows = append(v.Rows, row)
	}
	if len(a.Plane) > 1 {
		c := g.scatter(r, a)
		v.Chart = &c
	} else {
		v.Verdict = clustering(a, r.Tests.Alpha)
	}
	return v
}

// atlasSide is the side of the square that an atlas fills, in pixels.
const atlasSide = 340

// shapes tell optimizers apart beside their colours.
var shapes = []string{"circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right"}

// scatter draws the solutions of an atlas in the plane, on one scale both ways, each joined to
// the mean of its optimizer's, with a bar that says how long a dissimilarity is.
func (g *gallery) scatter(r *study.Results, a *study.Atlas) chart {
	type sum struct{ x, y, n float64 }
	centres := make([]sum, len(g.labels))
	low, high := [2]float64{}, [2]float64{}
	optimizer := func(k int) int { return r.Between.Runs[a.Rows[k]] / r.Study.Seeds }
	for k, p := range a.Plane {
		c := &centres[optimizer(k)]
		c.x, c.y, c.n = c.x+float64(p[0]), c.y+float64(p[1]), c.n+1
		for axis := range 2 {
			low[axis], high[axis] = math.Min(low[axis], float64(p[axis])), math.Max(high[axis], float64(p[axis]))
		}
	}
	var dots, ties []object
	for k, p := range a.Plane {
		o := optimizer(k)
		c := centres[o]
		dot := object{"optimizer": g.labels[o], "seed": r.Records[r.Between.Runs[a.Rows[k]]].Run.Seed, "x": brief(p[0]), "y": brief(p[1])}
		dots = append(dots, dot)
		if c.n > 1 {
			ties = append(ties, object{"optimizer": g.labels[o], "x": brief(p[0]), "y": brief(p[1]), "x2": brief(c.x / c.n), "y2": brief(c.y / c.n)})
		}
	}
	half := math.Max(high[0]-low[0], high[1]-low[1]) / 2 * 1.12
	if half == 0 {
		half = 1
	}
	bar := niceTicks(0, 2*half, 5)[1]
	channel := func(axis int, field string) object {
		middle := (low[axis] + high[axis]) / 2
		return object{"field": field, "type": "quantitative", "axis": nil,
			"scale": object{"domain": []brief{brief(middle - half), brief(middle + half)}, "nice": false, "zero": false}}
	}
	patterns := make([]string, len(g.labels))
	for o := range patterns {
		patterns[o] = shapes[o%len(shapes)]
	}
	legend := object{"orient": "bottom", "symbolSize": 90}
	color := g.color(legend)
	shape := object{"field": "optimizer", "type": "nominal", "title": nil, "legend": legend, "scale": object{"domain": g.labels, "range": patterns}}
	x, y := channel(0, "x"), channel(1, "y")
	left, bottom := (low[0]+high[0])/2-half*.97, (low[1]+high[1])/2-half*.97
	ruler := []object{{"x": brief(left), "y": brief(bottom), "x2": brief(left + bar), "text": plain(bar, 3)}}
	layers := []object{
		{"data": object{"values": ties}, "mark": object{"type": "rule", "strokeWidth": 1, "opacity": 0.3},
			"encoding": object{"x": x, "y": y, "x2": object{"field": "x2"}, "y2": object{"field": "y2"}, "color": color}},
		{"data": object{"values": ruler}, "mark": object{"type": "rule", "strokeWidth": 2, "color": "#777777"},
			"encoding": object{"x": x, "y": y, "x2": object{"field": "x2"}}},
		{"data": object{"values": ruler}, "mark": object{"type": "text", "align": "left", "dy": -8, "color": "#444444", "fontSize": 12},
			"encoding": object{"x": x, "y": y, "text": object{"field": "text"}}},
		{"data": object{"values": dots}, "mark": object{"type": "point", "filled": true, "size": 60, "opacity": 0.8},
			"encoding": object{"x": x, "y": y, "color": color, "shape": shape,
				"tooltip": []object{{"field": "optimizer"}, {"field": "seed"}}}},
	}
	shown := "All lie at one place."
	if a.Shown.Ok() {
		shown = fmt.Sprintf("The plane shows %.0f %% of the squared dissimilarities; the bar is one of %s.", 100*float64(a.Shown), plain(bar, 3))
	}
	return g.hang(chart{
		Title:   clustering(a, r.Tests.Alpha),
		Finding: shown,
		Class:   "atlas",
		spec:    object{"width": atlasSide, "height": atlasSide, "view": object{"stroke": "#dcdcdc"}, "layer": layers},
	})
}
