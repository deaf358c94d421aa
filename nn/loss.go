package nn

import (
	"unsafe"

	"basin/graph"
	"basin/problem"
)

// A wiring is a network and its loss over a fixed number of examples, in one mode.
type wiring struct {
	*Builder
	x       *graph.Node
	labels  *graph.Node // nil for squared loss
	targets *graph.Node // nil for the others
	outputs *graph.Node
	losses  *graph.Node // one per prediction
	mean    *graph.Node
	v       []*graph.Node  // a direction, block by block
	u       *graph.Node    // a direction of the outputs
	layers  []graph.Layer  // whose factors a plan computes
	patches []*graph.Node  // unit matrices as weights, for each layer; nil where it needs none
	point   unsafe.Pointer // where the parameters lie that it is bound to
}

func (n *Net) wire(loss problem.LossKind, rows int, m mode) *wiring {
	b, x := n.builder(rows, m)
	g := b.Graph
	z := n.model.arch.Build(b, x)
	g.Scope("loss")
	w := &wiring{Builder: b, x: x, outputs: n.head.cut(g, z)}
	rows *= n.positions
	if loss == problem.Squared {
		w.targets = g.Input("targets", rows, n.outputs)
	} else {
		w.labels = g.Labels("labels", rows)
	}
	// y z, for labels y = +-1 and the only output z.
	margin := func() *graph.Node { return g.Mul(g.Signs(w.labels), g.Reshape(w.outputs, rows)) }
	switch loss {
	case problem.SoftmaxCrossEntropy:
		w.losses = g.CrossEntropy(w.outputs, w.labels)
	case problem.Squared:
		w.losses = g.Scale(0.5, g.Sum(g.Square(g.Sub(w.outputs, w.targets)), 1))
	case problem.Logistic:
		w.losses = g.Softplus(g.Neg(margin()))
	case problem.Exponential:
		w.losses = g.Exp(g.Neg(margin()))
	default:
		panic("nn: unknown loss")
	}
	w.mean = g.Mean(w.losses)
	g.Scope("direction")
	for _, block := range b.blocks {
		w.v = append(w.v, g.Input("d "+block.Name, block.Shape...))
	}
	w.u = g.Input("d outputs", rows, n.outputs)
	return w
}

// A quantity is what a plan computes.
type quantity uint8

const (
	lossOf            quantity = iota // mean loss
	gradientOf                        // mean loss, and its gradient by blocks
	hessianOf                         // Hessian times v, by blocks
	gaussNewtonOf                     // Gauss-Newton matrix times v, by blocks
	outputsOf                         // outputs
	hiddenOf                          // activations of each hidden layer
	inputGradsOf                      // gradient of each example's loss in its input
	statisticsOf                      // mean and variance of each batch normalisation's input
	exampleGradsOf                    // gradients of each example's loss, by blocks
	exampleSquaresOf                  // their squared norms
	empiricalFisherOf                 // empirical Fisher matrix times v, by blocks
	jacVecOf                          // Jacobian of the outputs times v
	vecJacOf                          // transposed Jacobian of the outputs times u, by blocks
	factorsOf                         // Kronecker factors
)

// staged tells which quantities are computed in two stages.
func (q quantity) staged() bool {
	switch q {
	case hessianOf, gaussNewtonOf, empiricalFisherOf, jacVecOf, vecJacOf:
		return true
	}
	return false
}

// nodes adds to the graph what a quantity needs and gives its outputs; none where
// there is no way to compute it for the model.
func (w *wiring) nodes(q quantity) []*graph.Node {
	g := w.Graph
	switch q {
	case lossOf:
		return []*graph.Node{w.mean}
	case gradientOf:
		return append([]*graph.Node{w.mean}, g.Gradient(w.mean, w.params...)...)
	case hessianOf:
		return g.Tangent(g.Gradient(w.mean, w.params...), w.params, w.v)
	case gaussNewtonOf:
		z := []*graph.Node{w.outputs}
		jv := g.Tangent(z, w.params, w.v)
		ljv := g.Tangent(g.Gradient(w.mean, w.outputs), z, jv)
		return g.Cotangent(z, ljv, w.params)
	case empiricalFisherOf:
		l := []*graph.Node{w.losses}
		jv := g.Tangent(l, w.params, w.v)[0]
		return g.Cotangent(l, []*graph.Node{g.Scale(1/float64(jv.Shape().Len()), jv)}, w.params)
	case jacVecOf:
		return g.Tangent([]*graph.Node{w.outputs}, w.params, w.v)
	case vecJacOf:
		return g.Cotangent([]*graph.Node{w.outputs}, []*graph.Node{w.u}, w.params)
	case factorsOf:
		return w.factors()
	case outputsOf:
		return []*graph.Node{w.outputs}
	case hiddenOf:
		var list []*graph.Node
		for _, h := range w.hidden {
			list = append(list, h.node)
		}
		return list
	case statisticsOf:
		var list []*graph.Node
		for _, x := range w.normalized {
			mean, variance := g.Moments(x, allButLast(x)...)
			list = append(list, mean, variance)
		}
		return list
	case inputGradsOf:
		return g.Gradient(g.Sum(w.losses), w.x)
	case exampleGradsOf:
		list, _ := g.ExampleGradients(w.sum(), w.x, w.Rows, w.params...)
		return list
	case exampleSquaresOf:
		if squares, ok := g.ExampleSquares(w.sum(), w.x, w.Rows, w.params...); ok {
			return []*graph.Node{squares}
		}
		return nil
	}
	panic("nn: unknown quantity")
}

// sum is the sum of the losses of the examples, each the mean of those of its
// predictions.
func (w *wiring) sum() *graph.Node { return w.Graph.Scale(float64(w.Rows), w.mean) }
