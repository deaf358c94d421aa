package graph

import (
	"fmt"
	"math"
	"testing"

	"basin/rng"
)

// graph builds the case: its arguments and the op.
func (c opCase) graph() (g *Graph, n *Node, args []*Node) {
	g = New()
	for i, s := range c.shapes {
		args = append(args, g.Input(fmt.Sprintf("a%d", i), s...))
	}
	all := args
	if c.labels != nil {
		all = append(all[:len(all):len(all)], g.Labels("labels", len(c.labels)))
	}
	return g, c.build(g, all), args
}

// each runs f on every case, with values for its arguments.
func eachCase(t *testing.T, f func(t *testing.T, c opCase, args [][]float64, s *rng.Stream)) {
	for i, c := range opCases() {
		t.Run(fmt.Sprintf("%s%v", table[c.op].name, c.shapes), func(t *testing.T) {
			s := rng.At(1, "case", i)
			var args [][]float64
			for _, shape := range c.shapes {
				args = append(args, drawn(&s, shape.Len(), c.draw))
			}
			f(t, c, args, &s)
		})
	}
}

func drawn(s *rng.Stream, n int, draw func(*rng.Stream) float64) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = draw(s)
	}
	return v
}

// A function is a compiled graph of arrays that go in and arrays that come out.
type function[T Float] struct {
	plan *Plan[T]
	in   []*Node
	out  [][]T
	work Workspace[T]
}

func newFunction[T Float](t *testing.T, g *Graph, labels []int, in []*Node, out ...*Node) *function[T] {
	t.Helper()
	if err := g.Err(); err != nil {
		t.Fatal(err)
	}
	f := &function[T]{plan: Compile[T](g, out...), in: in}
	for k, n := range out {
		f.out = append(f.out, make([]T, n.shape.Len()))
		f.plan.BindOutput(k, f.out[k])
	}
	for _, n := range g.nodes {
		if n.op == opLabels {
			f.plan.BindLabels(n, labels)
		}
	}
	return f
}

// at computes the outputs, in memory that the next call writes again.
func (f *function[T]) at(in ...[]T) [][]T {
	for i, n := range f.in {
		f.plan.Bind(n, in[i])
	}
	f.plan.Run(&f.work)
	return f.out
}

// inputsLike adds an input for each node, of its shape.
func inputsLike(g *Graph, name string, nodes []*Node) []*Node {
	var in []*Node
	for i, n := range nodes {
		in = append(in, g.Input(fmt.Sprintf("%s%d", name, i), n.shape...))
	}
	return in
}

// slope is the derivative of f at 0: central differences, twice extrapolated, so
// that the error is of order h^6 and that of rounding near 1e-13.
func slope(f func(h float64) []float64) []float64 {
	const h = 1.0 / 256
	central := func(h float64) []float64 {
		up, down := append([]float64(nil), f(h)...), f(-h)
		for i := range up {
			up[i] = (up[i] - down[i]) / (2 * h)
		}
		return up
	}
	d1, d2, d4 := central(h), central(h/2), central(h/4)
	for i := range d1 {
		a, b := (4*d2[i]-d1[i])/3, (4*d4[i]-d2[i])/3
		d1[i] = (16*b - a) / 15
	}
	return d1
}

func moved(x, v [][]float64, h float64) [][]float64 {
	y := make([][]float64, len(x))
	for k := range x {
		for i := range x[k] {
			y[k] = append(y[k], x[k][i]+h*v[k][i])
		}
	}
	return y
}

// compare reports numbers that differ by more than tol, relative to the largest.
func compare(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	scale := 1.0
	for _, w := range want {
		scale = max(scale, math.Abs(w))
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= tol*scale) {
			t.Fatalf("%s: element %d of %d: got %v, want %v; off by %.1e of %.1e", what, i, len(want), got[i], want[i], math.Abs(got[i]-want[i]), tol*scale)
		}
	}
}

func TestValues(t *testing.T) {
	eachCase(t, func(t *testing.T, c opCase, args [][]float64, _ *rng.Stream) {
		g, n, in := c.graph()
		f := newFunction[float64](t, g, c.labels, in, n)
		compare(t, "value", f.at(args...)[0], c.want(n.shape, args), 1e-14)
		if allocs := testing.AllocsPerRun(3, func() { f.at(args...) }); allocs != 0 {
			t.Errorf("%v allocations per run", allocs)
		}

		// In single precision, from rounded arguments.
		single := make([][]float32, len(args))
		rounded := make([][]float64, len(args))
		for k := range args {
			for _, v := range args[k] {
				single[k] = append(single[k], float32(v))
				rounded[k] = append(rounded[k], float64(float32(v)))
			}
		}
		var wide []float64
		for _, v := range newFunction[float32](t, g, c.labels, in, n).at(single...)[0] {
			wide = append(wide, float64(v))
		}
		compare(t, "float32 value", wide, c.want(n.shape, rounded), 3e-7)
	})
}

// The tangent is that of differences of the value; the cotangent is its adjoint.
func TestFirstDerivatives(t *testing.T) {
	eachCase(t, func(t *testing.T, c opCase, x [][]float64, s *rng.Stream) {
		if len(x) == 0 {
			return
		}
		g, y, in := c.graph()
		dx, dy := inputsLike(g, "dx", in), inputsLike(g, "dy", []*Node{y})
		jv := g.Tangent([]*Node{y}, in, dx)
		jtc := g.Cotangent([]*Node{y}, dy, in)
		var v [][]float64
		for _, n := range in {
			v = append(v, drawn(s, n.shape.Len(), normal))
		}
		u := drawn(s, y.shape.Len(), normal)

		value := newFunction[float64](t, g, c.labels, in, y)
		want := slope(func(h float64) []float64 { return value.at(moved(x, v, h)...)[0] })
		got := newFunction[float64](t, g, c.labels, append(in[:len(in):len(in)], dx...), jv...).at(append(x[:len(x):len(x)], v...)...)[0]
		compare(t, "tangent", got, want, 2e-12)

		adjoint := newFunction[float64](t, g, c.labels, append(in[:len(in):len(in)], dy...), jtc...).at(append(x[:len(x):len(x)], u)...)
		var left, right float64
		for i := range u {
			left += u[i] * got[i]
		}
		for k := range v {
			for i := range v[k] {
				right += v[k][i] * adjoint[k][i]
			}
		}
		compare(t, "<u, J v> and <J' u, v>", []float64{left}, []float64{right}, 1e-13)
	})
}

// The Hessian of <u, y>, times v, is that of differences of the gradient, whether it
// is the tangent of the gradient, the gradient of the tangent, or the gradient of the
// gradient's product with v.
func TestSecondDerivatives(t *testing.T) {
	eachCase(t, func(t *testing.T, c opCase, x [][]float64, s *rng.Stream) {
		if len(x) == 0 {
			return
		}
		g, y, in := c.graph()
		us := inputsLike(g, "u", []*Node{y})
		vs := inputsLike(g, "v", in)
		inner := func(a, b []*Node) *Node {
			sum := g.Const(0)
			for i := range a {
				sum = g.Add(sum, g.Sum(g.Mul(a[i], b[i])))
			}
			return sum
		}
		// Squaring y makes the function nonlinear where the op is not.
		f := inner(us, []*Node{g.Square(y)})
		grad := g.Gradient(f, in...)
		forms := map[string][]*Node{
			"tangent of gradient":  g.Tangent(grad, in, vs),
			"gradient of tangent":  g.Gradient(g.Tangent([]*Node{f}, in, vs)[0], in...),
			"gradient of gradient": g.Gradient(inner(grad, vs), in...),
		}
		u := drawn(s, y.shape.Len(), normal)
		var v [][]float64
		for _, n := range in {
			v = append(v, drawn(s, n.shape.Len(), normal))
		}
		args := append(append(in[:len(in):len(in)], us...), vs...)
		gradient := newFunction[float64](t, g, c.labels, args, grad...)
		for name, hv := range forms {
			got := newFunction[float64](t, g, c.labels, args, hv...).at(append(append(x[:len(x):len(x)], u), v...)...)
			for k := range in {
				want := slope(func(h float64) []float64 {
					return gradient.at(append(append(moved(x, v, h), u), v...)...)[k]
				})
				compare(t, name, got[k], want, 5e-11)
			}
		}
	})
}
