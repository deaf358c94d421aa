package graph_test

import (
	"fmt"

	"basin/graph"
)

// The gradient of the mean of x^2, and how it changes as x moves along v.
func Example() {
	g := graph.New()
	x, v := g.Input("x", 2), g.Input("v", 2)
	y := g.Mean(g.Square(x))
	dy := g.Gradient(y, x)
	hv := g.Tangent(dy, []*graph.Node{x}, []*graph.Node{v})
	if err := g.Err(); err != nil {
		fmt.Println(err)
		return
	}

	plan := graph.Compile[float64](g, y, dy[0], hv[0])
	fmt.Print(plan)
	gradient, product := make([]float64, 2), make([]float64, 2)
	plan.Bind(x, []float64{3, 4})
	plan.Bind(v, []float64{1, 0.5})
	plan.BindOutput(1, gradient)
	plan.BindOutput(2, product)
	plan.Run(new(graph.Workspace[float64]))
	fmt.Println(plan.Scalar(0), gradient, product)
	// Output:
	// v0 = input x : (2)
	// v1 = input v : (2)
	// v2 = square v0 : (2)
	// v3 = sum[0] 0.5 v2 : ()
	// v4 = copy v0 : (2)
	// v5 = copy v1 : (2)
	// outputs v3 v4 v5
	// 12.5 [3 4] [1 0.5]
}
