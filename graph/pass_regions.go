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

// absorb merges each node into the cluster that all its uses are in.
func (k *clusters) absorb() {
	for _, n := range slices.Backward(k.p.g.nodes) {
		if k.of[n.id] == nil || k.output[n.id] || len(k.users[n.id]) == 0 {
			continue
		}
		to := k.of[k.users[n.id][0].id]
		if to != nil && !slices.ContainsFunc(k.users[n.id], func(u *Node) bool { return k.of[u.id] != to }) {
			k.merge(to, k.of[n.id])
		}
	}
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

// region makes the region of a cluster, and gives the arguments it has.
func (k *clusters) region(c *cluster) (*region, []*Node) {
	r := &region{space: c.space}
	var args []*Node
	for _, n := range c.members {
		for _, a := range n.args {
			if k.of[a.id] != c && !slices.Contains(args, a) {
				args = append(args, a)
			}
		}
	}
	value := map[*Node]int{}
	for j, a := range args {
		value[a] = j
	}
	var sums []regionOut
	for _, n := range c.members {
		if n.row.flags&elementwise == 0 {
			sums = append(sums, regionOut{value[n.args[0]], n.shape, n})
			continue
		}
		v := len(args) + len(r.ops)
		value[n] = v
		var from []int
		for _, a := range n.args {
			from = append(from, value[a])
		}
		r.ops, r.args = append(r.ops, n), append(r.args, from)
		if k.output[n.id] || slices.ContainsFunc(k.users[n.id], func(u *Node) bool { return k.of[u.id] != c }) {
			r.outs = append(r.outs, regionOut{v, n.shape, nil})
		}
	}
	slices.Reverse(r.outs) // the last may take the memory of any argument
	r.outs = append(r.outs, sums...)
	return r, args
}

// pays tells whether a region is better than its nodes one by one: if there are
// several, if it can be split, or if an argument is repeated within short rows.
func (r *region) pays(args []*Node) bool {
	t := r.tile(args)
	switch {
	case len(r.members()) > 1:
		return true
	case len(r.ops) == 0 || t == nil:
		return false
	}
	repeats := func(l load) bool { return l.kind != whole }
	return t.rows > t.part || t.cols < shortRow && t.rows*t.cols > shortRow && slices.ContainsFunc(t.loads, repeats)
}

// shortRow is the length of a row for which alone a kernel is hardly worth a call.
const shortRow = 128

// emit writes the program with a node for each region that pays. Nodes stay in order
// but where a region needs them earlier; a region comes where its last node was.
func (k *clusters) emit() *Program {
	q := New()
	q.inputs = k.p.g.inputs
	e := &emitter{clusters: k, g: q, by: make([]*Node, len(k.of)), made: map[*cluster]bool{}}
	for _, n := range k.p.g.nodes {
		if c := k.of[n.id]; c == nil || n == c.members[len(c.members)-1] {
			e.node(n)
		}
	}
	q.scope = ""
	return &Program{q, replace(k.p.outputs, e.by)}
}

type emitter struct {
	*clusters
	g    *Graph
	by   []*Node
	made map[*cluster]bool
}

func (e *emitter) node(n *Node) {
	if e.by[n.id] != nil {
		return
	}
	if c := e.of[n.id]; c != nil {
		if !e.made[c] {
			e.made[c] = true
			if r, args := e.region(c); r.pays(args) {
				e.fused(c, r, args)
				return
			}
		}
	}
	for _, a := range n.args {
		e.node(a)
	}
	e.g.scope = n.scope
	e.by[n.id] = kept(e.g, n, replace(n.args, e.by))
}

// fused writes a region and its parts.
func (e *emitter) fused(c *cluster, r *region, args []*Node) {
	for _, a := range args {
		e.node(a)
	}
	last := c.members[len(c.members)-1]
	e.g.scope = last.scope
	n := e.g.add(opFused, attr{region: r}, replace(args, e.by)...)
	for i, o := range r.outs {
		of := o.fold
		if of == nil {
			of = r.ops[o.value-len(args)]
		}
		if e.by[of.id] = n; i > 0 {
			e.by[of.id] = e.g.add(opPart, attr{slot: i}, n)
		}
	}
}
