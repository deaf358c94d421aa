package graph

import (
	"math"
	"slices"
	"testing"

	"basin/rng"
)

// An opCase builds one op on arguments of the given shapes, drawn from a range in
// which it is smooth, and gives its value in closed form.
type opCase struct {
	op     opcode
	shapes []Shape
	draw   func(s *rng.Stream) float64
	labels []int // if not nil, the last argument
	build  func(g *Graph, a []*Node) *Node
	want   func(out Shape, a [][]float64) []float64
}

func normal(s *rng.Stream) float64   { return s.Norm() }
func positive(s *rng.Stream) float64 { return 0.5 + s.Float64() }

// apart from zero, where relu, abs and gate have their kinks.
func apart(s *rng.Stream) float64 { return s.Sign() * (0.3 + s.Float64()) }

// pairShapes broadcast in every way.
var pairShapes = [][]Shape{
	{{5}, {5}}, {{3, 4}, {3, 4}}, {{3, 4}, {4}}, {{4}, {3, 4}}, {{3, 4}, {3, 1}}, {{3, 1}, {1, 4}}, {{}, {3, 4}},
	{{3, 4}, {}}, {{}, {}}, {{2, 3, 4}, {3, 1}}, {{2, 1, 4}, {3, 1}}, {{2, 3, 4, 2}, {3, 1, 2}}, {{1, 1}, {1, 5}}, {{1}, {1}},
}

func pairCases(op opcode, draw func(*rng.Stream) float64, build func(g *Graph, a, b *Node) *Node, f func(a, b float64) float64) []opCase {
	var cases []opCase
	for _, shapes := range pairShapes {
		cases = append(cases, opCase{op: op, shapes: shapes, draw: draw,
			build: func(g *Graph, a []*Node) *Node { return build(g, a[0], a[1]) },
			want: func(out Shape, a [][]float64) []float64 {
				v := make([]float64, out.Len())
				for i := range v {
					v[i] = f(a[0][spreadIndex(i, out, shapes[0])], a[1][spreadIndex(i, out, shapes[1])])
				}
				return v
			}})
	}
	return cases
}

// spreadIndex is where element i of an array of shape out is found in one of shape s
// that is broadcast to it.
func spreadIndex(i int, out, s Shape) int {
	at, stride := 0, 1
	for k := 1; k <= len(s); k++ {
		d := out[len(out)-k]
		if s[len(s)-k] != 1 {
			at += i % d * stride
		}
		stride *= s[len(s)-k]
		i /= d
	}
	return at
}

func unaryCases(op opcode, draw func(*rng.Stream) float64, build func(g *Graph, a *Node) *Node, f func(float64) float64) []opCase {
	var cases []opCase
	for _, shape := range []Shape{{}, {7}, {2, 3, 2}} {
		cases = append(cases, opCase{op: op, shapes: []Shape{shape}, draw: draw,
			build: func(g *Graph, a []*Node) *Node { return build(g, a[0]) },
			want: func(_ Shape, a [][]float64) []float64 {
				v := slices.Clone(a[0])
				for i := range v {
					v[i] = f(v[i])
				}
				return v
			}})
	}
	return cases
}

// rowCases have labels and matrices of rows like logits.
func rowCases(op opcode, shapes []Shape, labels []int, build func(g *Graph, a []*Node) *Node, row func(dst []float64, a [][]float64, label int)) []opCase {
	return []opCase{{op: op, shapes: shapes, draw: normal, labels: labels, build: build,
		want: func(out Shape, a [][]float64) []float64 {
			v := make([]float64, out.Len())
			for i := range out[0] {
				part := make([][]float64, len(a))
				for k, s := range shapes {
					w := s.Len() / s[0]
					part[k] = a[k][i*w : (i+1)*w]
				}
				label := 0
				if labels != nil {
					label = labels[i]
				}
				w := out.Len() / out[0]
				row(v[i*w:(i+1)*w], part, label)
			}
			return v
		}}}
}

func naiveSoftmax(z []float64) []float64 {
	p, sum := make([]float64, len(z)), 0.0
	for _, v := range z {
		sum += math.Exp(v)
	}
	for j, v := range z {
		p[j] = math.Exp(v) / sum
	}
	return p
}

func naiveSoftmaxGrad(z, d []float64) []float64 {
	p, mean := naiveSoftmax(z), 0.0
	for j := range p {
		mean += p[j] * d[j]
	}
	for j := range p {
		p[j] *= d[j] - mean
	}
	return p
}

var fiveLabels = []int{2, 0, 1, 2, 1}

// opCases has a case at least for every op that can be differentiated.
func opCases() []opCase {
	rows := []Shape{{5, 3}}
	return slices.Concat(
		pairCases(opAdd, normal, (*Graph).Add, func(a, b float64) float64 { return a + b }),
		pairCases(opSub, normal, (*Graph).Sub, func(a, b float64) float64 { return a - b }),
		pairCases(opMul, normal, (*Graph).Mul, func(a, b float64) float64 { return a * b }),
		pairCases(opDiv, positive, (*Graph).Div, func(a, b float64) float64 { return a / b }),
		pairCases(opGate, apart, (*Graph).Gate, func(a, y float64) float64 {
			if y > 0 {
				return a
			}
			return 0
		}),
		unaryCases(opReLU, apart, (*Graph).ReLU, func(x float64) float64 { return math.Max(x, 0) }),
		unaryCases(opAbs, apart, (*Graph).Abs, math.Abs),
		unaryCases(opSign, apart, (*Graph).Sign, func(x float64) float64 { return math.Copysign(1, x) }),
		unaryCases(opSquare, normal, (*Graph).Square, func(x float64) float64 { return x * x }),
		unaryCases(opSqrt, positive, (*Graph).Sqrt, math.Sqrt),
		unaryCases(opPow, positive, func(g *Graph, a *Node) *Node { return g.Pow(a, -1.5) }, func(x float64) float64 { return 1 / (x * math.Sqrt(x)) }),
		unaryCases(opExp, normal, (*Graph).Exp, math.Exp),
		unaryCases(opLog, positive, (*Graph).Log, math.Log),
		unaryCases(opTanh, normal, (*Graph).Tanh, func(x float64) float64 { return 1 - 2/(1+math.Exp(2*x)) }),
		unaryCases(opSigmoid, normal, (*Graph).Sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }),
		unaryCases(opSoftplus, normal, (*Graph).Softplus, func(x float64) float64 { return math.Log(1 + math.Exp(x)) }),
		unaryCases(opNormCDF, normal, (*Graph).NormCDF, func(x float64) float64 { return (1 + math.Erf(x/math.Sqrt2)) / 2 }),
		unaryCases(opNormPDF, normal, (*Graph).NormPDF, func(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }),
		unaryCases(opGELU, normal, (*Graph).GELU, func(x float64) float64 { return x * (1 + math.Erf(x/math.Sqrt2)) / 2 }),
		unaryCases(opSin, normal, (*Graph).Sin, func(x float64) float64 { return math.Cos(x - math.Pi/2) }),
		unaryCases(opCos, normal, (*Graph).Cos, func(x float64) float64 { return math.Sin(x + math.Pi/2) }),
		unaryCases(opGELUTanh, normal, (*Graph).GELUTanh, func(x float64) float64 {
			return x / (1 + math.Exp(-2*math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
		}),
		sumCases(), arrayCases(), matMulCases(), convCases(), poolCases(),
		rowCases(opPick, rows, fiveLabels, func(g *Graph, a []*Node) *Node { return g.Pick(a[0], a[1]) },
			func(dst []float64, a [][]float64, y int) { dst[0] = a[0][y] }),
		rowCases(opScatter, []Shape{{5}}, fiveLabels, func(g *Graph, a []*Node) *Node { return g.Scatter(a[0], a[1], 3) },
			func(dst []float64, a [][]float64, y int) { dst[y] = a[0][0] }),
		rowCases(opSoftmax, rows, nil, func(g *Graph, a []*Node) *Node { return g.Softmax(a[0]) },
			func(dst []float64, a [][]float64, _ int) { copy(dst, naiveSoftmax(a[0])) }),
		rowCases(opSoftmaxGrad, []Shape{{5, 3}, {5, 3}}, nil, func(g *Graph, a []*Node) *Node { return g.SoftmaxGrad(a[0], a[1]) },
			func(dst []float64, a [][]float64, _ int) { copy(dst, naiveSoftmaxGrad(a[0], a[1])) }),
		rowCases(opCrossEntropy, rows, fiveLabels, func(g *Graph, a []*Node) *Node { return g.CrossEntropy(a[0], a[1]) },
			func(dst []float64, a [][]float64, y int) { dst[0] = -math.Log(naiveSoftmax(a[0])[y]) }),
		rowCases(opCrossEntropyGrad, rows, fiveLabels, func(g *Graph, a []*Node) *Node { return g.CrossEntropyGrad(a[0], a[1]) },
			func(dst []float64, a [][]float64, y int) {
				copy(dst, naiveSoftmax(a[0]))
				dst[y]--
			}),
		[]opCase{{op: opSigns, labels: []int{0, 1, 1}, build: func(g *Graph, a []*Node) *Node { return g.Signs(a[0]) },
			want: func(Shape, [][]float64) []float64 { return []float64{-1, 1, 1} }}},
		normCases(), embedCases(), batchMatMulCases(), causalCases(), headCases(), attentionCases(), noiseCases(),
	)
}

func sumCases() []opCase {
	var cases []opCase
	for _, c := range []struct {
		shape Shape
		axes  []int
	}{{Shape{}, nil}, {Shape{5}, nil}, {Shape{3, 4}, []int{0}}, {Shape{3, 4}, []int{1}}, {Shape{3, 4}, nil}, {Shape{9, 2}, []int{0}},
		{Shape{2, 3, 4}, []int{1}}, {Shape{2, 3, 4}, []int{0, 2}}, {Shape{2, 3, 4}, []int{2, 0}}, {Shape{2, 3, 4}, []int{0, 1}},
		{Shape{2, 3, 4, 2}, []int{1, 3}}, {Shape{2, 3, 4, 2}, []int{0, 2}}, {Shape{1, 4}, []int{0}}, {Shape{3, 1}, []int{1}}} {
		for _, mean := range []bool{false, true} {
			cases = append(cases, opCase{op: opSum, shapes: []Shape{c.shape}, draw: normal,
				build: func(g *Graph, a []*Node) *Node {
					if mean {
						return g.Mean(a[0], c.axes...)
					}
					return g.Sum(a[0], c.axes...)
				},
				want: func(out Shape, a [][]float64) []float64 {
					kept := slices.Clone(c.shape)
					for i := range kept {
						if c.axes == nil || slices.Contains(c.axes, i) {
							kept[i] = 1
						}
					}
					v := make([]float64, out.Len())
					for i, x := range a[0] {
						v[spreadIndex(i, c.shape, kept)] += x
					}
					if mean {
						for i := range v {
							v[i] /= float64(c.shape.Len() / out.Len())
						}
					}
					return v
				}})
		}
	}
	return cases
}

func arrayCases() []opCase {
	var cases []opCase
	for _, c := range [][2]Shape{{{}, {3}}, {{4}, {3, 4}}, {{3, 1}, {3, 4}}, {{1, 4}, {2, 3, 4}}, {{3, 1, 2}, {3, 4, 2}}, {{5}, {5}}} {
		cases = append(cases, opCase{op: opBroadcast, shapes: c[:1], draw: normal,
			build: func(g *Graph, a []*Node) *Node { return g.Broadcast(a[0], c[1]...) },
			want: func(out Shape, a [][]float64) []float64 {
				v := make([]float64, out.Len())
				for i := range v {
					v[i] = a[0][spreadIndex(i, out, c[0])]
				}
				return v
			}})
	}
	cases = append(cases, opCase{op: opReshape, shapes: []Shape{{2, 6}}, draw: normal,
		build: func(g *Graph, a []*Node) *Node { return g.Reshape(a[0], 3, 1, 4) },
		want:  func(_ Shape, a [][]float64) []float64 { return a[0] }})
	for _, c := range []struct {
		shape Shape
		order []int
	}{{Shape{3, 4}, []int{1, 0}}, {Shape{2, 3, 4}, []int{2, 0, 1}}, {Shape{2, 3, 4}, []int{0, 2, 1}}, {Shape{5}, []int{0}}, {Shape{}, nil}} {
		cases = append(cases, opCase{op: opTranspose, shapes: []Shape{c.shape}, draw: normal,
			build: func(g *Graph, a []*Node) *Node { return g.Transpose(a[0], c.order...) },
			want: func(out Shape, a [][]float64) []float64 {
				v, from := make([]float64, out.Len()), c.shape.strides()
				for i := range v {
					at, rest := 0, i
					for k := len(out) - 1; k >= 0; k-- {
						at += rest % out[k] * from[c.order[k]]
						rest /= out[k]
					}
					v[i] = a[0][at]
				}
				return v
			}})
	}
	return cases
}

func matMulCases() []opCase {
	var cases []opCase
	const m, n, k = 3, 4, 5
	for _, ta := range []bool{false, true} {
		for _, tb := range []bool{false, true} {
			a, b := Shape{m, k}, Shape{k, n}
			ai, ap, bp, bj := k, 1, n, 1 // strides
			if ta {
				a, ai, ap = Shape{k, m}, 1, m
			}
			if tb {
				b, bp, bj = Shape{n, k}, 1, k
			}
			cases = append(cases, opCase{op: opMatMul, shapes: []Shape{a, b}, draw: normal,
				build: func(g *Graph, a []*Node) *Node { return g.MatMul(a[0], a[1], ta, tb) },
				want: func(_ Shape, x [][]float64) []float64 {
					return naiveProduct(x[0], x[1], m, n, k, ai, ap, bp, bj)
				}})
		}
	}
	return cases
}

// Every row of the table that a graph can be built of has a case here, and all cases
// are made of the op they claim to test.
func TestEveryOpHasACase(t *testing.T) {
	leaves := []opcode{opInvalid, opInput, opLabels, opConst}
	tested := map[opcode]bool{}
	for _, c := range opCases() {
		tested[c.op] = true
		if g, n, _ := c.graph(); !slices.ContainsFunc(g.nodes, func(n *Node) bool { return n.op == c.op }) {
			t.Errorf("the case of %s builds %s without it", table[c.op].name, n.row.name)
		}
	}
	for op := range numOps {
		row := &table[op]
		if row.flags&fused == 0 && !slices.Contains(leaves, op) && !tested[op] {
			t.Errorf("op %d, %s, has no case", op, row.name)
		}
		if differentiable := row.flat != constant && row.flags&fused == 0 && op != opInvalid; differentiable != (row.jvp != nil) || differentiable != (row.vjp != nil) {
			t.Errorf("op %d, %s: rules do not agree with its flags", op, row.name)
		}
	}
}
