package nn

import "basin/graph"

// leak is the slope of leaky_relu below zero.
const leak = 0.01

// activate is the activation of a name in recipes:
//
//	relu        max(x, 0)
//	gelu        x Phi(x) (Hendrycks and Gimpel 2016), gelu_tanh their approximation
//	silu        x sigmoid(x) (Elfwing et al. 2018)
//	softplus    log(1 + e^x)
//	leaky_relu  x above 0, 0.01 x below (Maas et al. 2013)
//	elu         x above 0, e^x - 1 below (Clevert et al. 2016)
//	sin         sin(x) (Sitzmann et al. 2020)
//	quadratic   x^2
func activate(g *graph.Graph, act string, x *graph.Node) *graph.Node {
	switch act {
	case "relu":
		return g.ReLU(x)
	case "tanh":
		return g.Tanh(x)
	case "gelu":
		return g.GELU(x)
	case "gelu_tanh":
		return g.GELUTanh(x)
	case "sigmoid":
		return g.Sigmoid(x)
	case "silu":
		return g.Mul(x, g.Sigmoid(x))
	case "softplus":
		return g.Softplus(x)
	case "leaky_relu":
		return g.Add(g.Scale(leak, x), g.Scale(1-leak, g.ReLU(x)))
	case "elu":
		positive := g.ReLU(x)
		return g.Add(positive, g.Sub(g.Exp(g.Sub(x, positive)), g.Const(1)))
	case "sin":
		return g.Sin(x)
	case "quadratic":
		return g.Square(x)
	case "identity":
		return x
	}
	panic("nn: unknown activation")
}
