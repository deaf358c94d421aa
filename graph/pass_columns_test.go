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

// A normLayer is a normalisation with gain and bias as in a network, long enough for
// several parts, its value, its gradients, and a product with its second derivative.
type normLayer struct {
	g       *Graph
	in, out []*Node
}

func newNormLayer(shape Shape) *normLayer {
	g, cols := New(), shape[len(shape)-1]
	x, gain, bias, residual := g.Input("x", shape...), g.Input("gain", cols), g.Input("bias", cols), g.Input("residual", shape...)
	in := []*Node{x, gain, bias, residual}
	z := g.Standardize(x, 1e-5, allButLast(x)...)
	y := g.Tanh(g.Add(g.Add(g.Mul(z, gain), bias), residual))
	u := g.Input("u", shape...)
	grads := g.Cotangent([]*Node{y}, []*Node{u}, in)
	v := inputsLike(g, "v", in[:3])
	second := g.Tangent(grads[:3], in[:3], v)
	return &normLayer{g, slices.Concat(in, []*Node{u}, v), slices.Concat([]*Node{z, y}, grads, second)}
}

// values are of columns with a given mean and standard deviation 1.
func (l *normLayer) values(mean float64) [][]float64 {
	var list [][]float64
	for i, n := range l.in {
		s := rng.At(1, "layer", i)
		list = append(list, drawn(&s, n.shape.Len(), normal))
	}
	for i, v := range list[0] {
		list[0][i] = float64(float32(mean + v))
	}
	return list
}

// The pass changes no value: in double precision against the graph as it is without it.
func TestColumns(t *testing.T) {
	for _, shape := range []Shape{{70, 16, 8, 5}, {9000, 16}, {33, 33, 2, 20}} {
		l := newNormLayer(shape)
		f := newFunction[float64](t, l.g, nil, l.in, l.out...)
		if s := f.plan.String(); strings.Contains(s, "standardize[") || !strings.Contains(s, "column_moments") {
			t.Fatalf("not in parts:\n%s", s)
		}
		plain := slices.DeleteFunc(slices.Clone(passes), func(p pass) bool { return p.name == "columns" })
		for _, mean := range []float64{0, 100} {
			in := l.values(mean)
			var shown [][]float64
			for _, v := range in {
				shown = append(shown, slices.Clone(v))
			}
			want := interpret(newProgram(l.g, l.out).after(plain), shown, nil)
			for k, got := range f.at(in...) {
				compare(t, fmt.Sprintf("%v, mean %v, output %d", shape, mean, k), got, want[k], 1e-9)
			}
		}
	}
}

// Single precision keeps what the numbers themselves say, where the mean is thousands of
// standard deviations; helpers change no bit.
func TestColumnsArePrecise(t *testing.T) {
	l := newNormLayer(Shape{64, 16, 16, 4})
	l.out = l.out[:6]
	exact := newFunction[float64](t, l.g, nil, l.in, l.out...)
	alone, shared := newFunction[float32](t, l.g, nil, l.in, l.out...), newFunction[float32](t, l.g, nil, l.in, l.out...)
	c := crew.New(2)
	defer c.Close()
	shareAll(shared.plan)
	shared.work.Use(c)
	for _, mean := range []float64{0, 3, 3000} {
		in := l.values(mean)
		var single [][]float32
		for i, v := range in {
			single = append(single, make([]float32, len(v)))
			for j := range v {
				single[i][j] = float32(v[j])
				in[i][j] = float64(single[i][j])
			}
		}
		want := exact.at(in...)
		got, again := alone.at(single...), shared.at(single...)
		for k := range want {
			scale := 1.0
			for _, v := range want[k] {
				scale = max(scale, math.Abs(v))
			}
			for i, v := range got[k] {
				if off := math.Abs(float64(v) - want[k][i]); off > 1e-6*scale {
					t.Fatalf("mean %v, output %d: element %d is %v, want %v", mean, k, i, v, want[k][i])
				}
			}
			if !slices.Equal(got[k], again[k]) {
				t.Errorf("mean %v, output %d: helpers change it", mean, k)
			}
		}
	}
}

// A gradient keeps two arrays of each convolution with normalisation and ReLU, what is
// normalised and what is passed on, and works in a few more.
func TestColumnsAreNotKept(t *testing.T) {
	const layers, few = 8, 2
	g, shape := New(), Shape{64, 16, 16, 4}
	x := g.Input("x", shape...)
	y, params := x, []*Node{}
	for i := range layers {
		w, gain, bias := g.Input(fmt.Sprint("w", i), 3, 3, 4, 4), g.Input(fmt.Sprint("gain", i), 4), g.Input(fmt.Sprint("bias", i), 4)
		params = append(params, w, gain, bias)
		y = g.Conv2D(y, w, Conv{Stride: 1, Pad: 1})
		y = g.ReLU(g.Add(g.Mul(g.Standardize(y, 1e-5, 0, 1, 2), gain), bias))
	}
	plan := Compile[float32](g, g.Gradient(g.Mean(g.Square(y)), params...)...)
	if most := (2*layers + few) * shape.Len(); plan.Room() > most {
		t.Errorf("%.1f arrays, want %d at most", float64(plan.Room())/float64(shape.Len()), 2*layers+few)
	}
}
