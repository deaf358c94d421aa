package graph

import (
	"fmt"
	"slices"

	"basin/kernel"
)

// Conv says how a convolution goes over pictures.
type Conv struct {
	Stride int // pixels from one window to the next
	Pad    int // pixels of zeros on each side of the picture
	Groups int // of channels; 0 and 1: dense, the number of channels: depthwise
}

// Conv2D convolves pictures x (N,H,W,C) with weights w (KH,KW,C/groups,O) into
// (N,OH,OW,O), as kernel.Conv does.
//
// It is bilinear. With its adjoint in x, conv_input, and its adjoint in w,
// conv_weight, it makes a family: <conv(x,w), y> = <x, conv_input(y,w)> =
// <w, conv_weight(x,y)>, and the derivatives of each are the other two.
func (g *Graph) Conv2D(x, w *Node, c Conv) *Node {
	return g.add(opConv, attr{window: window{stride: c.Stride, pad: c.Pad, groups: max(c.Groups, 1)}}, x, w)
}

// convInput is the adjoint in pictures of the given height and width.
func (g *Graph) convInput(y, w *Node, by window, size ...int) *Node {
	return g.add(opConvInput, attr{window: by, dims: size}, y, w)
}

// convWeight is the adjoint in weights of the given height and width.
func (g *Graph) convWeight(x, y *Node, by window, size ...int) *Node {
	return g.add(opConvWeight, attr{window: by, dims: size}, x, y)
}

// A window is how convolution and pooling go over pictures. The size of a
// convolution's is that of its weights.
type window struct{ size, stride, pad, groups int }

// convolved is the shape of the convolution of x with w.
func (by window) convolved(x, w Shape) (Shape, error) {
	if len(x) != 4 || len(w) != 4 {
		return nil, fmt.Errorf("input %v and weight %v are not both of four axes, (N,H,W,C) and (KH,KW,C,O)", x, w)
	}
	h, wide := by.kernel(x, w).Out()
	problem := ""
	switch {
	case by.stride < 1 || by.pad < 0:
		problem = "the stride is less than 1 or the padding less than 0"
	case x[3] != w[2]*by.groups || w[3]%by.groups != 0:
		problem = "the channels do not fit the groups"
	case h < 1 || wide < 1:
		problem = "the window is larger than the picture"
	default:
		return Shape{x[0], h, wide, w[3]}, nil
	}
	return nil, fmt.Errorf("input %v and weight %v, stride %d, padding %d, groups %d: %s", x, w, by.stride, by.pad, by.groups, problem)
}

// kernel is the geometry of the convolution of x with w.
func (by window) kernel(x, w Shape) *kernel.ConvShape {
	return &kernel.ConvShape{H: x[1], W: x[2], C: x[3], KH: w[0], KW: w[1], O: w[3], Stride: by.stride, Pad: by.pad, Groups: by.groups}
}

func convShape(n *Node) (Shape, error) {
	return n.attr.window.convolved(n.args[0].shape, n.args[1].shape)
}

// The shape of an adjoint follows from its size if the convolution of such a shape
// has the shape of y.

func convInputShape(n *Node) (Shape, error) {
	y, w := n.args[0].shape, n.args[1].shape
	if len(y) != 4 || len(w) != 4 {
		return nil, fmt.Errorf("output %v and weight %v are not both of four axes", y, w)
	}
	x := Shape{y[0], n.attr.dims[0], n.attr.dims[1], w[2] * n.attr.window.groups}
	return x, n.attr.window.yields(x, w, y)
}

func convWeightShape(n *Node) (Shape, error) {
	x, y := n.args[0].shape, n.args[1].shape
	if len(x) != 4 || len(y) != 4 {
		return nil, fmt.Errorf("input %v and output %v are not both of four axes", x, y)
	}
	w := Shape{n.attr.dims[0], n.attr.dims[1], x[3] / n.attr.window.groups, y[3]}
	return w, n.attr.window.yields(x, w, y)
}

func (by window) yields(x, w, y Shape) error {
	have, err := by.convolved(x, w)
	if err == nil && !slices.Equal(have, y) {
		err = fmt.Errorf("the output of input %v and weight %v is %v, not %v", x, w, have, y)
	}
	return err
}

func conv[T Float](c *call[T]) {
	kernel.Conv(c.scratch, c.out, c.args[0], c.args[1], c.n.attr.window.kernel(c.n.args[0].shape, c.n.args[1].shape))
}

func convInput[T Float](c *call[T]) {
	kernel.ConvInput(c.scratch, c.out, c.args[0], c.args[1], c.n.attr.window.kernel(c.n.shape, c.n.args[1].shape))
}

// convPart is the number of pictures whose contributions to the weights are summed on
// their own; the sums of the parts are then added in order.
const convPart = 32

// convWeightRoom is for the sum of a part.
func convWeightRoom(n *Node) int {
	if n.args[0].shape[0] <= convPart {
		return 0
	}
	return n.shape.Len()
}

func convWeight[T Float](c *call[T]) {
	v := c.n.attr.window.kernel(c.n.args[0].shape, c.n.shape)
	pictures := c.n.args[0].shape[0]
	x, y := len(c.args[0])/pictures, len(c.args[1])/pictures
	sum := c.out
	for from := 0; from < pictures; from += convPart {
		to := min(from+convPart, pictures)
		kernel.ConvWeight(c.scratch, sum, c.args[0][from*x:to*x], c.args[1][from*y:to*y], v)
		if from > 0 {
			kernel.Add(c.out, c.out, sum)
		}
		sum = c.room
	}
}

// conv_weight_parts has the sum of each part on its own.

func convWeightPartsShape(n *Node) (Shape, error) {
	w, err := convWeightShape(n)
	return append(Shape{(n.args[0].shape[0] + convPart - 1) / convPart}, w...), err
}

func convWeightParts[T Float](c *call[T]) {
	shape := c.n.args[0].shape
	v := c.n.attr.window.kernel(shape, c.n.shape[1:])
	x, y, w := len(c.args[0])/shape[0], len(c.args[1])/shape[0], c.n.shape[1:].Len()
	for p := c.lo; p < c.hi; p++ {
		from, to := p*convPart, min((p+1)*convPart, shape[0])
		kernel.ConvWeight(c.scratch, c.out[p*w:][:w], c.args[0][from*x:to*x], c.args[1][from*y:to*y], v)
	}
}

func convVJP(g *Graph, n *Node, i int, d *Node) *Node {
	x, w, by := n.args[0], n.args[1], n.attr.window
	if i == 0 {
		return g.convInput(d, w, by, x.shape[1], x.shape[2])
	}
	return g.convWeight(x, d, by, w.shape[0], w.shape[1])
}

func convInputVJP(g *Graph, n *Node, i int, d *Node) *Node {
	y, w, by := n.args[0], n.args[1], n.attr.window
	if i == 0 {
		return g.add(opConv, attr{window: by}, d, w)
	}
	return g.convWeight(d, y, by, w.shape[0], w.shape[1])
}

func convWeightVJP(g *Graph, n *Node, i int, d *Node) *Node {
	x, y, by := n.args[0], n.args[1], n.attr.window
	if i == 0 {
		return g.convInput(y, d, by, x.shape[1], x.shape[2])
	}
	return g.add(opConv, attr{window: by}, x, d)
}

func convFlops(n *Node) float64 {
	// Each of the three multiplies every output by every weight of its group once.
	y, w := n.shape, n.args[1].shape
	switch n.op {
	case opConvInput:
		y = n.args[0].shape
	case opConvWeight:
		y, w = n.args[1].shape, n.shape
	case opConvWeightParts:
		y, w = n.args[1].shape, n.shape[1:]
	}
	return 2 * float64(y.Len()) * float64(w.Len()/w[3])
}
