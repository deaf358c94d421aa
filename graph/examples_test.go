package graph

import (
	"fmt"
	"math"
	"testing"

	"basin/rng"
)

// A network on rows examples, whose parameters enter in one way or another.
type exampleCase struct {
	name   string
	tokens int // of each example, with a vocabulary of 5; 0: numbers
	input  Shape
	params []Shape
	build  func(g *Graph, rows int, x *Node, p []*Node) *Node
}

var exampleCases = []exampleCase{
	{"dense", 0, Shape{4}, []Shape{{3, 4}, {3}, {3, 2}}, func(g *Graph, rows int, x *Node, p []*Node) *Node {
		return g.MatMul(g.Tanh(g.Add(g.MatMul(x, p[0], false, true), p[1])), p[2], false, false)
	}},
	{"few places in wide layers", 0, Shape{2, 6}, []Shape{{7, 6}, {7}}, func(g *Graph, rows int, x *Node, p []*Node) *Node {
		return g.Tanh(g.Add(g.MatMul(g.Reshape(x, rows*2, 6), p[0], false, true), p[1]))
	}},
	{"many places in narrow layers", 0, Shape{9, 2}, []Shape{{2, 3}}, func(g *Graph, rows int, x *Node, p []*Node) *Node {
		return g.Tanh(g.MatMul(g.Reshape(x, rows*9, 2), p[0], false, false))
	}},
	{"gains, shifts and a scalar", 0, Shape{3, 4}, []Shape{{4}, {3, 4}, {3, 1}, {}}, func(g *Graph, rows int, x *Node, p []*Node) *Node {
		return g.Mul(g.Div(g.Tanh(g.Add(g.Mul(g.Standardize(x, 0.1, 2), p[0]), p[1])), g.Exp(g.Sub(x, p[2]))), p[3])
	}},
	{"embedding, tied to the head", 3, nil, []Shape{{5, 4}, {3, 4}}, func(g *Graph, rows int, x *Node, p []*Node) *Node {
		h := g.Tanh(g.Add(g.Reshape(g.Embed(p[0], x), rows, 3, 4), p[1]))
		return g.MatMul(g.Reshape(h, rows*3, 4), p[0], false, true)
	}},
	{"convolutions", 0, Shape{5, 5, 2}, []Shape{{4, 2, 3, 3}, {4}, {4, 2, 2, 2}}, func(g *Graph, rows int, x *Node, p []*Node) *Node {
		h := g.Conv2D(x, g.Transpose(p[0], 2, 3, 1, 0), Conv{Stride: 2, Pad: 1})
		return g.Conv2D(g.Tanh(g.Add(h, p[1])), g.Transpose(p[2], 2, 3, 1, 0), Conv{Stride: 1, Groups: 2})
	}},
	{"by functions of them", 0, Shape{2, 3}, []Shape{{3}, {3}, {4, 3}}, func(g *Graph, rows int, x *Node, p []*Node) *Node {
		scale := g.Mul(p[0], g.Exp(p[1]))
		h := g.Add(g.Mul(x, scale), g.Sub(p[1], g.Mul(scale, g.Const(0.5))))
		return g.MatMul(g.Reshape(h, 2*rows, 3), g.Tanh(g.Transpose(p[2], 1, 0)), false, false)
	}},
	{"no use, and a use without derivative", 0, Shape{4}, []Shape{{3}, {4}}, func(g *Graph, rows int, x *Node, p []*Node) *Node {
		return g.Gate(x, p[1])
	}},
}

// graph gives y, the sum over examples of a nonlinear function of what is built.
func (c exampleCase) graph(rows int) (g *Graph, x *Node, params []*Node, y *Node) {
	g = New()
	if c.tokens > 0 {
		x = g.Labels("x", rows*c.tokens)
	} else {
		x = g.Input("x", append(Shape{rows}, c.input...)...)
	}
	for i, s := range c.params {
		params = append(params, g.Input(fmt.Sprintf("p%d", i), s...))
	}
	z := c.build(g, rows, x, params)
	return g, x, params, g.Sum(g.Add(g.Square(z), g.Exp(g.Scale(0.3, z))))
}

// The gradients of examples together are those of each alone.
func TestExampleGradients(t *testing.T) {
	const rows = 4
	for _, c := range exampleCases {
		s := rng.At(1, c.name, 0)
		var values [][]float64
		for _, shape := range c.params {
			values = append(values, drawn(&s, shape.Len(), normal))
		}
		x, tokens := drawn(&s, rows*c.input.Len(), normal), make([]int, rows*c.tokens)
		for i := range tokens {
			tokens[i] = s.IntN(5)
		}

		g, in, params, y := c.graph(rows)
		grads, ok := g.ExampleGradients(y, in, rows, params...)
		squares, ok2 := g.ExampleSquares(y, in, rows, params...)
		if !ok || !ok2 {
			t.Fatalf("%s: no rule", c.name)
		}
		together := c.function(t, g, in, params, tokens, append(grads, squares)...)
		got := together(x, values)

		g1, in1, params1, y1 := c.graph(1)
		for i := range rows {
			own := tokens[i*c.tokens : (i+1)*c.tokens]
			n := c.input.Len()
			alone := c.function(t, g1, in1, params1, own, g1.Gradient(y1, params1...)...)(x[i*n:(i+1)*n], values)
			var square float64
			for k, want := range alone {
				compare(t, fmt.Sprintf("%s: parameter %d, example %d", c.name, k, i), got[k][i*len(want):(i+1)*len(want)], want, 1e-13)
				for _, v := range want {
					square += v * v
				}
			}
			if have := got[len(params)][i]; math.Abs(have-square) > 1e-12*square {
				t.Errorf("%s: example %d: squared norm %v, want %v", c.name, i, have, square)
			}
		}
	}
}

func (c exampleCase) function(t *testing.T, g *Graph, x *Node, params []*Node, tokens []int, out ...*Node) func(x []float64, params [][]float64) [][]float64 {
	if c.tokens > 0 {
		f := newFunction[float64](t, g, tokens, params, out...)
		return func(_ []float64, values [][]float64) [][]float64 { return f.at(values...) }
	}
	f := newFunction[float64](t, g, nil, append([]*Node{x}, params...), out...)
	return func(x []float64, values [][]float64) [][]float64 {
		return f.at(append([][]float64{x}, values...)...)
	}
}

// What takes less work is done: no gradients of matrices are formed where their norms
// can be had without.
func TestExampleSquaresAreCheap(t *testing.T) {
	for _, c := range []struct {
		places, in, out int
		want            float64 // operations in products of matrices, for each example
	}{
		{1, 300, 200, 0},
		{4, 300, 200, 2 * 4 * 4 * (300 + 200)},
		{500, 30, 20, 2 * 500 * 30 * 20},
	} {
		const rows = 3
		g := New()
		x, w := g.Input("x", rows*c.places, c.in), g.Input("w", c.out, c.in)
		y := g.Sum(g.Tanh(g.MatMul(x, w, false, true)))
		squares, ok := g.ExampleSquares(y, x, rows, w)
		if !ok {
			t.Fatal("no rule")
		}
		extra := Compile[float32](g, squares).Flops() - Compile[float32](g, y).Flops()
		per := 8.0 * float64(c.places*c.in+c.places*c.out+c.places*c.places+c.in*c.out)
		if extra/rows < c.want || extra/rows > c.want+per {
			t.Errorf("%d places: %v operations beside the value for each example, want %v and at most %v", c.places, extra/rows, c.want, per)
		}
	}
}

// A parameter may enter in a way that no rule covers.
func TestExampleGradientsWithoutRule(t *testing.T) {
	for name, build := range map[string]func(g *Graph, x, p *Node) *Node{
		"normalised before its use": func(g *Graph, x, p *Node) *Node { return g.MatMul(x, g.Softmax(p), false, true) },
		"as the left factor":        func(g *Graph, x, p *Node) *Node { return g.MatMul(p, x, false, true) },
		"one for each example":      func(g *Graph, x, p *Node) *Node { return g.Add(x, p) },
		"in a product of parameters": func(g *Graph, x, p *Node) *Node {
			return g.MatMul(x, g.MatMul(g.Input("q", 3, 3), p, false, false), false, true)
		},
	} {
		g := New()
		x, p := g.Input("x", 3, 3), g.Input("p", 3, 3)
		y := g.Sum(g.Square(build(g, x, p)))
		if _, ok := g.ExampleGradients(y, x, 3, p); ok {
			t.Errorf("%s: gradients of examples", name)
		}
		if _, ok := g.ExampleSquares(y, x, 3, p); ok {
			t.Errorf("%s: their norms", name)
		}
	}
}
