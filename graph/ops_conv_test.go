package graph

import (
	"math"
	"slices"

	"basin/rng"
)

// A convCase is a convolution and its three arrays: pictures, weights, outputs.
type convCase struct {
	Conv
	x, w, y Shape
}

var convCaseShapes = []convCase{
	{Conv{Stride: 1, Pad: 1}, Shape{2, 4, 3, 2}, Shape{3, 3, 2, 3}, Shape{2, 4, 3, 3}},
	{Conv{Stride: 2, Pad: 1, Groups: 2}, Shape{2, 5, 4, 4}, Shape{3, 2, 2, 2}, Shape{2, 3, 3, 2}},
	{Conv{Stride: 1, Groups: 3}, Shape{1, 3, 4, 3}, Shape{2, 2, 1, 6}, Shape{1, 2, 3, 6}},
	{Conv{Stride: 2}, Shape{2, 3, 4, 3}, Shape{1, 1, 3, 2}, Shape{2, 2, 2, 2}},
	{Conv{Stride: 1}, Shape{convPart + 1, 2, 2, 1}, Shape{2, 2, 1, 1}, Shape{convPart + 1, 1, 1, 1}}, // in two parts
}

// products calls f for every product of the convolution: the places of x, w and y.
func (c convCase) products(f func(x, w, y int)) {
	groups := max(c.Groups, 1)
	at := func(s Shape, i, j, k, l int) int { return ((i*s[1]+j)*s[2]+k)*s[3] + l }
	for y := range c.y.Len() {
		o, j, i, n := y%c.y[3], y/c.y[3]%c.y[2], y/c.y[3]/c.y[2]%c.y[1], y/c.y[3]/c.y[2]/c.y[1]
		for w := range c.w.Len() {
			oo, ch, b, a := w%c.w[3], w/c.w[3]%c.w[2], w/c.w[3]/c.w[2]%c.w[1], w/c.w[3]/c.w[2]/c.w[1]
			p, q := i*c.Stride-c.Pad+a, j*c.Stride-c.Pad+b
			if oo == o && p >= 0 && p < c.x[1] && q >= 0 && q < c.x[2] {
				f(at(c.x, n, p, q, o/(c.y[3]/groups)*c.w[2]+ch), w, y)
			}
		}
	}
}

func convCases() []opCase {
	var cases []opCase
	for _, c := range convCaseShapes {
		by := window{stride: c.Stride, pad: c.Pad, groups: max(c.Groups, 1)}
		sum := func(out Shape, f func(v []float64, x, w, y int)) []float64 {
			v := make([]float64, out.Len())
			c.products(func(x, w, y int) { f(v, x, w, y) })
			return v
		}
		cases = append(cases,
			opCase{op: opConv, shapes: []Shape{c.x, c.w}, draw: normal,
				build: func(g *Graph, a []*Node) *Node { return g.Conv2D(a[0], a[1], c.Conv) },
				want: func(out Shape, a [][]float64) []float64 {
					return sum(out, func(v []float64, x, w, y int) { v[y] += a[0][x] * a[1][w] })
				}},
			opCase{op: opConvInput, shapes: []Shape{c.y, c.w}, draw: normal,
				build: func(g *Graph, a []*Node) *Node { return g.convInput(a[0], a[1], by, c.x[1], c.x[2]) },
				want: func(out Shape, a [][]float64) []float64 {
					return sum(out, func(v []float64, x, w, y int) { v[x] += a[0][y] * a[1][w] })
				}},
			opCase{op: opConvWeight, shapes: []Shape{c.x, c.y}, draw: normal,
				build: func(g *Graph, a []*Node) *Node { return g.convWeight(a[0], a[1], by, c.w[0], c.w[1]) },
				want: func(out Shape, a [][]float64) []float64 {
					return sum(out, func(v []float64, x, w, y int) { v[w] += a[0][x] * a[1][y] })
				}})
	}
	return cases
}

// spaced draws numbers that are different and far enough apart that small moves keep
// their order.
func spaced() func(*rng.Stream) float64 {
	n := 0
	return func(*rng.Stream) float64 {
		n++
		return float64(n*41%97)/16 - 3
	}
}

func poolCases() []opCase {
	var cases []opCase
	for _, c := range []struct {
		by   window
		x, y Shape
	}{
		{window{size: 2, stride: 2}, Shape{2, 4, 5, 2}, Shape{2, 2, 2, 2}},
		{window{size: 3, stride: 2, pad: 1}, Shape{1, 5, 4, 3}, Shape{1, 3, 2, 3}},
		{window{size: 3, stride: 1, pad: 2}, Shape{2, 2, 3, 1}, Shape{2, 4, 5, 1}},
		{window{size: 1, stride: 2}, Shape{1, 3, 3, 2}, Shape{1, 2, 2, 2}},
	} {
		by := c.by
		cells := func(y int) (at []int) {
			ch, j, i, n := y%c.y[3], y/c.y[3]%c.y[2], y/c.y[3]/c.y[2]%c.y[1], y/c.y[3]/c.y[2]/c.y[1]
			for a := range by.size {
				for b := range by.size {
					if p, q := i*by.stride-by.pad+a, j*by.stride-by.pad+b; p >= 0 && p < c.x[1] && q >= 0 && q < c.x[2] {
						at = append(at, ((n*c.x[1]+p)*c.x[2]+q)*c.x[3]+ch)
					}
				}
			}
			return at
		}
		each := func(out Shape, f func(v []float64, y int, cells []int)) []float64 {
			v := make([]float64, out.Len())
			for y := range c.y.Len() {
				f(v, y, cells(y))
			}
			return v
		}
		largest := func(x []float64, cells []int) int {
			return slices.MaxFunc(cells, func(i, j int) int { return int(math.Copysign(1, x[i]-x[j])) })
		}
		cases = append(cases,
			opCase{op: opMaxPool, shapes: []Shape{c.x}, draw: spaced(),
				build: func(g *Graph, a []*Node) *Node { return g.MaxPool(a[0], by.size, by.stride, by.pad) },
				want: func(out Shape, a [][]float64) []float64 {
					return each(out, func(v []float64, y int, cells []int) { v[y] = a[0][largest(a[0], cells)] })
				}},
			opCase{op: opMaxPoolGather, shapes: []Shape{c.x, c.x}, draw: spaced(),
				build: func(g *Graph, a []*Node) *Node { return g.add(opMaxPoolGather, attr{window: by}, a...) },
				want: func(out Shape, a [][]float64) []float64 {
					return each(out, func(v []float64, y int, cells []int) { v[y] = a[1][largest(a[0], cells)] })
				}},
			opCase{op: opMaxPoolScatter, shapes: []Shape{c.x, c.y}, draw: spaced(),
				build: func(g *Graph, a []*Node) *Node { return g.add(opMaxPoolScatter, attr{window: by}, a...) },
				want: func(out Shape, a [][]float64) []float64 {
					return each(out, func(v []float64, y int, cells []int) { v[largest(a[0], cells)] += a[1][y] })
				}},
			opCase{op: opAvgPool, shapes: []Shape{c.x}, draw: normal,
				build: func(g *Graph, a []*Node) *Node { return g.AvgPool(a[0], by.size, by.stride, by.pad) },
				want: func(out Shape, a [][]float64) []float64 {
					return each(out, func(v []float64, y int, cells []int) {
						for _, x := range cells {
							v[y] += a[0][x] / float64(len(cells))
						}
					})
				}},
			opCase{op: opAvgPoolInput, shapes: []Shape{c.y}, draw: normal,
				build: func(g *Graph, a []*Node) *Node { return g.add(opAvgPoolInput, attr{window: by, dims: c.x}, a[0]) },
				want: func(out Shape, a [][]float64) []float64 {
					return each(out, func(v []float64, y int, cells []int) {
						for _, x := range cells {
							v[x] += a[0][y] / float64(len(cells))
						}
					})
				}})
	}
	return cases
}
