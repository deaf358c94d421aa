package report

import (
	"encoding/json"
	"fmt"
	"strconv"

	"basin/study"
)

// object is a JSON object; encoding/json writes its keys in order.
type object = map[string]any

// A brief number is written to six significant digits, which no screen exceeds.
type brief float64

func (b brief) MarshalJSON() ([]byte, error) {
	if !finite(float64(b)) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(b), 'g', 6, 64), nil
}

// A chart is a place on the page and what is drawn there.
type chart struct {
	ID      string
	Title   string // what it shows
	Finding string // what is to be seen
	Class   string // of the figure: strip or wide
	spec    object // Vega-Lite
}

// A gallery collects the charts of a page, and the data that several share.
type gallery struct {
	study    *study.Study
	labels   []string // short, by optimizer
	inks     []ink
	specs    object
	datasets object
}

func newGallery(r *study.Results, labels []string) *gallery {
	return &gallery{&r.Study, labels, inks(&r.Study), object{}, object{}}
}

// hang gives a chart its place.
func (g *gallery) hang(c chart) chart {
	c.ID = fmt.Sprintf("chart-%d", len(g.specs)+1)
	c.spec["description"] = c.Title + ". " + c.Finding
	g.specs[c.ID] = c.spec
	return c
}

// data is the charts as JSON; encoding/json escapes what could end a script.
func (g *gallery) data() ([]byte, error) {
	return json.Marshal(object{"specs": g.specs, "datasets": g.datasets})
}

// color is the channel that tells optimizers apart, in the order of the study's.
func (g *gallery) color(legend any) object {
	colors := make([]string, len(g.inks))
	for i, ink := range g.inks {
		colors[i] = ink.color
	}
	return object{"field": "optimizer", "type": "nominal", "title": nil, "legend": legend,
		"scale": object{"domain": g.labels, "range": colors}}
}

// dash tells apart the lines of optimizers that share a colour.
func (g *gallery) dash(legend any) object {
	patterns := make([][]int, len(g.inks))
	for i, ink := range g.inks {
		patterns[i] = ink.dash
	}
	return object{"field": "optimizer", "type": "nominal", "title": nil, "legend": legend,
		"scale": object{"domain": g.labels, "range": patterns}}
}

// quantity is a channel of numbers with a title: one line, or a list of lines.
func quantity(field string, title any, scale object) object {
	return object{"field": field, "type": "quantitative", "title": title, "scale": scale}
}
