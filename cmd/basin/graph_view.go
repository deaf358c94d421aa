package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"basin/graph"
)

// quantityNames say what is shown, at the start of a sentence.
var quantityNames = map[string]string{
	"loss": "Loss", "gradient": "Loss and gradient", "hessian": "Hessian product", "gauss_newton": "Gauss-Newton product",
}

// A graphView is what basin graph shows. Bytes are those of single precision.
type graphView struct {
	Task     string       `json:"task"`
	Model    string       `json:"model"`
	Quantity string       `json:"quantity"`
	Batch    int          `json:"batch"`
	Flops    float64      `json:"flops"`
	Outside  int          `json:"outside_bytes"`  // of inputs, parameters and results
	Unshared int          `json:"unshared_bytes"` // of values, did each have a place of its own
	Memory   graphMemory  `json:"memory"`
	Steps    []graphNode  `json:"steps"`
	Stages   []graphStage `json:"stages"`
}

// A graphStage is the graph after a pass.
type graphStage struct {
	Pass   string      `json:"pass"`
	About  string      `json:"about"`
	Flops  float64     `json:"flops"`
	Bytes  int         `json:"bytes"` // of all that is computed
	Change []string    `json:"change"`
	Nodes  []graphNode `json:"nodes"`
}

type graphNode struct {
	Step    int      `json:"step,omitempty"` // counted from 1; 0 where nothing is computed
	Name    string   `json:"name"`
	Op      string   `json:"op"`
	Args    []string `json:"args"`
	Scope   string   `json:"layer"`
	Shape   string   `json:"shape"`
	Bytes   int      `json:"bytes"`
	Flops   float64  `json:"flops"`
	Members []string `json:"members,omitempty"`
	Output  bool     `json:"output,omitempty"`

	given, view bool
}

type graphMemory struct {
	Bytes   int           `json:"bytes"`
	Buffers []graphBuffer `json:"buffers"`
}

// A graphBuffer is a place in memory that holds the named nodes, from one step to another.
type graphBuffer struct {
	Offset int      `json:"offset"`
	Bytes  int      `json:"bytes"`
	From   int      `json:"from"`
	To     int      `json:"to"`
	Holds  []string `json:"holds"`
	first  string   // the step that first writes it
}

const singleBytes = 4

func newGraphView(stages []graph.Stage) *graphView {
	v := &graphView{}
	for i, s := range stages {
		v.Stages = append(v.Stages, newGraphStage(s))
		if i > 0 {
			v.Stages[i].Change = changes(v.Stages[i-1].Nodes, v.Stages[i].Nodes)
		}
	}
	last := v.Stages[len(v.Stages)-1]
	v.Flops = last.Flops
	step := make([]int, len(last.Nodes)) // by node, the step in which it is there
	for i := range last.Nodes {
		n := &last.Nodes[i]
		if n.Step > 0 {
			v.Steps = append(v.Steps, *n)
		}
		step[i] = max(1, len(v.Steps))
		switch {
		case n.Output || n.given:
			v.Outside += n.Bytes
		case !n.view:
			v.Unshared += n.Bytes
		}
	}
	extents, size := stages[len(stages)-1].Program.Memory()
	v.Memory.Bytes = size * singleBytes
	for _, e := range extents {
		v.Memory.Buffers = append(v.Memory.Buffers, graphBuffer{
			Offset: e.Offset * singleBytes, Bytes: e.Len * singleBytes,
			From: step[e.From], To: step[e.To], Holds: e.Holds, first: last.Nodes[e.From].Name,
		})
	}
	return v
}

func newGraphStage(s graph.Stage) graphStage {
	g := graphStage{Pass: s.Pass, About: s.About}
	step := 0
	for _, e := range s.Program.Entries() {
		n := graphNode{
			Name: e.Name, Op: e.Op, Args: e.Args, Scope: e.Scope, Shape: e.Shape.String(),
			Bytes: e.Shape.Len() * singleBytes, Flops: e.Flops, Members: e.Members, Output: e.Output,
			given: e.Given, view: e.View,
		}
		if e.Runs {
			step++
			n.Step = step
		}
		if !e.Given && !e.View {
			g.Bytes += n.Bytes
		}
		g.Flops += n.Flops
		g.Nodes = append(g.Nodes, n)
	}
	return g
}

// opName is the op without what it knows beside its arguments.
func opName(n graphNode) string {
	name, _, _ := strings.Cut(n.Op, " ")
	name, _, _ = strings.Cut(name, "[")
	return name
}

// changes says by how many the nodes of each op have become more or fewer.
func changes(before, after []graphNode) []string {
	count := map[string]int{}
	for _, n := range before {
		count[opName(n)]--
	}
	for _, n := range after {
		count[opName(n)]++
	}
	var list []string
	for _, op := range slices.Sorted(maps.Keys(count)) {
		if n := count[op]; n != 0 {
			list = append(list, fmt.Sprintf("%+d %s", n, op))
		}
	}
	return list
}
