package graph

import (
	"slices"
	"strings"
	"testing"
)

// ops lists the ops that a plan for the outputs runs, not yet joined to regions.
func ops(g *Graph, outputs ...*Node) string {
	p := newProgram(g, outputs)
	for _, pass := range passes {
		if pass.name != "regions" {
			p = pass.run(p)
		}
	}
	var names []string
	for _, n := range p.g.nodes {
		if n.row.value.f64 != nil {
			names = append(names, n.row.name)
		}
	}
	return strings.Join(names, " ")
}

func TestSimplify(t *testing.T) {
	for _, c := range []struct {
		name  string
		build func(g *Graph, x, y *Node) *Node // both (3,4)
		want  string
	}{
		{"x + 0", func(g *Graph, x, _ *Node) *Node { return g.Exp(g.Add(g.Const(0), x)) }, "exp"},
		{"x - 0", func(g *Graph, x, _ *Node) *Node { return g.Exp(g.Sub(x, g.Const(0))) }, "exp"},
		{"x 1", func(g *Graph, x, _ *Node) *Node { return g.Exp(g.Mul(g.Const(1), x)) }, "exp"},
		{"x / 1", func(g *Graph, x, _ *Node) *Node { return g.Exp(g.Div(x, g.Const(1))) }, "exp"},
		{"x 0 + y", func(g *Graph, x, y *Node) *Node { return g.Exp(g.Add(g.Scale(0, x), y)) }, "exp"},
		{"0 / x + y", func(g *Graph, x, y *Node) *Node { return g.Exp(g.Add(g.Div(g.Const(0), x), y)) }, "exp"},
		{"gate of 0", func(g *Graph, x, y *Node) *Node { return g.Exp(g.Add(g.Gate(g.Const(0), x), y)) }, "exp"},
		{"2 (3 x)", func(g *Graph, x, _ *Node) *Node { return g.Scale(2, g.Scale(3, x)) }, "mul"},
		{"x + -y", func(g *Graph, x, y *Node) *Node { return g.Add(x, g.Neg(y)) }, "sub"},
		{"-x + y", func(g *Graph, x, y *Node) *Node { return g.Add(g.Neg(x), y) }, "sub"},
		{"x - -y", func(g *Graph, x, y *Node) *Node { return g.Sub(x, g.Neg(y)) }, "add"},
		{"(2 x) (3 y)", func(g *Graph, x, y *Node) *Node { return g.Mul(g.Scale(2, x), g.Scale(3, y)) }, "mul mul"},
		{"constants", func(g *Graph, x, _ *Node) *Node { return g.Mul(x, g.Exp(g.Add(g.Const(1), g.Sqrt(g.Const(4))))) }, "mul"},
		{"repeated operand", func(g *Graph, x, y *Node) *Node {
			return g.Add(x, g.Broadcast(g.Sum(y, 0), 3, 4))
		}, "sum add"},
		{"repeated argument", func(g *Graph, x, y *Node) *Node {
			return g.Add(x, g.Exp(g.Broadcast(g.Sum(y, 0), 3, 4)))
		}, "sum exp add"},
		{"sum of a repeated number", func(g *Graph, x, _ *Node) *Node { return g.Mul(x, g.Sum(g.Broadcast(g.Const(2), 5))) }, "mul"},
		{"sum of a multiple", func(g *Graph, x, _ *Node) *Node { return g.Sum(g.Scale(2, x), 0) }, "sum"},
		{"sum of one", func(g *Graph, x, _ *Node) *Node { return g.Exp(g.Sum(g.Reshape(x, 1, 12), 0)) }, "exp"},
		{"shapes", func(g *Graph, x, _ *Node) *Node { return g.Exp(g.Reshape(g.Reshape(x, 12), 3, 4)) }, "exp"},
		{"transposed twice", func(g *Graph, x, _ *Node) *Node { return g.Exp(g.Transpose(g.Transpose(x, 1, 0), 1, 0)) }, "exp"},
		{"transposed factors", func(g *Graph, x, y *Node) *Node {
			return g.MatMul(g.Transpose(x, 1, 0), g.Transpose(y, 1, 0), false, true)
		}, "matmul"},
		{"product with zero", func(g *Graph, x, y *Node) *Node {
			return g.Add(g.MatMul(x, g.Scale(0, y), true, false), g.Const(1))
		}, "broadcast"},
		{"number as an array", func(g *Graph, x, _ *Node) *Node {
			return g.Mul(x, g.Broadcast(g.Reshape(g.Sum(g.Exp(x)), 1, 1), 3, 4))
		}, "exp sum mul"},
		{"said twice", func(g *Graph, x, y *Node) *Node { return g.Mul(g.Exp(g.Add(x, y)), g.Exp(g.Add(y, x))) }, "add exp mul"},
		{"unused", func(g *Graph, x, y *Node) *Node { g.Log(y); return g.Exp(x) }, "exp"},
		{"bias and relu", func(g *Graph, x, y *Node) *Node { return g.ReLU(g.Add(x, g.Sum(y, 0))) }, "sum add_relu"},
		{"sum used again", func(g *Graph, x, y *Node) *Node { z := g.Add(x, y); return g.Mul(g.ReLU(z), z) }, "add relu mul"},
		{"two products", func(g *Graph, x, y *Node) *Node {
			return g.Add(g.MatMul(x, y, true, false), g.MatMul(y, x, true, false))
		}, "matmul matmul_add"},
		{"product and row", func(g *Graph, x, y *Node) *Node {
			return g.Add(g.MatMul(x, y, true, false), g.Sum(y, 0))
		}, "matmul sum add"},
		{"product used again", func(g *Graph, x, y *Node) *Node {
			z := g.MatMul(x, y, true, false)
			return g.Mul(g.Add(z, g.MatMul(y, x, true, false)), z)
		}, "matmul matmul_add mul"},
		{"an input", func(_ *Graph, x, _ *Node) *Node { return x }, "copy"},
		{"a number", func(g *Graph, _, _ *Node) *Node { return g.Const(2) }, "copy"},
	} {
		g := New()
		n := c.build(g, g.Input("x", 3, 4), g.Input("y", 3, 4))
		if err := g.Err(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := ops(g, n); got != c.want {
			t.Errorf("%s: runs %q, want %q", c.name, got, c.want)
		}
	}
}

// A gradient of two dense layers does no work that a hand-written one would not: no
// copies, no gradient of the inputs, bias and activation in one loop.
func TestGradientOfNetwork(t *testing.T) {
	g := New()
	x, labels := g.Input("x", 8, 6), g.Labels("labels", 8)
	w1, b1 := g.Input("w1", 5, 6), g.Input("b1", 5)
	w2, b2 := g.Input("w2", 3, 5), g.Input("b2", 3)
	h := g.ReLU(g.Add(g.MatMul(x, w1, false, true), b1))
	z := g.Add(g.MatMul(h, w2, false, true), b2)
	loss := g.Mean(g.CrossEntropy(z, labels))
	got := ops(g, append([]*Node{loss}, g.Gradient(loss, w1, b1, w2, b2)...)...)
	want := "matmul add_relu matmul add cross_entropy_both sum mul sum matmul matmul gate sum matmul"
	if got != want {
		t.Errorf("runs\n%s, want\n%s", got, want)
	}
}

func TestPassesAreOrdered(t *testing.T) {
	reversed := slices.Clone(passes)
	slices.Reverse(reversed)
	for name, list := range map[string][]pass{
		"reversed": reversed,
		"twice":    append(slices.Clone(passes), passes[0]),
		"missing":  passes[1:],
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: taken as in order", name)
				}
			}()
			ordered(list, order)
		}()
	}
}

func TestCheckFindsWhatIsBroken(t *testing.T) {
	make := func() *Program {
		g := New()
		x := g.Input("x", 2, 3)
		y := g.Exp(g.Add(x, g.Input("y", 3)))
		z := g.Standardize(y, 1, 1)
		return newProgram(g, []*Node{y, g.add(opNormalizeScale, z.attr, z, y)})
	}
	if err := make().check(); err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func(p *Program){
		"wrong id":           func(p *Program) { p.g.nodes[1].id = 0 },
		"missing argument":   func(p *Program) { p.g.nodes[2].args = p.g.nodes[:1] },
		"argument after use": func(p *Program) { p.g.nodes[2].args = []*Node{p.g.nodes[3], p.g.nodes[1]} },
		"foreign argument":   func(p *Program) { p.g.nodes[3].args = []*Node{{}} },
		"wrong shape":        func(p *Program) { p.g.nodes[3].shape = Shape{3, 2} },
		"shapes do not fit":  func(p *Program) { p.g.nodes[1].shape, p.g.nodes[1].attr.dims = Shape{4}, Shape{4} },
		"no room to show":    func(p *Program) { p.g.nodes[5].args[0] = p.g.nodes[3] },
		"inputs in one slot": func(p *Program) { p.g.nodes[1].attr.slot = 0 },
		"no such op":         func(p *Program) { p.g.nodes[1].op = numOps },
		"foreign output":     func(p *Program) { p.outputs = []*Node{{id: 2}} },
		"reported error":     func(p *Program) { p.g.Input("z", 0) },
	} {
		p := make()
		damage(p)
		if p.check() == nil {
			t.Errorf("%s: not noticed", name)
		}
	}
}

func TestProgramString(t *testing.T) {
	g := New()
	x, y := g.Input("x", 2, 3), g.Labels("y", 2)
	g.Scope("head")
	w := g.Input("w", 4, 3)
	loss := g.Mean(g.CrossEntropy(g.MatMul(x, w, false, true), y))
	got := g.Stages(loss)[0].Program.String()
	want := `v0 = input x : (2,3)
v1 = labels y : (2)
v2 = input w : (4,3)  # head
v3 = matmul b' v0 v2 : (2,4)  # head
v4 = cross_entropy v3 v1 : (2)  # head
v5 = sum[0] 0.5 v4 : ()  # head
outputs v5
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
