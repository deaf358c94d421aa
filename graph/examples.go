package graph

import "slices"

// ExampleGradients gives the gradient of each example's own part of y with respect to
// each of params, (rows, shape...), for a scalar y that is a sum over examples. x is
// what examples differ in. It and all that depends on it must have the examples
// along the first axis, rows of them with equally many places each, and no example
// may depend on another. It reports false where a parameter enters in a way for
// which no rule is known.
func (g *Graph) ExampleGradients(y, x *Node, rows int, params ...*Node) ([]*Node, bool) {
	entries, ok := g.entries(y, x, params)
	if !ok {
		return nil, false
	}
	adjoints := g.entryAdjoints(y, entries)
	grads := make([]*Node, len(params))
	for k, uses := range entries {
		for _, u := range uses {
			d := g.exampleGradient(u, rows, adjoints[u.at])
			if d == nil {
				return nil, false
			}
			if grads[k] != nil {
				d = g.Add(grads[k], d)
			}
			grads[k] = d
		}
		if grads[k] == nil {
			grads[k] = g.Broadcast(g.Const(0), append(Shape{rows}, params[k].shape...)...)
		}
	}
	return grads, true
}

// ExampleSquares gives the squared norm of each example's gradient, (rows), on the
// terms of ExampleGradients, most of which it does without: that of a matrix which
// is multiplied with one vector of each example is |x|^2 |d|^2 (Goodfellow 2015, arXiv
// 1510.01799), and with several the sum of (x x')(d d').
func (g *Graph) ExampleSquares(y, x *Node, rows int, params ...*Node) (*Node, bool) {
	entries, ok := g.entries(y, x, params)
	if !ok {
		return nil, false
	}
	adjoints := g.entryAdjoints(y, entries)
	sum := g.Broadcast(g.Const(0), rows)
	for k, p := range params {
		if uses := entries[k]; len(uses) == 1 {
			if s := g.productSquares(uses[0], rows, adjoints[uses[0].at]); s != nil {
				sum = g.Add(sum, s)
				continue
			}
		}
		grad, ok := g.ExampleGradients(y, x, rows, p)
		if !ok {
			return nil, false
		}
		sum = g.Add(sum, g.Sum(g.Square(g.Reshape(grad[0], rows, p.shape.Len())), 1))
	}
	return sum, true
}

// An entry is a place where a parameter meets what depends on the examples.
type entry struct {
	link
	path []link // what becomes of it on the way there
}

// A link is a node that depends on argument arg.
type link struct {
	at  *Node
	arg int
}

// entries finds, for each parameter, the places where y depends on it. It reports
// false if there is no rule for what becomes of one on the way.
func (g *Graph) entries(y, x *Node, params []*Node) ([][]entry, bool) {
	f := finder{g.below([]*Node{y}, len(g.nodes)), g.above([]*Node{x}, len(g.nodes))}
	all := make([][]entry, len(params))
	for k, p := range params {
		var ok bool
		if all[k], ok = f.follow(g, p, nil); !ok {
			return nil, false
		}
	}
	return all, true
}

type finder struct{ needed, varies []bool }

func (f finder) follow(g *Graph, p *Node, path []link) (all []entry, ok bool) {
	for id, n := range g.nodes[:len(f.needed)] {
		for i, a := range n.args {
			s := link{n, i}
			switch {
			case a != p || !f.needed[id]:
			case f.varies[id]:
				all = append(all, entry{s, path})
			case n.op == opReshape || n.op == opTranspose || s.alone():
				more, ok := f.follow(g, n, append(path[:len(path):len(path)], s))
				if !ok {
					return nil, false
				}
				all = append(all, more...)
			default:
				return nil, false
			}
		}
	}
	return all, true
}

// alone tells whether element i of the value depends on element i of the argument
// and no other on that.
func (s link) alone() bool {
	return s.at.row.flags&elementwise != 0 && slices.Equal(s.at.args[s.arg].shape, s.at.shape)
}

// entryAdjoints gives the adjoint of each node at which a parameter enters.
func (g *Graph) entryAdjoints(y *Node, entries [][]entry) map[*Node]*Node {
	adjoints := map[*Node]*Node{}
	var at []*Node
	for _, uses := range entries {
		for _, u := range uses {
			if !slices.Contains(at, u.at) {
				at = append(at, u.at)
			}
		}
	}
	for i, d := range g.Gradient(y, at...) {
		adjoints[at[i]] = d
	}
	return adjoints
}

// exampleGradient is the part of each example's gradient that comes from one entry
// with adjoint d, (rows, shape of the parameter...); nil if there is no rule.
func (g *Graph) exampleGradient(u entry, rows int, d *Node) *Node {
	n := u.at
	if len(n.shape) == 0 || n.shape[0]%rows != 0 {
		return nil
	}
	var e *Node
	switch {
	case n.op == opMatMul && u.arg == 1 && !n.attr.ta:
		e = g.exampleMatMul(n.args[0], d, rows, n.attr.tb)
	case n.op == opEmbed && u.arg == 0:
		v := n.args[0].shape[0]
		hot := g.Scatter(g.Broadcast(g.Const(1), n.shape[0]), n.args[1], v)
		e = g.exampleMatMul(hot, d, rows, false)
	case n.op == opConv && u.arg == 1 && n.shape[0] == rows:
		e = g.exampleConv(n, d)
	case n.row.flags&elementwise != 0:
		e = g.examplePairs(u, rows, d)
	}
	if e == nil {
		return nil
	}
	for _, s := range slices.Backward(u.path) {
		e = g.exampleLink(s, rows, e)
	}
	return e
}

// exampleLink takes each example's adjoint of the value of a link to its argument.
func (g *Graph) exampleLink(s link, rows int, e *Node) *Node {
	n := s.at
	from := append(Shape{rows}, n.args[s.arg].shape...)
	switch n.op {
	case opReshape:
		return g.Reshape(e, from...)
	case opTranspose:
		order := make([]int, len(from))
		for i, k := range n.attr.axes {
			order[k+1] = i + 1
		}
		return g.Transpose(e, order...)
	}
	return g.repeatedVJP(s, from, e)
}

// repeatedVJP is the adjoint of an argument of an elementwise op as it would be if all
// arguments were repeated to the given shape.
func (g *Graph) repeatedVJP(s link, to Shape, d *Node) *Node {
	if s.at.row.flat>>s.arg&1 != 0 {
		return g.Broadcast(g.Const(0), to...)
	}
	var args []*Node
	for _, a := range s.at.args {
		args = append(args, g.Broadcast(a, to...))
	}
	return s.at.row.vjp(g, g.add(s.at.op, s.at.attr, args...), s.arg, d)
}

// exampleMatMul is x'd of each example, or d'x where the matrix was transposed.
func (g *Graph) exampleMatMul(x, d *Node, rows int, transposed bool) *Node {
	x, d = g.stacked(x, rows), g.stacked(d, rows)
	if transposed {
		x, d = d, x
	}
	return g.BatchMatMul(x, d, true, false)
}

// stacked gives a matrix as a stack of one matrix for each example.
func (g *Graph) stacked(m *Node, rows int) *Node {
	return g.Reshape(m, rows, m.shape[0]/rows, m.shape[1])
}

// exampleConv takes examples for groups of channels of a single picture.
func (g *Graph) exampleConv(n, d *Node) *Node {
	x, w, by := n.args[0], n.args[1].shape, n.attr.window
	rows := x.shape[0]
	by.groups *= rows
	e := g.convWeight(g.abreast(x), g.abreast(d), by, w[0], w[1])
	return g.Transpose(g.Reshape(e, w[0], w[1], w[2], rows, w[3]), 3, 0, 1, 2, 4)
}

// abreast puts the channels of pictures beside one another, (1,H,W,N C).
func (g *Graph) abreast(x *Node) *Node {
	s := x.shape
	return g.Reshape(g.Transpose(x, 1, 2, 0, 3), 1, s[1], s[2], s[0]*s[3])
}

// examplePairs is that of an elementwise op: the adjoint of the parameter repeated for
// every element, summed over those of an example that share it.
func (g *Graph) examplePairs(u entry, rows int, d *Node) *Node {
	n, p := u.at, u.at.args[u.arg]
	shared := p.shape.repeated(n.shape)
	if len(shared) == 0 || shared[0] != 0 {
		return nil
	}
	d = g.repeatedVJP(u.link, n.shape, d)
	axes := []int{1}
	for _, k := range shared[1:] {
		axes = append(axes, k+1)
	}
	d = g.Reshape(d, append(Shape{rows, n.shape[0] / rows}, n.shape[1:]...)...)
	return g.Reshape(g.Sum(d, axes...), append(Shape{rows}, p.shape...)...)
}

// productSquares is the squared norm of each example's part at a product of matrices;
// nil where the gradients themselves take less work, or at any other op.
func (g *Graph) productSquares(u entry, rows int, d *Node) *Node {
	n := u.at
	if n.op != opMatMul || u.arg != 1 || n.attr.ta || n.shape[0]%rows != 0 || slices.ContainsFunc(u.path, link.alone) {
		return nil
	}
	x := n.args[0]
	places, in, out := n.shape[0]/rows, x.shape[1], n.shape[1]
	if places == 1 {
		return g.Mul(g.Sum(g.Square(x), 1), g.Sum(g.Square(d), 1))
	}
	if places*(in+out) >= in*out {
		return nil
	}
	x, d = g.stacked(x, rows), g.stacked(d, rows)
	return g.Sum(g.Mul(g.BatchMatMul(x, x, false, true), g.BatchMatMul(d, d, false, true)), 1, 2)
}
