package graph

import (
	"math"
	"slices"
	"testing"

	"basin/internal/crew"
	"basin/rng"
)

// network is the loss, gradient and Hessian product of a small net with everything
// that plans deal with.
func network(t *testing.T) (f *function[float32], in [][]float32) {
	g := New()
	x, labels := g.Input("x", 8, 6), g.Labels("labels", 8)
	w1, b1, w2 := g.Input("w1", 5, 6), g.Input("b1", 5), g.Input("w2", 3, 5)
	params := []*Node{w1, b1, w2}
	v := inputsLike(g, "v", params)
	z := g.MatMul(g.Tanh(g.Add(g.MatMul(x, w1, false, true), b1)), w2, false, true)
	loss := g.Mean(g.CrossEntropy(z, labels))
	grad := g.Gradient(loss, params...)
	hv := g.Tangent(grad, params, v)
	args := append(append([]*Node{x}, params...), v...)
	f = newFunction[float32](t, g, []int{0, 1, 2, 0, 1, 2, 0, 1}, args, append(append([]*Node{loss}, grad...), hv...)...)
	s := rng.At(1, "network", 0)
	for _, n := range args {
		a := make([]float32, n.shape.Len())
		for i := range a {
			a[i] = float32(s.Norm())
		}
		in = append(in, a)
	}
	return f, in
}

func TestRunAllocatesNothing(t *testing.T) {
	f, in := network(t)
	f.at(in...)
	if n := testing.AllocsPerRun(20, func() { f.at(in...) }); n != 0 {
		t.Errorf("%v allocations per run", n)
	}
}

// Nor does one with helpers.
func TestSharedRunAllocatesNothing(t *testing.T) {
	g := New()
	x, y := g.Input("x", 300, 400), g.Input("y", 400, 200)
	z := g.Tanh(g.Mul(x, g.Input("row", 400)))
	f := newFunction[float32](t, g, nil, []*Node{x, y}, g.Sum(z, 0), g.MatMul(z, y, false, false))
	f.plan.Bind(g.nodes[2], make([]float32, 400))
	shareAll(f.plan)
	c := crew.New(1)
	defer c.Close()
	f.work.Use(c)
	in := [][]float32{make([]float32, 300*400), make([]float32, 400*200)}
	f.at(in...)
	if n := testing.AllocsPerRun(20, func() { f.at(in...) }); n != 0 {
		t.Errorf("%v allocations per run", n)
	}
}

func TestSameBits(t *testing.T) {
	f, in := network(t)
	first := f.at(in...)
	var kept [][]float32
	for _, o := range first {
		kept = append(kept, slices.Clone(o))
	}
	again, in := network(t)
	for k, o := range again.at(in...) {
		if !slices.Equal(o, kept[k]) {
			t.Errorf("output %d differs", k)
		}
	}
	loss := f.plan.Scalar(0)
	if again.plan.Scalar(0) != loss || float32(loss) != kept[0][0] {
		t.Errorf("loss %v, again %v, as output %v", loss, again.plan.Scalar(0), kept[0][0])
	}
}

// A sum over all elements in single precision is exact to double precision, and is
// had so.
func TestScalarIsDouble(t *testing.T) {
	const n = 100_000
	g := New()
	x := g.Input("x", n)
	plan := Compile[float32](g, g.Mean(x), g.Reshape(g.Sum(x), 1, 1), g.Exp(g.Mean(x)))
	data := make([]float32, n)
	var sum float64
	for i := range data {
		data[i] = 0.1 + float32(i%7)*0.01
		sum += float64(data[i])
	}
	plan.Bind(x, data)
	plan.Run(new(Workspace[float32]))
	if got := plan.Scalar(0); math.Abs(got-sum/n) > 1e-12 {
		t.Errorf("mean %v, want %v", got, sum/n)
	}
	if got := plan.Scalar(1); math.Abs(got-sum) > 1e-12*sum {
		t.Errorf("sum %v, want %v", got, sum)
	}
	if got, want := plan.Scalar(2), math.Exp(sum/n); math.Abs(got-want) > 1e-7*want || float64(float32(got)) != got {
		t.Errorf("exp of mean %v, want %v in single precision", got, want)
	}
}

// A chain of elementwise ops works in the output's memory, and activations that are
// no longer needed make room for others.
func TestMemoryIsReused(t *testing.T) {
	g := New()
	n := g.Input("x", 100)
	for range 10 {
		n = g.Exp(n)
	}
	if p := Compile[float32](g, n); p.memory.arena != 0 {
		t.Errorf("a chain needs %d elements beside its output", p.memory.arena)
	}
	g = New()
	n = g.Input("x", 16, 16)
	for range 10 {
		n = g.MatMul(n, n, true, false)
	}
	if p := Compile[float32](g, g.Sum(n)); p.memory.arena > 2*256+lineElements {
		t.Errorf("a chain of products needs %d elements, room for two is 512", p.memory.arena)
	}
}

// What is added to a product is overwritten only if nothing else reads it.
func TestAccumulateInPlace(t *testing.T) {
	for _, c := range []struct {
		name  string
		build func(g *Graph, x *Node) *Node
		want  int // elements beside the output
	}{
		{"alone", func(g *Graph, x *Node) *Node { return g.Add(g.MatMul(x, x, false, false), g.Exp(x)) }, 0},
		{"input", func(g *Graph, x *Node) *Node { return g.Add(g.MatMul(x, x, false, false), x) }, 0},
		{"a factor too", func(g *Graph, x *Node) *Node { y := g.Exp(x); return g.Add(g.MatMul(y, x, false, false), y) }, 4},
		{"read later", func(g *Graph, x *Node) *Node {
			y := g.Exp(x)
			return g.Mul(g.Tanh(g.Add(g.MatMul(x, x, false, false), y)), y)
		}, 4},
	} {
		g := New()
		x := g.Input("x", 2, 2)
		y := c.build(g, x)
		in := [][]float64{{1, 2, 3, 4}}
		want := interpret(newProgram(g, []*Node{y}), in, nil)[0]
		f := newFunction[float64](t, g, nil, []*Node{x}, y)
		compare(t, c.name, f.at(in...)[0], want, 1e-15)
		if !slices.Equal(in[0], []float64{1, 2, 3, 4}) {
			t.Errorf("%s: input changed to %v", c.name, in[0])
		}
		if got := f.plan.memory.arena; got != c.want {
			t.Errorf("%s: needs %d elements, want %d", c.name, got, c.want)
		}
	}
}

func TestFlops(t *testing.T) {
	g := New()
	x, w := g.Input("x", 8, 6), g.Input("w", 5, 6)
	z := g.Add(g.MatMul(x, w, false, true), g.Input("b", 5))
	if got, want := Compile[float32](g, g.ReLU(z)).Flops(), 2.0*8*6*5+2*8*5; got != want {
		t.Errorf("dense layer: %v flops, want %v", got, want)
	}
}

// Plans that differ in size may share a workspace.
func TestSharedWorkspace(t *testing.T) {
	var work Workspace[float64]
	for _, n := range []int{3, 50, 7} {
		g := New()
		x := g.Input("x", n, n)
		y := g.Sum(g.Square(g.MatMul(x, x, false, false)))
		plan := Compile[float64](g, y)
		s := rng.At(1, "shared", n)
		data := drawn(&s, n*n, normal)
		plan.Bind(x, data)
		plan.Run(&work)
		if got, want := plan.Scalar(0), interpret(newProgram(g, []*Node{y}), [][]float64{data}, nil)[0][0]; math.Abs(got-want) > 1e-12*want {
			t.Errorf("size %d: %v, want %v", n, got, want)
		}
	}
}
