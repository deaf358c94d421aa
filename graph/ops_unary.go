package graph

import (
	"math"

	"basin/kernel"
)

// ReLU is max(a, 0), with derivative 0 at 0.
func (g *Graph) ReLU(a *Node) *Node { return g.add(opReLU, attr{}, a) }

// Abs is |a|, with derivative 0 at 0.
func (g *Graph) Abs(a *Node) *Node { return g.add(opAbs, attr{}, a) }

// Sign is -1, 0 or 1.
func (g *Graph) Sign(a *Node) *Node { return g.add(opSign, attr{}, a) }

// Square is a^2.
func (g *Graph) Square(a *Node) *Node { return g.add(opSquare, attr{}, a) }

// Sqrt is the square root of a.
func (g *Graph) Sqrt(a *Node) *Node { return g.add(opSqrt, attr{}, a) }

// Pow is a^p for a fixed p.
func (g *Graph) Pow(a *Node, p float64) *Node { return g.add(opPow, attr{num: p}, a) }

// Exp is e^a.
func (g *Graph) Exp(a *Node) *Node { return g.add(opExp, attr{}, a) }

// Log is the natural logarithm of a.
func (g *Graph) Log(a *Node) *Node { return g.add(opLog, attr{}, a) }

// Tanh is the hyperbolic tangent of a.
func (g *Graph) Tanh(a *Node) *Node { return g.add(opTanh, attr{}, a) }

// Sigmoid is 1 / (1 + e^-a).
func (g *Graph) Sigmoid(a *Node) *Node { return g.add(opSigmoid, attr{}, a) }

// Softplus is log(1 + e^a).
func (g *Graph) Softplus(a *Node) *Node { return g.add(opSoftplus, attr{}, a) }

// NormCDF is the standard normal distribution function at a.
func (g *Graph) NormCDF(a *Node) *Node { return g.add(opNormCDF, attr{}, a) }

// NormPDF is the standard normal density at a.
func (g *Graph) NormPDF(a *Node) *Node { return g.add(opNormPDF, attr{}, a) }

// GELU is a NormCDF(a) (Hendrycks and Gimpel 2016).
func (g *Graph) GELU(a *Node) *Node { return g.add(opGELU, attr{}, a) }

// GELUTanh is their approximation a (1 + tanh(sqrt(2/pi) (a + 0.044715 a^3))) / 2.
func (g *Graph) GELUTanh(a *Node) *Node { return g.add(opGELUTanh, attr{}, a) }

// Sin is the sine of a.
func (g *Graph) Sin(a *Node) *Node { return g.add(opSin, attr{}, a) }

// Cos is the cosine of a.
func (g *Graph) Cos(a *Node) *Node { return g.add(opCos, attr{}, a) }

func same(n *Node) (Shape, error) { return n.args[0].shape, nil }

func power[T Float](c *call[T]) {
	p := c.n.attr.num
	kernel.Map(c.out, c.args[0], func(x float64) float64 { return math.Pow(x, p) })
}

func sine[T Float](c *call[T]) { kernel.Map(c.out, c.args[0], math.Sin) }

func cosine[T Float](c *call[T]) { kernel.Map(c.out, c.args[0], math.Cos) }

func copied[T Float](dst, a []T) { copy(dst, a) }

const (
	geluScale = 0.79788456080286535588 // sqrt(2/pi)
	geluCubic = 0.044715
)

func reluRule(g *Graph, n *Node, _ int, d *Node) *Node { return g.Gate(d, n) }

func absRule(g *Graph, n *Node, _ int, d *Node) *Node { return g.Mul(d, g.Sign(n.args[0])) }

func squareRule(g *Graph, n *Node, _ int, d *Node) *Node {
	return g.Mul(d, g.Scale(2, n.args[0]))
}

func sqrtRule(g *Graph, n *Node, _ int, d *Node) *Node { return g.Div(g.Scale(0.5, d), n) }

func powRule(g *Graph, n *Node, _ int, d *Node) *Node {
	p := n.attr.num
	return g.Mul(d, g.Scale(p, g.Pow(n.args[0], p-1)))
}

func expRule(g *Graph, n *Node, _ int, d *Node) *Node { return g.Mul(d, n) }

func logRule(g *Graph, n *Node, _ int, d *Node) *Node { return g.Div(d, n.args[0]) }

func tanhRule(g *Graph, n *Node, _ int, d *Node) *Node {
	return g.Mul(d, g.Sub(g.Const(1), g.Square(n)))
}

func sigmoidRule(g *Graph, n *Node, _ int, d *Node) *Node {
	return g.Mul(d, g.Mul(n, g.Sub(g.Const(1), n)))
}

func softplusRule(g *Graph, n *Node, _ int, d *Node) *Node {
	return g.Mul(d, g.Sigmoid(n.args[0]))
}

func normCDFRule(g *Graph, n *Node, _ int, d *Node) *Node { return g.Mul(d, g.NormPDF(n.args[0])) }

func normPDFRule(g *Graph, n *Node, _ int, d *Node) *Node {
	return g.Mul(d, g.Neg(g.Mul(n.args[0], n)))
}

func geluRule(g *Graph, n *Node, _ int, d *Node) *Node {
	x := n.args[0]
	return g.Mul(d, g.Add(g.NormCDF(x), g.Mul(x, g.NormPDF(x))))
}

// With t the tanh and u its argument: (1 + t)/2 + x (1 - t^2) u'/2.
func geluTanhRule(g *Graph, n *Node, _ int, d *Node) *Node {
	x, one := n.args[0], g.Const(1)
	xx := g.Square(x)
	t := g.Tanh(g.Scale(geluScale, g.Mul(x, g.Add(one, g.Scale(geluCubic, xx)))))
	du := g.Scale(geluScale, g.Add(one, g.Scale(3*geluCubic, xx)))
	slope := g.Mul(g.Mul(x, g.Sub(one, g.Square(t))), du)
	return g.Mul(d, g.Scale(0.5, g.Add(g.Add(one, t), slope)))
}

func sinRule(g *Graph, n *Node, _ int, d *Node) *Node { return g.Mul(d, g.Cos(n.args[0])) }

func cosRule(g *Graph, n *Node, _ int, d *Node) *Node { return g.Mul(d, g.Neg(g.Sin(n.args[0]))) }
