package graph

import (
	"fmt"
	"slices"

	"basin/kernel"
)

// Noise is 1/keep with probability keep, else 0, so that its mean is 1 (dropout;
// Srivastava et al. 2014). An element depends on the plan's noise key, the name and its
// index alone: two nodes of one name hold the same noise, and so do a value, its
// gradient and its Hessian product, whichever plans compute them.
func (g *Graph) Noise(name string, keep float64, dims ...int) *Node {
	return g.add(opNoise, attr{name: name, num: keep, dims: slices.Clone(dims)})
}

func noiseShape(n *Node) (Shape, error) {
	if p := n.attr.num; !(p > 0 && p <= 1) {
		return nil, fmt.Errorf("keep is %v, want a probability that is not 0", p)
	}
	return given(n)
}

func noise[T Float](c *call[T]) {
	kernel.Noise(c.out, c.noise, c.n.attr.name, c.n.attr.num)
}

// SetNoise sets the key of the noise of the Runs that follow. It is 0 at first.
func (p *Plan[T]) SetNoise(key uint64) {
	for _, at := range p.wires.noise {
		*at = key
	}
}
