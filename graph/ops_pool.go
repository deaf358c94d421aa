package graph

import (
	"fmt"
	"slices"

	"basin/kernel"
)

// MaxPool takes the largest element of each window of size x size pixels, stride
// pixels apart, of pictures x (N,H,W,C): (N,OH,OW,C). Padding never is the largest,
// and of equal elements the first is. The place of the largest is constant to
// derivatives.
func (g *Graph) MaxPool(x *Node, size, stride, pad int) *Node {
	return g.add(opMaxPool, attr{window: window{size: size, stride: stride, pad: pad}}, x)
}

// AvgPool takes the mean of each window, of its elements that are inside of the
// picture.
func (g *Graph) AvgPool(x *Node, size, stride, pad int) *Node {
	return g.add(opAvgPool, attr{window: window{size: size, stride: stride, pad: pad}}, x)
}

// pooled is the shape of x pooled.
func (by window) pooled(x Shape) (Shape, error) {
	if len(x) != 4 {
		return nil, fmt.Errorf("shape %v is not (N,H,W,C)", x)
	}
	h, w := by.pool(x).Out()
	problem := ""
	switch {
	case by.size < 1 || by.stride < 1 || by.pad < 0:
		problem = "the window or the stride is less than 1 or the padding less than 0"
	case by.pad >= by.size:
		problem = "the padding is not less than the window"
	case h < 1 || w < 1:
		problem = "the window is larger than the picture"
	default:
		return Shape{x[0], h, w, x[3]}, nil
	}
	return nil, fmt.Errorf("input %v and window %d, stride %d, padding %d: %s", x, by.size, by.stride, by.pad, problem)
}

// pool is the geometry of x pooled.
func (by window) pool(x Shape) *kernel.PoolShape {
	return &kernel.PoolShape{H: x[1], W: x[2], C: x[3], Size: by.size, Stride: by.stride, Pad: by.pad}
}

func poolShape(n *Node) (Shape, error) { return n.attr.window.pooled(n.args[0].shape) }

func maxPool[T Float](c *call[T]) {
	kernel.MaxPool(c.out, c.args[0], c.n.attr.window.pool(c.n.args[0].shape))
}

func avgPool[T Float](c *call[T]) {
	kernel.AvgPool(c.out, c.args[0], c.n.attr.window.pool(c.n.args[0].shape))
}

// avg_pool_input is the adjoint of avg_pool, in pictures whose shape is an attribute.

func avgPoolInputShape(n *Node) (Shape, error) {
	return n.attr.dims, n.attr.window.pools(n.attr.dims, n.args[0].shape)
}

// pools tells what is wrong if x is not pooled to the shape y.
func (by window) pools(x, y Shape) error {
	have, err := by.pooled(x)
	if err == nil && !slices.Equal(have, y) {
		err = fmt.Errorf("input %v is pooled to %v, not %v", x, have, y)
	}
	return err
}

func avgPoolInput[T Float](c *call[T]) {
	kernel.AvgPoolInput(c.out, c.args[0], c.n.attr.window.pool(c.n.shape))
}

func avgPoolVJP(g *Graph, n *Node, _ int, d *Node) *Node {
	return g.add(opAvgPoolInput, attr{window: n.attr.window, dims: n.args[0].shape}, d)
}

func avgPoolInputVJP(g *Graph, n *Node, _ int, d *Node) *Node {
	return g.add(opAvgPool, attr{window: n.attr.window}, d)
}

// max_pool_gather(x, a) takes the elements of a where those of x are the largest: the
// tangent of max_pool at x. max_pool_scatter(x, d) puts d there: its adjoint. Both are
// linear in the second argument and constant in the first.

func maxPoolGatherShape(n *Node) (Shape, error) {
	x, a := n.args[0].shape, n.args[1].shape
	if !slices.Equal(x, a) {
		return nil, fmt.Errorf("shapes %v and %v differ", x, a)
	}
	return n.attr.window.pooled(x)
}

func maxPoolScatterShape(n *Node) (Shape, error) {
	x := n.args[0].shape
	return x, n.attr.window.pools(x, n.args[1].shape)
}

func maxPoolGather[T Float](c *call[T]) {
	kernel.MaxPoolGather(c.out, c.args[0], c.args[1], c.n.attr.window.pool(c.n.args[0].shape))
}

func maxPoolScatter[T Float](c *call[T]) {
	kernel.MaxPoolScatter(c.out, c.args[0], c.args[1], c.n.attr.window.pool(c.n.shape))
}

func maxPoolJVP(g *Graph, n *Node, _ int, d *Node) *Node {
	return g.add(opMaxPoolGather, attr{window: n.attr.window}, n.args[0], d)
}

func maxPoolVJP(g *Graph, n *Node, _ int, d *Node) *Node {
	return g.add(opMaxPoolScatter, attr{window: n.attr.window}, n.args[0], d)
}
