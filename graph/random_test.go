package graph

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"basin/kernel"
	"basin/rng"
)

// randomGraph draws a graph of smooth ops over small shapes, with sharing, dead
// parts, constants, and expressions that passes rewrite; and outputs among which are
// inputs, views and repetitions. Its values stay of order one.
func randomGraph(s *rng.Stream) (g *Graph, outputs []*Node) {
	g = New()
	shapes := []Shape{{}, {4}, {3, 4}, {3, 1}, {4, 4}, {4, 3}, {2, 3, 3, 2}, {3, 3, 2, 2}}
	var nodes []*Node
	for i, shape := range shapes {
		nodes = append(nodes, g.Input(fmt.Sprintf("x%d", i), shape...))
	}
	labels := g.Labels("labels", 3)
	for _, v := range []float64{0, 1, -1, 0.5} {
		nodes = append(nodes, g.Const(v))
	}
	pick := func() *Node { return nodes[s.IntN(len(nodes))] }
	with := func(ok func(n *Node) bool) *Node {
		for {
			if n := pick(); ok(n) {
				return n
			}
		}
	}
	logits := func(n *Node) bool { return len(n.shape) == 2 && n.shape[0] == 3 && n.shape[1] >= 3 }
	matrix := func(n *Node) bool { return len(n.shape) == 2 }
	pictures := func(n *Node) bool { return slices.Equal(n.shape, shapes[6]) }
	weights := func(n *Node) bool { return slices.Equal(n.shape, shapes[7]) }
	for range 25 {
		var n *Node
		switch s.IntN(23) {
		case 0, 1, 2:
			a := pick()
			b := with(func(b *Node) bool { _, ok := broadcast(a.shape, b.shape); return ok })
			n = []func(a, b *Node) *Node{g.Add, g.Sub, g.Mul, g.Gate}[s.IntN(4)](a, b)
		case 3:
			n = g.Tanh(pick())
		case 4:
			n = g.ReLU(pick())
		case 5:
			n = g.Scale([]float64{0, 1, -1, 0.5}[s.IntN(4)], pick())
		case 6:
			a := pick()
			n = g.Mean(a, a.shape.chosen(nil)...)
		case 7:
			a := with(func(a *Node) bool { return len(a.shape) > 0 })
			n = g.Mean(a, s.IntN(len(a.shape)))
		case 8:
			a := pick()
			n = g.Reshape(a, append(slices.Clone(a.shape), 1)...)
			if s.IntN(2) == 0 {
				n = g.Reshape(n, a.shape...)
			}
		case 9:
			to := Shape{3, 4}
			fits := func(a *Node) bool { both, ok := broadcast(a.shape, to); return ok && slices.Equal(both, to) }
			n = g.Broadcast(with(fits), to...)
		case 10:
			n = g.Transpose(with(matrix), 1, 0)
		case 11, 12:
			a, ta, tb := with(matrix), s.IntN(2) == 0, s.IntN(2) == 0
			_, k := oriented(a.shape, ta)
			fits := func(b *Node) bool {
				if !matrix(b) {
					return false
				}
				kb, _ := oriented(b.shape, tb)
				return kb == k
			}
			if slices.ContainsFunc(nodes, fits) {
				n = g.Scale(0.3, g.MatMul(a, with(fits), ta, tb))
			}
		case 13:
			n = g.CrossEntropyGrad(with(logits), labels)
		case 14:
			n = g.CrossEntropy(with(logits), labels)
		case 15:
			a := with(func(a *Node) bool { return len(a.shape) > 0 })
			n = g.Standardize(a, 0.5, s.IntN(len(a.shape)))
			if s.IntN(2) == 0 {
				n = g.Cotangent([]*Node{n}, []*Node{a}, []*Node{a})[0]
			}
		case 16:
			n = g.RMSNormalize(with(matrix), 0.5)
		case 17:
			n = g.Embed(with(func(a *Node) bool { return matrix(a) && a.shape[0] >= 3 }), labels)
		case 18:
			square := func(a *Node) bool { return slices.Equal(a.shape, Shape{4, 4}) }
			n = g.CausalSoftmax(with(square))
		case 19:
			stack := g.Reshape(with(func(a *Node) bool { return a.shape.Len() == 12 }), 2, 2, 3)
			ta := s.IntN(2) == 0
			n = g.Scale(0.3, g.BatchMatMul(stack, stack, ta, !ta))
		case 20:
			n = g.Reshape(g.CausalAttention(g.Reshape(with(func(a *Node) bool { return a.shape.Len() == 12 }), 1, 2, 6), 2), 4)
		case 21:
			n = g.Scale(0.2, g.Conv2D(with(pictures), with(weights), Conv{Stride: 1, Pad: 1}))
		case 22:
			n = []func(*Node, int, int, int) *Node{g.MaxPool, g.AvgPool}[s.IntN(2)](with(pictures), 3, 1, 1)
		}
		if n != nil {
			nodes = append(nodes, n)
		}
	}
	for range 4 {
		outputs = append(outputs, pick())
	}
	return g, outputs
}

// values gives numbers for the inputs of a graph, by slot.
func values(g *Graph, s *rng.Stream) (in [][]float64, labels []int) {
	in = make([][]float64, g.inputs)
	for _, n := range g.nodes {
		if n.op == opInput {
			in[n.attr.slot] = drawn(s, n.shape.Len(), normal)
		}
	}
	return in, []int{0, 2, 1}
}

// interpret computes the outputs of a program the simple way: node by node, each in
// memory of its own.
func interpret[T Float](p *Program, in [][]T, labels []int) [][]T {
	mem, rooms := make([][]T, len(p.g.nodes)), make([][]T, len(p.g.nodes))
	parts := map[*Node][][]T{}
	nan := func(n int) []T { return slices.Repeat([]T{T(math.NaN())}, n) }
	for i, n := range p.g.nodes {
		switch {
		case n.op == opInput:
			mem[i] = in[n.attr.slot]
		case n.op == opLabels:
		case n.op == opConst:
			mem[i] = []T{T(n.attr.num)}
		case n.row.flags&view != 0:
			mem[i] = mem[n.args[0].id]
		case n.row.flags&aside != 0:
			mem[i] = rooms[n.args[0].id]
		case n.op == opPart:
			mem[i] = parts[n.args[0]][n.attr.slot]
		default:
			c := newCall[T](n)
			c.labels, c.scratch, c.desk = labels, new(kernel.Scratch[T]), new(desk[T])
			c.outs = [][]T{nan(n.shape.Len())}
			if r := n.attr.region; r != nil {
				for _, o := range r.outs[1:] {
					c.outs = append(c.outs, nan(o.shape.Len()))
				}
			}
			for j, a := range n.args {
				c.args[j] = mem[a.id]
			}
			if n.row.room != nil {
				c.room = nan(n.row.room(n))
			}
			if n.row.own != nil {
				c.own = nan(n.row.own(n))
			}
			c.out, parts[n] = c.outs[0], c.outs
			loopOf[T](n.row.value)(&c)
			mem[i], rooms[i] = c.out, c.room
		}
	}
	out := make([][]T, len(p.outputs))
	for k, n := range p.outputs {
		out[k] = mem[n.id]
	}
	return out
}

const randomGraphs = 300

// Whatever passes run, alone or in order, the outputs are those of the program as it
// was built.
func TestPassesKeepValues(t *testing.T) {
	for seed := range randomGraphs {
		s := rng.At(uint64(seed), "passes", 0)
		g, outputs := randomGraph(&s)
		if err := g.Err(); err != nil {
			t.Fatal(err)
		}
		in, labels := values(g, &s)
		start := newProgram(g, outputs)
		want := interpret(start, in, labels)
		check := func(what string, p *Program) {
			t.Helper()
			if err := p.check(); err != nil {
				t.Fatalf("seed %d: %s: %v", seed, what, err)
			}
			for k, got := range interpret(p, in, labels) {
				compare(t, fmt.Sprintf("seed %d: output %d after %s", seed, k, what), got, want[k], 1e-14)
			}
		}
		for _, pass := range passes {
			check(pass.name+" alone", pass.run(start))
		}
		for _, stage := range g.Stages(outputs...) {
			check(stage.Pass, stage.Program)
		}
	}
}

// A plan, which shares memory between nodes, gives the bits of the interpreter, which
// does not; whatever the workspace holds, and again when it runs again.
func TestPlansShareMemorySafely(t *testing.T) {
	for seed := range randomGraphs {
		s := rng.At(uint64(seed), "plans", 0)
		g, outputs := randomGraph(&s)
		in, labels := values(g, &s)
		plan := Compile[float64](g, outputs...)
		want := interpret(plan.program, in, labels)
		work := Workspace[float64]{arena: slices.Repeat([]float64{math.NaN()}, plan.memory.arena)}
		got := make([][]float64, len(outputs))
		for _, n := range g.nodes {
			switch n.op {
			case opInput:
				plan.Bind(n, in[n.attr.slot])
			case opLabels:
				plan.BindLabels(n, labels)
			}
		}
		for range 2 {
			for k, n := range outputs {
				got[k] = slices.Repeat([]float64{math.NaN()}, n.shape.Len())
				plan.BindOutput(k, got[k])
			}
			plan.Run(&work)
			for k := range got {
				if !slices.Equal(got[k], want[k]) {
					t.Fatalf("seed %d: output %d: got %v, want %v\n%v", seed, k, got[k], want[k], plan)
				}
			}
		}
	}
}
