package graph

import (
	"strings"
	"testing"
)

// Errors name the scope, the op and the shapes; one mistake is one message.
func TestErrors(t *testing.T) {
	for _, c := range []struct {
		build func(g *Graph, x, y *Node) // (2,3), labels (2)
		want  string
	}{
		{func(g *Graph, x, _ *Node) { g.Add(x, g.Input("b", 2)) }, "layer1: add: shapes (2,3) and (2) do not broadcast"},
		{func(g *Graph, x, _ *Node) { g.MatMul(x, g.Input("w", 3, 4), false, true) }, "layer1: matmul: inner lengths differ: (2,3) times (3,4)'"},
		{func(g *Graph, x, _ *Node) { g.MatMul(x, g.Input("w", 3, 4), true, false) }, "layer1: matmul: inner lengths differ: (2,3)' times (3,4)"},
		{func(g *Graph, x, _ *Node) { g.MatMul(x, g.Input("v", 3), false, false) }, "layer1: matmul: shapes (2,3) and (3) are not both matrices"},
		{func(g *Graph, x, _ *Node) { g.Reshape(x, 4, 2) }, "layer1: reshape: shape (2,3) has 6 elements, (4,2) has 8"},
		{func(g *Graph, x, _ *Node) { g.Reshape(x, -2, -3) }, "layer1: reshape: shape (-2,-3) has an axis without elements"},
		{func(g *Graph, x, _ *Node) { g.Broadcast(x, 3, 3) }, "layer1: broadcast: shape (2,3) does not broadcast to (3,3)"},
		{func(g *Graph, x, _ *Node) { g.Broadcast(x, 3) }, "layer1: broadcast: shape (2,3) does not broadcast to (3)"},
		{func(g *Graph, x, _ *Node) { g.Transpose(x, 0, 0) }, "layer1: transpose: order [0 0] is no permutation of the axes of (2,3)"},
		{func(g *Graph, x, _ *Node) { g.Transpose(x, 0) }, "layer1: transpose: order [0] for shape (2,3)"},
		{func(g *Graph, x, _ *Node) { g.Sum(x, 2) }, "layer1: sum: shape (2,3) has no axis 2"},
		{func(g *Graph, x, _ *Node) { g.Sum(x, 1, 1) }, "layer1: sum: an axis is named twice"},
		{func(g *Graph, _, _ *Node) { g.Input("z", 3, 0) }, "layer1: input: shape (3,0) has an axis without elements"},
		{func(g *Graph, x, _ *Node) { g.CrossEntropy(x, g.Labels("l", 3)) }, "layer1: cross_entropy: rows of (2,3) and labels (3) do not pair"},
		{func(g *Graph, x, _ *Node) { g.Scatter(x, g.Labels("l", 2), 3) }, "layer1: scatter: elements of (2,3) and labels (2) do not pair in rows of 3"},
		{func(g *Graph, x, _ *Node) { g.Softmax(g.Sum(x, 0)) }, "layer1: softmax: shape (3) is no matrix"},
		{func(g *Graph, x, _ *Node) { g.SoftmaxGrad(x, g.Input("d", 3, 2)) }, "layer1: softmax_grad: shapes (2,3) and (3,2) are not two matrices of one shape"},
		{func(g *Graph, x, _ *Node) { g.Standardize(x, 1e-5, 2) }, "layer1: standardize: shape (2,3) has no axis 2"},
		{func(g *Graph, x, _ *Node) { g.Standardize(x, 1e-5, 1, 1) }, "layer1: standardize: an axis is named twice"},
		{func(g *Graph, x, _ *Node) { g.Standardize(x, -1) }, "layer1: standardize: eps is -1, want a number that is not negative"},
		{func(g *Graph, x, _ *Node) { g.RMSNormalize(g.Sum(x), 0) }, "layer1: rms_normalize: shape () has no axis -1"},
		{func(g *Graph, x, _ *Node) { g.Moments(x, 3) }, "layer1: moments: shape (2,3) has no axis 3"},
		{func(g *Graph, x, y *Node) { g.Embed(g.Sum(x, 0), y) }, "layer1: embed: table (3) is no matrix, tokens (2)"},
		{func(g *Graph, x, _ *Node) { g.EmbedGrad(x, g.Labels("l", 3), 7) }, "layer1: embed_grad: rows of (2,3) and tokens (3) do not pair in a table of 7"},
		{func(g *Graph, x, _ *Node) { g.BatchMatMul(x, x, false, true) }, "layer1: batch_matmul: shapes (2,3) and (2,3) are not two stacks of as many matrices"},
		{func(g *Graph, x, _ *Node) { a := g.Input("a", 2, 3, 4); g.BatchMatMul(a, a, true, true) }, "layer1: batch_matmul: inner lengths differ: (2,3,4)' times (2,3,4)'"},
		{func(g *Graph, x, _ *Node) { g.CausalSoftmax(x) }, "layer1: causal_softmax: shape (2,3) does not end in a square matrix"},
		{func(g *Graph, x, _ *Node) { g.CausalAttention(g.Input("qkv", 2, 4, 12), 3) }, "layer1: causal_attention: shape (2,4,12) does not hold queries, keys and values of 3 heads"},
		{func(g *Graph, x, _ *Node) { g.CausalAttention(x, 1) }, "layer1: causal_attention: shape (2,3) does not hold queries, keys and values of 1 heads"},
		{func(g *Graph, _, _ *Node) { g.Noise("drop", 0, 4) }, "layer1: noise: keep is 0, want a probability that is not 0"},
		{func(g *Graph, _, _ *Node) { g.Noise("drop", 0.5, 4, 0) }, "layer1: noise: shape (4,0) has an axis without elements"},
		{func(g *Graph, x, y *Node) { g.Add(x, y) }, "layer1: add: argument 2 is labels (2), which holds labels, not numbers"},
		{func(g *Graph, x, _ *Node) { g.Pick(x, x) }, "layer1: pick: argument 2 is x (2,3), which holds numbers, not labels"},
		{func(g *Graph, _, _ *Node) {
			g.Conv2D(g.Input("p", 8, 5, 5, 3), g.Input("w", 7, 7, 3, 16), Conv{Stride: 1})
		}, "layer1: conv: input (8,5,5,3) and weight (7,7,3,16), stride 1, padding 0, groups 1: the window is larger than the picture"},
		{func(g *Graph, _, _ *Node) {
			g.Conv2D(g.Input("p", 8, 5, 5, 3), g.Input("w", 3, 3, 2, 16), Conv{Stride: 1, Pad: 1})
		}, "layer1: conv: input (8,5,5,3) and weight (3,3,2,16), stride 1, padding 1, groups 1: the channels do not fit the groups"},
		{func(g *Graph, x, _ *Node) { g.Conv2D(x, g.Input("w", 3, 3, 2, 16), Conv{Stride: 1}) },
			"layer1: conv: input (2,3) and weight (3,3,2,16) are not both of four axes, (N,H,W,C) and (KH,KW,C,O)"},
		{func(g *Graph, _, _ *Node) { g.Conv2D(g.Input("p", 1, 5, 5, 3), g.Input("w", 3, 3, 3, 1), Conv{}) },
			"layer1: conv: input (1,5,5,3) and weight (3,3,3,1), stride 0, padding 0, groups 1: the stride is less than 1 or the padding less than 0"},
		{func(g *Graph, x, _ *Node) { g.AvgPool(x, 2, 2, 0) }, "layer1: avg_pool: shape (2,3) is not (N,H,W,C)"},
		{func(g *Graph, _, _ *Node) { g.MaxPool(g.Input("p", 1, 2, 3, 4), 3, 1, 0) },
			"layer1: max_pool: input (1,2,3,4) and window 3, stride 1, padding 0: the window is larger than the picture"},
		{func(g *Graph, _, _ *Node) { g.MaxPool(g.Input("p", 1, 2, 3, 4), 2, 2, 2) },
			"layer1: max_pool: input (1,2,3,4) and window 2, stride 2, padding 2: the padding is not less than the window"},
		{func(g *Graph, x, _ *Node) { g.Gradient(x, x) }, "layer1: gradient: x (2,3) is no scalar"},
		{func(g *Graph, x, _ *Node) { g.Tangent([]*Node{x}, []*Node{x}, []*Node{g.Sum(x)}) }, "layer1: tangent: x (2,3) along v2 (), which has another shape"},
		{func(g *Graph, x, _ *Node) { g.Cotangent([]*Node{x}, []*Node{g.Sum(x)}, []*Node{x}) }, "layer1: cotangent: x (2,3) along v2 (), which has another shape"},
		{func(g *Graph, x, _ *Node) {
			bad := g.Add(x, g.Input("b", 2))
			loss := g.Mean(g.Softmax(g.Exp(g.Reshape(bad, 6, 1))))
			g.Tangent(g.Gradient(loss, x), []*Node{x}, []*Node{bad})
			g.Scope("head")
			g.Input("z", 0)
		}, "layer1: add: shapes (2,3) and (2) do not broadcast; head: input: shape (0) has an axis without elements"},
	} {
		g := New()
		x, y := g.Input("x", 2, 3), g.Labels("labels", 2)
		g.Scope("layer1")
		c.build(g, x, y)
		if err := g.Err(); err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

// Misuse by code, as against wrong shapes, panics.
func TestMisusePanics(t *testing.T) {
	g := New()
	x, y := g.Input("x", 2), g.Labels("y", 2)
	n := g.Exp(x)
	plan := Compile[float64](g, n)
	labelled := Compile[float64](g, g.Signs(y))
	labelled.BindOutput(0, make([]float64, 2))
	for want, f := range map[string]func(){
		"graph: node of another graph":                                    func() { New().Exp(x) },
		"graph: as many directions are needed as nodes":                   func() { g.Tangent([]*Node{n}, []*Node{x}, nil) },
		"graph: Compile of a graph with errors":                           func() { h := New(); Compile[float64](h, h.Input("x", 0)) },
		"graph: Bind of data that do not fit the input":                   func() { plan.Bind(x, make([]float64, 3)) },
		"graph: BindLabels of data that do not fit the input":             func() { plan.BindLabels(y, make([]int, 3)) },
		"graph: BindOutput to memory of another length":                   func() { plan.BindOutput(0, make([]float64, 3)) },
		"graph: Run of a plan with an input or output that is not bound":  func() { plan.Run(new(Workspace[float64])) },
		"graph: Run of a plan with an input or output that is not bound ": func() { labelled.Run(new(Workspace[float64])) },
	} {
		func() {
			defer func() {
				if got, _ := recover().(string); got != strings.TrimSpace(want) {
					t.Errorf("panics with %q, want %q", got, want)
				}
			}()
			f()
		}()
	}
}
