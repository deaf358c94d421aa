package report

import (
	"fmt"
	"math"
	"slices"

	"basin/study"
)

// maxChecks is the most checks of a run that the page draws.
const maxChecks = 250

// A line is a loss curve as the page has it; Vega unfolds its columns.
type line struct {
	Optimizer string  `json:"optimizer"`
	Seed      uint64  `json:"seed,omitempty"`
	Step      []int   `json:"step"`
	Grads     []brief `json:"grads"`
	Loss      []brief `json:"loss"`
}

func (l *line) add(c study.Check) {
	if c.Loss > 0 && finite(c.Loss) {
		l.Step, l.Grads, l.Loss = append(l.Step, c.Step), append(l.Grads, brief(c.Grads)), append(l.Loss, brief(c.Loss))
	}
}

// thin keeps every k-th check and the last.
func thin(checks []study.Check, k int) []study.Check {
	var kept []study.Check
	for i, c := range checks {
		if i%k == 0 || i == len(checks)-1 {
			kept = append(kept, c)
		}
	}
	return kept
}

// median is the loss curve of the median run of an optimizer, check by check. A
// run that diverged counts as infinitely high from there on; the curve ends where
// the median does.
func median(runs []*study.Record) []study.Check {
	longest := slices.MaxFunc(runs, func(a, b *study.Record) int { return len(a.Curve) - len(b.Curve) }).Curve
	var curve []study.Check
	for k := range longest {
		var losses, grads []float64
		for _, run := range runs {
			switch {
			case k < len(run.Curve):
				losses, grads = append(losses, run.Curve[k].Loss), append(grads, run.Curve[k].Grads)
			case run.Ending.Kind == study.Diverged:
				losses = append(losses, math.Inf(1))
			}
		}
		c := study.Check{Step: longest[k].Step, Grads: middle(grads), Loss: middle(losses)}
		if !finite(c.Loss) {
			break
		}
		curve = append(curve, c)
	}
	return curve
}

// middle is the median of x, which it sorts.
func middle(x []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	slices.Sort(x)
	if n := len(x); n%2 == 0 {
		return (x[n/2-1] + x[n/2]) / 2
	}
	return x[len(x)/2]
}

// losses draws the loss curves of all runs, over steps and over gradients.
func (g *gallery) losses(r *study.Results) []chart {
	var runs, medians []line
	longest, top, start := 0, 0.0, 0.0
	for _, rec := range r.Records {
		longest = max(longest, len(rec.Curve))
		for k, c := range rec.Curve {
			if finite(c.Loss) {
				top = max(top, c.Loss)
			}
			if k == 0 && finite(c.Loss) {
				start = max(start, c.Loss)
			}
		}
	}
	if longest == 0 {
		return nil
	}
	every := (longest + maxChecks - 1) / maxChecks
	for o := range r.Study.Optimizers {
		of := records(r, o)
		for _, rec := range of {
			l := line{Optimizer: g.labels[o], Seed: rec.Run.Seed}
			for _, c := range thin(rec.Curve, every) {
				l.add(c)
			}
			runs = append(runs, l)
		}
		l := line{Optimizer: g.labels[o]}
		for _, c := range thin(median(of), every) {
			l.add(c)
		}
		medians = append(medians, l)
	}
	g.datasets["runs"], g.datasets["medians"] = runs, medians
	note := "A thin line per seed, a bold line for the median of an optimizer. A click on a name below shows it alone."
	if every > 1 {
		note += fmt.Sprintf(" One check in %d is drawn.", every)
	}
	y := quantity("loss", "matching loss", object{"type": "log", "nice": false})
	if ceiling := 10 * start; top > ceiling {
		y["scale"].(object)["domainMax"] = brief(ceiling)
		note += fmt.Sprintf(" Losses above %s are cut off.", plain(ceiling, 2))
	}
	y["axis"] = object{"format": "~g", "tickCount": 6}
	return []chart{
		g.hang(chart{Title: "Matching loss over steps", Finding: note, Class: "wide", spec: g.loss(r, "step", "optimizer steps", y)}),
		g.hang(chart{Title: "Matching loss over gradient-equivalents", Finding: "The same runs over what they spent: a gradient counts 1, a loss a third, a curvature product 2.",
			Class: "wide", spec: g.loss(r, "grads", "gradient-equivalents", y)}),
	}
}

func (g *gallery) loss(r *study.Results, field, xTitle string, y object) object {
	unfold := []object{{"flatten": []string{"step", "grads", "loss"}}}
	legend := object{"orient": "bottom", "symbolType": "stroke", "symbolSize": 300, "symbolStrokeWidth": 2.5}
	x := quantity(field, xTitle, object{"nice": false})
	x["axis"] = object{"tickCount": 6}
	picked := func(opacity, otherwise float64) object {
		return object{"condition": object{"param": "picked", "value": opacity}, "value": otherwise}
	}
	layers := []object{
		{"data": object{"name": "runs"}, "transform": unfold,
			"mark":     object{"type": "line", "strokeWidth": 0.7, "clip": true},
			"encoding": object{"x": x, "y": y, "color": g.color(legend), "detail": object{"field": "seed"}, "opacity": picked(0.35, 0.02)}},
		{"data": object{"name": "medians"}, "transform": unfold,
			"params": []object{{"name": "picked", "select": object{"type": "point", "fields": []string{"optimizer"}}, "bind": "legend"}},
			"mark":   object{"type": "line", "strokeWidth": 2.5, "clip": true},
			"encoding": object{"x": x, "y": y, "color": g.color(legend), "strokeDash": g.dash(legend), "opacity": picked(1, 0.1),
				"tooltip": []object{{"field": "optimizer"}, {"field": "step"}, {"field": "grads"}, {"field": "loss", "format": ".4~g", "type": "quantitative"}}}},
	}
	var levels []object
	for _, p := range r.Study.Points {
		if p.Kind == study.TrainLoss {
			levels = append(levels, object{"loss": brief(p.Value), "label": p.String()})
		}
	}
	if len(levels) > 0 {
		data := object{"values": levels}
		layers = append(layers,
			object{"data": data, "mark": object{"type": "rule", "color": "#555555", "strokeDash": []int{4, 3}}, "encoding": object{"y": y}},
			object{"data": data, "mark": object{"type": "text", "align": "left", "dx": 4, "dy": 8, "color": "#333333", "fontSize": 11},
				"encoding": object{"y": y, "x": object{"value": 0}, "text": object{"field": "label"}}})
	}
	return object{"width": "container", "height": 340, "layer": layers}
}
