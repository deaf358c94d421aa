package graph

import "fmt"

// Part is part i of n equal parts of the last axis of (N,T,nD).
func (g *Graph) Part(a *Node, i, n int) *Node { return g.head(a, 1, i, n) }

// head takes part i of n equal parts of the last axis of (N,T,nD) and gives each of the
// heads beside one another in it a matrix: (N heads, T, D/heads).
func (g *Graph) head(a *Node, heads, i, n int) *Node {
	return g.add(opHeads, attr{heads: heads, part: i, parts: n}, a)
}

// merged is the adjoint of head: the other parts are zero.
func (g *Graph) merged(a *Node, heads, i, n int) *Node {
	return g.add(opMergeHeads, attr{heads: heads, part: i, parts: n}, a)
}

func headsShape(n *Node) (Shape, error) {
	s, a := n.args[0].shape, n.attr
	if len(s) != 3 || s[2]%(a.parts*a.heads) != 0 {
		return nil, fmt.Errorf("shape %v does not hold %d parts of %d heads", s, a.parts, a.heads)
	}
	return Shape{s[0] * a.heads, s[1], s[2] / (a.parts * a.heads)}, nil
}

func mergeHeadsShape(n *Node) (Shape, error) {
	s, a := n.args[0].shape, n.attr
	if len(s) != 3 || s[0]%a.heads != 0 {
		return nil, fmt.Errorf("shape %v does not hold stacks of %d heads", s, a.heads)
	}
	return Shape{s[0] / a.heads, s[1], s[2] * a.parts * a.heads}, nil
}

// eachHead calls f with the places of a row of a head: in the stack and in the whole.
func eachHead(a attr, stack Shape, f func(inStack, inWhole int)) {
	positions, width := stack[1], stack[2]
	for h := range stack[0] {
		for t := range positions {
			row := (h/a.heads*positions+t)*a.parts + a.part
			f((h*positions+t)*width, (row*a.heads+h%a.heads)*width)
		}
	}
}

func headsOf[T Float](c *call[T]) {
	w := c.n.shape[2]
	eachHead(c.n.attr, c.n.shape, func(s, x int) { copy(c.out[s:][:w], c.args[0][x:]) })
}

func mergeHeads[T Float](c *call[T]) {
	stack := c.n.args[0].shape
	w := stack[2]
	if c.n.attr.parts > 1 {
		clear(c.out)
	}
	eachHead(c.n.attr, stack, func(s, x int) { copy(c.out[x:][:w], c.args[0][s:]) })
}

func headsVJP(g *Graph, n *Node, _ int, d *Node) *Node {
	return g.add(opMergeHeads, n.attr, d)
}

func mergeHeadsVJP(g *Graph, n *Node, _ int, d *Node) *Node {
	return g.add(opHeads, n.attr, d)
}
