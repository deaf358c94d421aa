package graph

import (
	"math"
	"slices"
	"testing"

	"basin/rng"
)

func naiveProduct(a, b []float64, m, n, k, ai, ap, bp, bj int) []float64 {
	c := make([]float64, m*n)
	for i := range m {
		for j := range n {
			for p := range k {
				c[i*n+j] += a[i*ai+p*ap] * b[p*bp+j*bj]
			}
		}
	}
	return c
}

func batchMatMulCases() []opCase {
	var cases []opCase
	const stack, m, n, k = 3, 2, 4, 5
	for _, ta := range []bool{false, true} {
		for _, tb := range []bool{false, true} {
			a, b := Shape{stack, m, k}, Shape{stack, k, n}
			ai, ap, bp, bj := k, 1, n, 1 // strides
			if ta {
				a, ai, ap = Shape{stack, k, m}, 1, m
			}
			if tb {
				b, bp, bj = Shape{stack, n, k}, 1, k
			}
			cases = append(cases, opCase{op: opBatchMatMul, shapes: []Shape{a, b}, draw: normal,
				build: func(g *Graph, a []*Node) *Node { return g.BatchMatMul(a[0], a[1], ta, tb) },
				want: func(_ Shape, x [][]float64) (v []float64) {
					for i := range stack {
						v = append(v, naiveProduct(x[0][i*m*k:], x[1][i*k*n:], m, n, k, ai, ap, bp, bj)...)
					}
					return v
				}})
		}
	}
	return cases
}

// naiveCausal gives f of the part of each row that is not later than the row.
func naiveCausal(t int, f func(row [][]float64) []float64, a ...[]float64) []float64 {
	out := make([]float64, len(a[0]))
	for at := 0; at < len(out); at += t {
		var part [][]float64
		for _, x := range a {
			part = append(part, x[at:at+at/t%t+1])
		}
		copy(out[at:], f(part))
	}
	return out
}

func causalCases() []opCase {
	softmax := func(row [][]float64) []float64 { return naiveSoftmax(row[0]) }
	grad := func(row [][]float64) []float64 { return naiveSoftmaxGrad(row[0], row[1]) }
	var cases []opCase
	for _, shape := range []Shape{{3, 3}, {2, 4, 4}, {2, 1, 3, 3}, {1, 1}} {
		t := shape[len(shape)-1]
		cases = append(cases,
			opCase{op: opCausalSoftmax, shapes: []Shape{shape}, draw: normal,
				build: func(g *Graph, a []*Node) *Node { return g.CausalSoftmax(a[0]) },
				want:  func(_ Shape, a [][]float64) []float64 { return naiveCausal(t, softmax, a...) }},
			opCase{op: opCausalSoftmaxGrad, shapes: []Shape{shape, shape}, draw: normal,
				build: func(g *Graph, a []*Node) *Node {
					return g.Cotangent([]*Node{g.CausalSoftmax(a[0])}, a[1:], a[:1])[0]
				},
				want: func(_ Shape, a [][]float64) []float64 { return naiveCausal(t, grad, a...) }})
	}
	return cases
}

func headCases() []opCase {
	var cases []opCase
	for _, c := range []attr{{heads: 2, part: 1, parts: 3}, {heads: 3, part: 0, parts: 1}} {
		const examples, positions, width = 2, 3, 2
		stack := Shape{examples * c.heads, positions, width}
		whole := Shape{examples, positions, c.parts * c.heads * width}
		// place of element w of head h at position t of example n
		place := func(n, h, t, w int) (inStack, inWhole int) {
			return ((n*c.heads+h)*positions+t)*width + w, (((n*positions+t)*c.parts+c.part)*c.heads+h)*width + w
		}
		each := func(f func(inStack, inWhole int)) {
			for n := range examples {
				for h := range c.heads {
					for t := range positions {
						for w := range width {
							f(place(n, h, t, w))
						}
					}
				}
			}
		}
		cases = append(cases,
			opCase{op: opHeads, shapes: []Shape{whole}, draw: normal,
				build: func(g *Graph, a []*Node) *Node { return g.head(a[0], c.heads, c.part, c.parts) },
				want: func(out Shape, a [][]float64) []float64 {
					v := make([]float64, out.Len())
					each(func(s, w int) { v[s] = a[0][w] })
					return v
				}},
			opCase{op: opMergeHeads, shapes: []Shape{stack}, draw: normal,
				build: func(g *Graph, a []*Node) *Node { return g.merged(a[0], c.heads, c.part, c.parts) },
				want: func(out Shape, a [][]float64) []float64 {
					v := make([]float64, out.Len())
					each(func(s, w int) { v[w] = a[0][s] })
					return v
				}})
	}
	return cases
}

// naiveAttention computes attention, and the gradient of its inner product with d, by
// its definition.
func naiveAttention(s Shape, heads int, x, d []float64) (out, grad []float64) {
	examples, positions, width := s[0], s[1], s[2]/3
	dim := width / heads
	out, grad = make([]float64, examples*positions*width), make([]float64, len(x))
	for n := range examples {
		for h := range heads {
			at := func(t, part int) int { return (n*positions+t)*3*width + part*width + h*dim }
			for i := range positions {
				z := make([]float64, i+1)
				for j := range z {
					for w := range dim {
						z[j] += x[at(i, 0)+w] * x[at(j, 1)+w] / math.Sqrt(float64(dim))
					}
				}
				most := slices.Max(z)
				for j := range z {
					z[j] -= most
				}
				p, dp := naiveSoftmax(z), make([]float64, i+1)
				o := (n*positions+i)*width + h*dim
				for j := range p {
					for w := range dim {
						out[o+w] += p[j] * x[at(j, 2)+w]
						dp[j] += d[o+w] * x[at(j, 2)+w]
						grad[at(j, 2)+w] += p[j] * d[o+w]
					}
				}
				for j, dz := range naiveSoftmaxGrad(z, dp) {
					for w := range dim {
						grad[at(i, 0)+w] += dz * x[at(j, 1)+w] / math.Sqrt(float64(dim))
						grad[at(j, 1)+w] += dz * x[at(i, 0)+w] / math.Sqrt(float64(dim))
					}
				}
			}
		}
	}
	return out, grad
}

func attentionCases() []opCase {
	var cases []opCase
	for _, c := range []struct {
		shape Shape
		heads int
	}{{Shape{2, 4, 12}, 2}, {Shape{1, 3, 3}, 1}, {Shape{2, 1, 6}, 1}} {
		out := Shape{c.shape[0], c.shape[1], c.shape[2] / 3}
		cases = append(cases,
			opCase{op: opCausalAttention, shapes: []Shape{c.shape}, draw: normal,
				build: func(g *Graph, a []*Node) *Node { return g.CausalAttention(a[0], c.heads) },
				want: func(_ Shape, a [][]float64) []float64 {
					v, _ := naiveAttention(c.shape, c.heads, a[0], make([]float64, out.Len()))
					return v
				}},
			opCase{op: opCausalAttentionGrad, shapes: []Shape{c.shape, out}, draw: normal,
				build: func(g *Graph, a []*Node) *Node {
					return g.Cotangent([]*Node{g.CausalAttention(a[0], c.heads)}, a[1:], a[:1])[0]
				},
				want: func(_ Shape, a [][]float64) []float64 {
					_, v := naiveAttention(c.shape, c.heads, a[0], a[1])
					return v
				}})
	}
	return cases
}

// More positions than are taken together, and scores so large that some of their
// exponentials overflow and others vanish.
func TestLongAttention(t *testing.T) {
	for _, c := range []struct{ spread, tol float64 }{{1, 1e-14}, {30, 5e-13}} { // an error of scores is one of its exponential's
		const heads = 2
		in, out := Shape{2, 150, 30}, Shape{2, 150, 10}
		g := New()
		x, d := g.Input("x", in...), g.Input("d", out...)
		y := g.CausalAttention(x, heads)
		grad := g.Cotangent([]*Node{y}, []*Node{d}, []*Node{x})[0]
		s := rng.At(1, "attention", int(c.spread))
		a := drawn(&s, in.Len(), func(s *rng.Stream) float64 { return c.spread * s.Norm() })
		b := drawn(&s, out.Len(), normal)
		value, gradient := naiveAttention(in, heads, a, b)
		got := newFunction[float64](t, g, nil, []*Node{x, d}, y, grad).at(a, b)
		compare(t, "attention", got[0], value, c.tol)
		compare(t, "gradient", got[1], gradient, c.tol)
	}
}
