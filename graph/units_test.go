package graph

import (
	"reflect"
	"testing"

	"basin/problem"
)

// What ops do to units that no model has them do.
func TestUnits(t *testing.T) {
	type axes = []problem.UnitAxis
	for name, c := range map[string]struct {
		build func(g *Graph, x *Node, param func() *Node) *Node // x (2,6), params (6,6)
		want  []problem.UnitGroup
	}{
		"a chain": {func(g *Graph, x *Node, param func() *Node) *Node {
			return g.MatMul(g.Tanh(g.MatMul(x, param(), false, true)), param(), false, false)
		}, []problem.UnitGroup{{N: 6, Axes: axes{{Block: 0, Inner: 6}, {Block: 1, Inner: 6}}}}},
		// Both axes of the square matrix would have to be renumbered.
		"a matrix used again": {func(g *Graph, x *Node, param func() *Node) *Node {
			h := g.Tanh(g.MatMul(x, param(), false, true))
			h = g.Add(h, g.MatMul(h, param(), false, true))
			return g.MatMul(h, param(), false, true)
		}, nil},
		"an op that is not known": {func(g *Graph, x *Node, param func() *Node) *Node {
			return g.MatMul(g.Softmax(g.MatMul(x, param(), false, true)), param(), false, true)
		}, nil},
		// What is cut after it was met.
		"parts": {func(g *Graph, x *Node, param func() *Node) *Node {
			h := g.MatMul(x, param(), false, true)
			first := g.Reshape(g.Part(g.Reshape(h, 1, 2, 6), 0, 2), 2, 3)
			return g.MatMul(g.MatMul(h, param(), false, true), g.MatMul(first, g.Reshape(param(), 3, 12), false, false), true, false)
		}, []problem.UnitGroup{{N: 3, Axes: axes{{Block: 0, Inner: 6}, {Block: 1, Inner: 1}, {Block: 2, Inner: 12}}}}},
		// Of 6 in parts of 3 and in parts of 2 no two can change places.
		"parts that do not part one another": {func(g *Graph, x *Node, param func() *Node) *Node {
			h := g.MatMul(x, param(), false, true)
			return g.Add(g.Sum(g.Sum(g.Reshape(h, 2, 2, 3), 1)), g.Sum(g.Sum(g.Reshape(h, 2, 3, 2), 1)))
		}, nil},
		"a sum": {func(g *Graph, x *Node, param func() *Node) *Node {
			return g.Sum(g.Mul(g.MatMul(x, param(), false, true), g.Sum(param(), 0)), 1)
		}, []problem.UnitGroup{{N: 6, Axes: axes{{Block: 0, Inner: 6}, {Block: 1, Inner: 1}}}, {N: 6, Axes: axes{{Block: 1, Inner: 6}}}}},
	} {
		g := New()
		var params []*Node
		x := g.Input("x", 2, 6)
		y := c.build(g, x, func() *Node {
			params = append(params, g.Input("param", 6, 6))
			return params[len(params)-1]
		})
		if err := g.Err(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := g.Units([]*Node{x, y}, params...); len(got)+len(c.want) > 0 && !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}
