package graph

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"basin/internal/crew"
	"basin/rng"
)

// regionsOf lists the regions of a plan for the outputs.
func regionsOf(g *Graph, outputs ...*Node) string {
	stages := g.Stages(outputs...)
	var list []string
	for _, n := range stages[len(stages)-1].Program.g.nodes {
		if r := n.attr.region; r != nil {
			list = append(list, r.String())
		}
	}
	return strings.Join(list, " ")
}

func TestRegions(t *testing.T) {
	for _, c := range []struct {
		name  string
		build func(g *Graph, x, y *Node) []*Node // (6,5) both
		want  string
	}{
		{"chain", func(g *Graph, x, y *Node) []*Node { return []*Node{g.Exp(g.Mul(g.Tanh(x), y))} }, "tanh+mul+exp"},
		{"several outputs", func(g *Graph, x, y *Node) []*Node {
			z := g.Add(x, y)
			return []*Node{z, g.Exp(z)}
		}, "add+exp"},
		{"one alone", func(g *Graph, x, y *Node) []*Node { return []*Node{g.Mul(x, y)} }, ""},
		{"over a product", func(g *Graph, x, y *Node) []*Node {
			z := g.Tanh(x)
			return []*Node{g.Mul(z, g.MatMul(g.MatMul(z, y, false, true), y, false, false))}
		}, ""},
		{"around a product", func(g *Graph, x, y *Node) []*Node {
			z := g.Tanh(g.Exp(x))
			return []*Node{g.Mul(g.Exp(z), g.MatMul(g.MatMul(z, y, false, true), y, false, false))}
		}, "exp+tanh exp+mul"},
		{"sum that is needed", func(g *Graph, x, y *Node) []*Node {
			z := g.Mul(x, y)
			return []*Node{g.Sub(z, g.Sum(z, 0))}
		}, "mul+sum"},
		{"gradients of gain and bias", func(g *Graph, x, y *Node) []*Node {
			d := g.Gate(x, y)
			return []*Node{d, g.Sum(d, 0), g.Sum(g.Mul(d, y), 0)}
		}, "gate+mul+sum+sum"},
		{"sums of rows", func(g *Graph, x, y *Node) []*Node { return []*Node{g.Mean(g.Mul(x, y), 1), g.Add(x, y)} }, "mul+add+sum"},
		{"sum of all", func(g *Graph, x, y *Node) []*Node { return []*Node{g.Sum(g.Exp(g.Mul(x, y)))} }, "mul+exp"},
		{"two that read one array", func(g *Graph, x, y *Node) []*Node { return []*Node{g.Exp(x), g.Mul(x, y)} }, "exp+mul"},
		{"rows and columns", func(g *Graph, x, y *Node) []*Node {
			return []*Node{g.Add(g.Mul(x, g.Sum(y, 0)), g.Reshape(g.Sum(y, 1), 6, 1))}
		}, "sum+sum mul+add"},
	} {
		g := New()
		out := c.build(g, g.Input("x", 6, 5), g.Input("y", 6, 5))
		if got := regionsOf(g, out...); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Regions of all kinds, on spaces of one and several parts, give the bits of their ops
// one by one.
func TestRegionsKeepBits(t *testing.T) {
	shapes := []Shape{{3, 7}, {100, 3}, {70, 16}, {33, 40, 5}, {2, 3, 300}, {700, 150}, {9, 5000}, {5, 9000}, {100001}, {6, 20, 17, 8}, {4, 1, 1500}}
	for i, space := range shapes {
		for seed := range 6 {
			s := rng.At(uint64(seed), "regions", i)
			g, outputs := randomRegion(&s, space)
			if err := g.Err(); err != nil {
				t.Fatal(err)
			}
			keepsBits[float32](t, fmt.Sprintf("%v, seed %d, single", space, seed), g, outputs)
			keepsBits[float64](t, fmt.Sprintf("%v, seed %d, double", space, seed), g, outputs)
		}
	}
}

// randomRegion draws elementwise ops over a space, with arguments that are repeated
// along any axes, and sums over some.
func randomRegion(s *rng.Stream, space Shape) (g *Graph, outputs []*Node) {
	g = New()
	nodes := []*Node{g.Input("whole", space...), g.Input("other", space...), g.Const(0.75)}
	for range 3 {
		part := slices.Clone(space)
		for k := range part {
			if s.IntN(2) == 0 {
				part[k] = 1
			}
		}
		nodes = append(nodes, g.Input(fmt.Sprint("part", len(nodes)), part[s.IntN(len(part)):]...))
	}
	pick := func() *Node { return nodes[s.IntN(len(nodes))] }
	for range 12 {
		n := []func() *Node{
			func() *Node { return g.Add(pick(), pick()) },
			func() *Node { return g.Mul(pick(), pick()) },
			func() *Node { return g.Gate(pick(), pick()) },
			func() *Node { return g.Tanh(pick()) },
			func() *Node { return g.Sigmoid(pick()) },
			func() *Node { return g.Scale(0.5, pick()) },
		}[s.IntN(6)]()
		nodes = append(nodes, n)
		switch a := pick(); {
		case !slices.Equal(a.shape, space):
		case s.IntN(2) == 0:
			outputs = append(outputs, g.Mean(a, 0))
		default:
			outputs = append(outputs, g.Sum(a, len(space)-1))
		}
	}
	return g, append(outputs, nodes[len(nodes)-3:]...)
}

func keepsBits[T Float](t *testing.T, what string, g *Graph, outputs []*Node) {
	t.Helper()
	plan := Compile[T](g, outputs...)
	single := newProgram(g, outputs)
	for _, p := range passes {
		if p.name != "regions" {
			single = p.run(single)
		}
	}
	in := make([][]T, g.inputs)
	for _, n := range g.nodes {
		if n.op != opInput {
			continue
		}
		in[n.attr.slot] = make([]T, n.shape.Len())
		s := rng.At(1, n.attr.name, 0)
		for i := range in[n.attr.slot] {
			in[n.attr.slot][i] = T(s.Norm())
		}
		plan.Bind(n, in[n.attr.slot])
	}
	want := interpret(single, in, nil)
	got := make([][]T, len(outputs))
	for k, n := range outputs {
		got[k] = make([]T, n.shape.Len())
		plan.BindOutput(k, got[k])
	}
	plan.Run(new(Workspace[T]))
	sameBits(t, what, plan, got, want)
	for k := range got {
		got[k] = slices.Repeat([]T{T(math.NaN())}, len(got[k]))
		plan.BindOutput(k, got[k])
	}
	shareAll(plan)
	helpers := crew.New(2)
	defer helpers.Close()
	var work Workspace[T]
	work.Use(helpers)
	plan.Run(&work)
	sameBits(t, what+", shared", plan, got, want)
}

// shareAll makes a plan share whatever can be shared, worth it or not.
func shareAll[T Float](p *Plan[T]) {
	p.long = true
	for i := range p.steps {
		if s := &p.steps[i]; s.n.row.split != nil {
			s.pieces = s.hi
		}
	}
}

func sameBits[T Float](t *testing.T, what string, plan *Plan[T], got, want [][]T) {
	t.Helper()
	for k := range got {
		for i, v := range got[k] {
			if w := want[k][i]; v != w && !(math.IsNaN(float64(v)) && math.IsNaN(float64(w))) {
				t.Fatalf("%s: output %d, element %d: %v, want %v\n%v", what, k, i, v, w, plan)
			}
		}
	}
}
