package main

import (
	_ "embed"
	"html/template"
	"io"
	"slices"
)

//go:embed page/graph.html
var graphPage string

var graphTemplate = template.Must(template.New("graph").Funcs(template.FuncMap{
	"bytes": func(n int) string { return metric(float64(n), "B") },
	"flops": func(v float64) string { return metric(v, "") },
	"count": plural,
	"what":  func(q string) string { return quantityNames[q] },
	"steps": func(s graphStage) int { return len(computed(s.Nodes)) },
}).Parse(graphPage))

// page writes the view as a page that needs nothing beside it.
func (v *graphView) page(w io.Writer) error {
	return graphTemplate.Execute(w, struct {
		*graphView
		Layers []graphLayer
		Map    memoryMap
	}{v, v.layers(), v.drawMemory()})
}

func computed(nodes []graphNode) []graphNode {
	return slices.DeleteFunc(slices.Clone(nodes), func(n graphNode) bool { return n.Step == 0 })
}

// A graphLayer is the steps of one layer.
type graphLayer struct {
	Name  string
	Color template.CSS
	Flops float64
	Share float64 // of the flops of all, in percent
	Bytes int
	Steps []graphNode
}

// layerColors are the colours of Okabe and Ito (2008), in turn.
var layerColors = []template.CSS{"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"}

// layers groups the steps, in order of their first.
func (v *graphView) layers() []graphLayer {
	var list []graphLayer
	at := map[string]int{}
	for _, s := range v.Steps {
		i, seen := at[s.Scope]
		if !seen {
			i = len(list)
			at[s.Scope] = i
			name := s.Scope
			if name == "" {
				name = "no layer"
			}
			list = append(list, graphLayer{Name: name, Color: layerColors[i%len(layerColors)]})
		}
		l := &list[i]
		l.Steps = append(l.Steps, s)
		l.Flops += s.Flops
		l.Bytes += s.Bytes
	}
	for i := range list {
		if v.Flops > 0 {
			list[i].Share = 100 * list[i].Flops / v.Flops
		}
	}
	return list
}

// A memoryMap draws the buffers: steps from left to right, addresses upwards.
type memoryMap struct {
	Width, Height float64
	Boxes         []memoryBox
	Ticks         []memoryTick
}

type memoryBox struct {
	X, Y, W, H float64
	Color      template.CSS
	graphBuffer
}

type memoryTick struct {
	Y     float64
	Label string
}

func (v *graphView) drawMemory() memoryMap {
	m := memoryMap{Width: 1000, Height: 360}
	if v.Memory.Bytes == 0 {
		return m
	}
	color := map[string]template.CSS{}
	for _, l := range v.layers() {
		for _, s := range l.Steps {
			color[s.Name] = l.Color
		}
	}
	across, up := m.Width/float64(len(v.Steps)), m.Height/float64(v.Memory.Bytes)
	for _, b := range v.Memory.Buffers {
		h := up * float64(b.Bytes)
		m.Boxes = append(m.Boxes, memoryBox{
			X: across * float64(b.From-1), Y: m.Height - up*float64(b.Offset) - h,
			W: across * float64(b.To-b.From+1), H: h, Color: color[b.first], graphBuffer: b,
		})
	}
	for i := range 5 {
		part := float64(i) / 4
		m.Ticks = append(m.Ticks, memoryTick{m.Height * (1 - part), metric(part*float64(v.Memory.Bytes), "B")})
	}
	return m
}
