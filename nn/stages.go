package nn

import (
	"basin/graph"
	"basin/problem"
)

// Quantities are what Stages can show.
var Quantities = []string{"loss", "gradient", "hessian", "gauss_newton"}

// Stages gives the graph of a quantity, one of Quantities, over a number of examples
// after each pass on its way to a plan. Loss and curvature are those of evaluation, the
// gradient, which comes with the loss, is that of training.
func (n *Net) Stages(quantity string, loss problem.LossKind, examples int) []graph.Stage {
	what, how := lossOf, evaluation
	switch quantity {
	case "loss":
	case "gradient":
		what, how = gradientOf, training
	case "hessian":
		what = hessianOf
	case "gauss_newton":
		what = gaussNewtonOf
	default:
		panic("nn: Stages of no quantity")
	}
	w := n.wire(loss, examples, how)
	return w.Graph.Stages(w.nodes(what)...)
}
