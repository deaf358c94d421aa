package graph

import (
	"cmp"
	"slices"
)

// regions makes one node of elementwise ops that can be computed together, with the
// sums of rows or columns at their ends. Values and their bits stay: each element is
// computed by the same kernels.
func regions(p *Program) *Program {
	k := newClusters(p)
	k.absorb()
	k.chain()
	k.pair()
	return k.emit()
}

// mostOps bounds a region to what fits the first-level cache.
const mostOps = 32

// A cluster is nodes that are to be one region; nil for nodes in none.
type cluster struct {
	space   Shape
	members []*Node // in order
	seen    int     // the last search that met it
}

type clusters struct {
	p      *Program
	of     []*cluster // by node
	users  [][]*Node  // by node
	output []bool     // by node
	seen   []int      // by node, the last search that met it
	search int
}

// newClusters puts each node that can be in a region into a cluster of its own.
func newClusters(p *Program) *clusters {
	size := len(p.g.nodes)
	k := &clusters{p: p, of: make([]*cluster, size), users: make([][]*Node, size), output: make([]bool, size), seen: make([]int, size)}
	for _, n := range p.g.nodes {
		for _, a := range n.args {
			if u := k.users[a.id]; len(u) == 0 || u[len(u)-1] != n {
				k.users[a.id] = append(u, n)
			}
		}
		c := &cluster{members: []*Node{n}}
		switch {
		case n.row.flags&elementwise != 0 && n.shape.Len() > 1:
			c.space = n.shape
		case n.op == opSum || n.op == opSumParts:
			c.space = n.args[0].shape
		default:
			continue
		}
		k.of[n.id] = c
	}
	for _, n := range p.outputs {
		k.output[n.id] = true
	}
	return k
}

// absorb merges each node into the cluster that all its uses are in, but for slopes that
// one loop computes with the function: they go where that is, so that it is not computed
// again from an argument that is kept for it.
func (k *clusters) absorb() {
	for _, n := range slices.Backward(k.p.g.nodes) {
		if k.of[n.id] == nil || k.output[n.id] || len(k.users[n.id]) == 0 || k.slope(n) {
			continue
		}
		to := k.of[k.users[n.id][0].id]
		if to != nil && !slices.ContainsFunc(k.users[n.id], func(u *Node) bool { return k.of[u.id] != to }) {
			k.merge(to, k.of[n.id])
		}
	}
}

// slope tells whether the function that n is the slope of is computed too.
func (k *clusters) slope(n *Node) bool {
	return n.op == opGELUSlope && slices.ContainsFunc(k.users[n.args[0].id], func(u *Node) bool { return u.op == opGELU })
}

// chain merges clusters one of which needs the other.
func (k *clusters) chain() {
	for _, n := range k.p.g.nodes {
		for _, a := range n.args {
			if k.of[n.id] != nil && k.of[a.id] != nil {
				k.merge(k.of[a.id], k.of[n.id])
			}
		}
	}
}

// pair merges clusters that read the same array over the whole of their space.
func (k *clusters) pair() {
	for _, a := range k.p.g.nodes {
		var first *cluster
		for _, u := range k.users[a.id] {
			c := k.of[u.id]
			switch {
			case c == nil || !slices.Equal(c.space, a.shape):
			case first == nil:
				first = c
			default:
				k.merge(first, c)
				first = k.of[u.id]
			}
		}
	}
}

// merge makes one cluster of two, if they can be computed together.
func (k *clusters) merge(a, b *cluster) {
	if a == b || !slices.Equal(a.space, b.space) || len(a.members)+len(b.members) > mostOps || k.between(a, b) || k.between(b, a) {
		return
	}
	c := &cluster{space: a.space, members: slices.Concat(a.members, b.members)}
	slices.SortFunc(c.members, func(x, y *Node) int { return cmp.Compare(x.id, y.id) })
	for _, n := range c.members {
		k.of[n.id] = c
	}
	if !k.possible(c) {
		for _, back := range []*cluster{a, b} {
			for _, n := range back.members {
				k.of[n.id] = back
			}
		}
	}
}

// possible tells whether nothing in a cluster needs a sum that ends there, and there is
// a way through its space.
func (k *clusters) possible(c *cluster) bool {
	for _, n := range c.members {
		within := func(u *Node) bool { return k.of[u.id] == c }
		if n.row.flags&elementwise == 0 && slices.ContainsFunc(k.users[n.id], within) {
			return false
		}
	}
	r, args := k.region(c)
	return r.tile(args) != nil
}

// between tells whether something outside both needs a and is needed by b.
func (k *clusters) between(a, b *cluster) bool {
	k.search++
	var todo []*Node
	visit := func(n *Node) {
		for _, x := range n.args {
			if k.seen[x.id] != k.search {
				k.seen[x.id] = k.search
				todo = append(todo, x)
			}
		}
	}
	for _, n := range b.members {
		for _, x := range n.args {
			if c := k.of[x.id]; (c == nil || c != a && c != b) && k.seen[x.id] != k.search {
				k.seen[x.id] = k.search
				todo = append(todo, x)
			}
		}
	}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		c := k.of[n.id]
		switch {
		case c == nil:
			visit(n)
		case c == a:
			return true
		case c.seen != k.search:
			c.seen = k.search
			for _, m := range c.members {
				visit(m)
			}
		}
	}
	return false
}
