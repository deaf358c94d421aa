// Package graph holds static graphs of arrays: built once with fixed shapes,
// differentiated by writing more of the same graph, compiled to a plan that lays
// out all memory in advance, and run many times in float32 or float64.
//
// An op is a row in one table: its name, how its shape follows from those of its
// arguments, its value, its two derivative rules and its flags. The rules are
// written in ops, so gradients have gradients: a Hessian-vector product is the
// tangent of a gradient.
//
//	g := graph.New()
//	x, w := g.Input("x", 128, 784), g.Input("w", 10, 784)
//	z := g.MatMul(x, w, false, true)
//	loss := g.Mean(g.CrossEntropy(z, g.Labels("labels", 128)))
//	dw := g.Gradient(loss, w)[0]
//	if err := g.Err(); err != nil { ... }
//	plan := graph.Compile[float32](loss, dw)
//
// Arrays are row-major without gaps; a scalar has the shape ().
package graph
