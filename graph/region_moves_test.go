package graph

import (
	"fmt"
	"strings"
	"testing"
)

// movesOf names what each move of the regions of a plan joins: the number of its
// arguments, of them rows, and the op that it ends with.
func movesOf(g *Graph, outputs ...*Node) string {
	stages := g.Stages(outputs...)
	var list []string
	for _, n := range stages[len(stages)-1].Program.g.nodes {
		if r := n.attr.region; r != nil {
			for _, m := range r.tile(n.args).moves {
				list = append(list, fmt.Sprintf("%s/%d/%d", m.op.row.name, len(m.args), m.rows))
			}
		}
	}
	return strings.Join(list, " ")
}

// Ops that one loop can do are joined where nothing else needs what passes between them,
// and give the same bits; where an argument is overwritten it has been read.
func TestMoves(t *testing.T) {
	for _, c := range []struct {
		name  string
		build func(g *Graph, x, y *Node, rows []*Node) []*Node // x and y of the space
		want  string
	}{
		{"affine", func(g *Graph, x, y *Node, r []*Node) []*Node {
			return []*Node{g.Add(r[2], g.Mul(g.Sub(x, r[0]), r[1]))}
		}, "add/4/3"},
		{"affine and relu", func(g *Graph, x, y *Node, r []*Node) []*Node {
			return []*Node{g.ReLU(g.Add(g.Mul(r[1], g.Sub(x, r[0])), r[2]))}
		}, "add_relu/4/3"},
		{"two of them", func(g *Graph, x, y *Node, r []*Node) []*Node {
			return []*Node{g.ReLU(g.Add(g.Add(g.Mul(g.Sub(x, r[0]), r[1]), r[2]), g.Add(g.Mul(g.Sub(y, r[3]), r[2]), r[1])))}
		}, "add/4/3 add_relu/5/3"},
		{"gated sum", func(g *Graph, x, y *Node, r []*Node) []*Node {
			return []*Node{g.Gate(g.Add(g.Exp(x), y), x)}
		}, "exp/1/0 gate/3/0"},
		{"gated sum with a row", func(g *Graph, x, y *Node, r []*Node) []*Node {
			return []*Node{g.Gate(g.Add(x, r[0]), y)}
		}, "gate/3/0"},
		{"centered product and its sum", func(g *Graph, x, y *Node, r []*Node) []*Node {
			d := g.Gate(x, y)
			return []*Node{d, g.Sum(d, allButLast(d)...), g.Sum(g.Mul(d, g.Sub(y, r[0])), allButLast(d)...)}
		}, "gate/2/0 mul/3/1"},
		{"gradient", func(g *Graph, x, y *Node, r []*Node) []*Node {
			return []*Node{g.Mul(g.Sub(g.Sub(x, r[0]), g.Mul(g.Sub(y, r[1]), r[2])), r[3])}
		}, "mul/6/4"},
		{"gradient of what is computed", func(g *Graph, x, y *Node, r []*Node) []*Node {
			return []*Node{g.Mul(g.Sub(g.Sub(g.Tanh(x), r[0]), g.Mul(g.Sub(g.Exp(y), r[1]), r[2])), r[3])}
		}, "tanh/1/0 exp/1/0 mul/6/4"},
		{"slope of gelu", func(g *Graph, x, y *Node, r []*Node) []*Node {
			return []*Node{g.Mul(y, g.Add(g.NormCDF(x), g.Mul(x, g.NormPDF(x))))}
		}, "gelu_slope/1/0 mul/2/0"},
		{"gelu and its slope", func(g *Graph, x, y *Node, r []*Node) []*Node {
			z := g.Add(x, r[0])
			return []*Node{g.GELU(z), g.Mul(y, g.Add(g.Mul(z, g.NormPDF(z)), g.NormCDF(z)))}
		}, "add/2/0 gelu/1/0 mul/2/0"},
		{"of something else", func(g *Graph, x, y *Node, r []*Node) []*Node {
			return []*Node{g.Add(g.NormCDF(x), g.Mul(x, g.NormPDF(y)))}
		}, "normcdf/1/0 normpdf/1/0 mul/2/0 add/2/0"},
		{"what passes is needed", func(g *Graph, x, y *Node, r []*Node) []*Node {
			z := g.Sub(x, r[0])
			return []*Node{z, g.Add(g.Mul(z, r[1]), r[2])}
		}, "sub/2/0 mul/2/0 add/2/0"},
		{"whole where a row should be", func(g *Graph, x, y *Node, r []*Node) []*Node {
			return []*Node{g.Add(g.Mul(g.Sub(x, y), r[1]), r[2])}
		}, "sub/2/0 mul/2/0 add/2/0"},
	} {
		for _, space := range []Shape{{9000, 16}, {301, 7, 10}, {40, 5000}} {
			g, cols := New(), space[len(space)-1]
			var rows []*Node
			for i := range 4 {
				rows = append(rows, g.Input(fmt.Sprint("row", i), cols))
			}
			x, y := g.Input("x", space...), g.Input("y", space...)
			if got := movesOf(g, c.build(g, x, y, rows)...); got != c.want {
				t.Errorf("%s: %q, want %q", c.name, got, c.want)
			}
			keepsBits[float32](t, c.name+", single", g, c.build(g, x, y, rows))
			keepsBits[float64](t, c.name+", double", g, c.build(g, x, y, rows))
		}
	}
}

// A slope that the backward pass needs is computed with the function in the forward pass.
func TestSlopeWithFunction(t *testing.T) {
	g := New()
	x, bias, w := g.Input("x", 9000, 16), g.Input("bias", 16), g.Input("w", 16, 16)
	h := g.GELU(g.Add(g.MatMul(x, w, false, false), bias))
	loss := g.Sum(g.Square(g.MatMul(h, w, false, false)))
	outputs := append(g.Gradient(loss, bias, w), loss)
	if got, want := movesOf(g, outputs...), "add/2/0 gelu/1/0 square/1/0 mul/2/0 mul/2/0"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	keepsBits[float32](t, "single", g, outputs)
	keepsBits[float64](t, "double", g, outputs)
}

// What a joined loop reads is not overwritten by what is computed between its ops.
func TestMovesReadInTime(t *testing.T) {
	g := New()
	in, y, center, scale, shift := g.Input("in", 9000, 16), g.Input("y", 9000, 16), g.Input("center", 16), g.Input("scale", 16), g.Input("shift", 16)
	x := g.Softmax(in) // in memory that is free after the region
	scaled := g.Mul(g.Sub(x, center), scale)
	between := g.Mul(g.Tanh(y), x)
	outputs := []*Node{g.Softmax(between), g.Sum(g.Add(scaled, shift), 0)}
	if got, want := movesOf(g, outputs...), "tanh/1/0 mul/2/0 add/4/3"; got != want {
		t.Fatalf("%q, want %q", got, want)
	}
	keepsBits[float32](t, "single", g, outputs)
	keepsBits[float64](t, "double", g, outputs)
}
