package graph

import "slices"

// A Layer is a place where a matrix of parameters multiplies activations.
type Layer struct {
	Weight, Bias int // among the parameters; Bias is -1 where there is none
	// Input is what the weight multiplies, (places, in). For a convolution it is nil,
	// and Pictures is what is convolved.
	Input    *Node
	Pictures *Node
	Conv     Conv
	Output   *Node // before the bias, with the outputs along the last axis
}

// Layers finds the layers whose weight y depends on in one place alone: a matrix (out,
// in) times activations that depend on x, or weights (out, in, height, width) of a
// convolution without groups; with the bias that is added to it.
func (g *Graph) Layers(y, x *Node, params ...*Node) (layers []Layer) {
	f := finder{g.below([]*Node{y}, len(g.nodes)), g.above([]*Node{x}, len(g.nodes))}
	bias := map[*Node]int{} // by what it is added to
	for k, p := range params {
		if u := f.only(g, p); u != nil && u.at.op == opAdd && len(p.shape) == 1 && len(u.path) == 0 {
			bias[u.at.args[1-u.arg]] = k
		}
	}
	for k, p := range params {
		u := f.only(g, p)
		if u == nil || u.arg != 1 {
			continue
		}
		l := Layer{Weight: k, Bias: -1, Output: u.at}
		n := u.at
		switch {
		case n.op == opMatMul && len(u.path) == 0 && !n.attr.ta && n.attr.tb:
			l.Input = n.args[0]
		case n.op == opConv && n.attr.window.groups == 1 && len(u.path) == 1 && slices.Equal(u.path[0].at.attr.axes, []int{2, 3, 1, 0}):
			l.Pictures, l.Conv = n.args[0], Conv{Stride: n.attr.window.stride, Pad: n.attr.window.pad}
		default:
			continue
		}
		if b, ok := bias[n]; ok && params[b].shape[0] == n.shape[len(n.shape)-1] {
			l.Bias = b
		}
		layers = append(layers, l)
	}
	return layers
}

// only is the place where a parameter enters, nil if there is none or several.
func (f finder) only(g *Graph, p *Node) *entry {
	all, ok := f.follow(g, p, nil)
	if !ok || len(all) != 1 {
		return nil
	}
	return &all[0]
}
