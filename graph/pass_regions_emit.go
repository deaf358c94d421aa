package graph

import "slices"

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
	return t.rows > t.part || t.cols < shortRow && t.rows > fewRows && slices.ContainsFunc(t.loads, repeats)
}

// A kernel is hardly worth a call for a row shorter than shortRow; a region costs as much
// as such calls for a few rows.
const (
	shortRow = 128
	fewRows  = 8
)

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
