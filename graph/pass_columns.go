package graph

// standardizeColumns computes what brings long columns to mean 0 and variance 1, and
// its gradient, in parts and in elementwise operations, which regions join with those
// around them. For the mean m of a column, rounded, and what that has left, m',
//
//	z = r (x - m) - r m'
//
// in which x - m loses nothing, however large the mean is. The gradient needs two sums
// of each column, of d and of d (x - m), which are those that the gradients of a gain and
// a bias behind z need too.
func standardizeColumns(p *Program) *Program {
	s := standardizer{lines: map[*Node]line{}, scales: map[*Node]*Node{}, sums: map[[2]*Node]*Node{}}
	return p.rewrite(nil, s.node)
}

// A line is a value that is scale (x - center) + shift, where these are rows.
type line struct{ x, center, scale, shift *Node }

type standardizer struct {
	g      *Graph
	lines  map[*Node]line
	scales map[*Node]*Node    // by what is standardized
	sums   map[[2]*Node]*Node // by d and x: of d, or of d (x - center), as rows
}

func (s *standardizer) node(g *Graph, n *Node, args []*Node) *Node {
	s.g = g
	switch n.op {
	case opStandardize:
		if n.attr.axes[0] == 0 && long(n.shape) {
			return s.standardized(args[0], n.attr.num)
		}
	case opNormalizeScale:
		if r := s.scales[args[0]]; r != nil {
			return r
		}
	case opStandardizeGrad:
		if l, ok := s.lines[args[0]]; ok {
			return s.gradient(l, args[1], args[2])
		}
	case opReshape:
		if l, ok := s.lines[args[0]]; ok && n.attr.dims[len(n.attr.dims)-1] == lastOf(l.x) {
			l.x = g.Reshape(l.x, n.attr.dims...)
			return s.line(l)
		}
	case opMul, opAdd:
		for i, a := range args {
			if l, ok := s.lines[a]; ok && args[1-i].isRow(l.x) {
				row := args[1-i]
				if n.op == opMul {
					l.scale, l.shift = g.Mul(l.scale, row), g.Mul(l.shift, row)
				} else {
					l.shift = g.Add(l.shift, row)
				}
				return s.line(l)
			}
		}
	case opSum:
		if sum := s.sum(n, args[0]); sum != nil {
			return sum
		}
	}
	return kept(g, n, args)
}

// long tells whether a matrix has several parts.
func long(s Shape) bool { return s[1] > 1 && partsOf(s[0], s[1]) > 1 }

func lastOf(n *Node) int { return n.shape[len(n.shape)-1] }

// isRow tells whether a has an element for each place on the last axis of x.
func (a *Node) isRow(x *Node) bool {
	return len(a.shape) > 0 && lastOf(a) == lastOf(x) && a.shape.Len() == lastOf(x)
}

// line notes that the value of a new node is l.
func (s *standardizer) line(l line) *Node {
	n := s.g.Add(s.g.Mul(s.g.Sub(l.x, l.center), l.scale), l.shift)
	s.lines[n] = l
	return n
}

func (s *standardizer) standardized(x *Node, eps float64) *Node {
	parts := s.g.add(opColumnMoments, attr{}, x)
	moment := func(k int) *Node {
		return s.g.add(opJoinMoments, attr{slot: k, width: x.shape[0], num: eps}, parts)
	}
	r := moment(scaleMoment)
	z := s.line(line{x, moment(meanMoment), r, s.g.Neg(s.g.Mul(moment(restMoment), r))})
	s.scales[z] = r
	return z
}

// gradient is r (d - mean(d) - z mean(z d)). A factor of d that is a row is taken out.
func (s *standardizer) gradient(z line, r, d *Node) *Node {
	g, shape := s.g, d.shape
	d = rooted(d)
	if d.op == opMul {
		for i, a := range d.args {
			if a.isRow(d) {
				r, d = g.Mul(r, a), rooted(d.args[1-i])
				break
			}
		}
	}
	count := 1 / float64(shape[0])
	sum, dot := s.sumOf(d), s.dotOf(d, z)
	mean := g.Scale(count, g.Add(g.Mul(z.scale, dot), g.Mul(z.shift, sum)))
	flat := g.Add(g.Scale(count, sum), g.Mul(z.shift, mean))
	c := g.Sub(z.x, z.center)
	return g.Mul(g.Sub(g.Sub(g.shaped(d, shape), flat), g.Mul(c, g.Mul(z.scale, mean))), r)
}

// rooted is n without changes of shape that keep the last axis.
func rooted(n *Node) *Node {
	for n.op == opReshape && lastOf(n.args[0]) == lastOf(n) {
		n = n.args[0]
	}
	return n
}

// sum is a sum of long columns, in terms of those that the gradient needs; nil if n is
// none.
func (s *standardizer) sum(n, of *Node) *Node {
	rows, cols, ok := columns(n)
	if !ok || len(n.shape) != 1 || n.attr.num != 1 || !long(Shape{rows, cols}) {
		return nil
	}
	of = rooted(of)
	if of.op == opMul {
		for i, a := range of.args {
			if z, ok := s.lines[a]; ok && a.shape.Len() == of.shape.Len() {
				d := rooted(of.args[1-i])
				dot := s.g.Mul(z.scale, s.dotOf(d, z))
				return s.g.Reshape(s.g.Add(dot, s.g.Mul(z.shift, s.sumOf(d))), cols)
			}
		}
	}
	return s.g.Reshape(s.sumOf(of), cols)
}

// sumOf is the sum of d down each column, dotOf that of d (x - center).
func (s *standardizer) sumOf(d *Node) *Node { return s.once(d, nil, func() *Node { return d }) }

func (s *standardizer) dotOf(d *Node, z line) *Node {
	x := rooted(z.x)
	return s.once(d, x, func() *Node { return s.g.Mul(d, s.g.Sub(s.g.shaped(x, d.shape), z.center)) })
}

func (s *standardizer) once(d, x *Node, of func() *Node) *Node {
	key := [2]*Node{d, x}
	if s.sums[key] == nil {
		a := of()
		s.sums[key] = s.g.Reshape(s.g.Sum(a, allButLast(a)...), 1, lastOf(a))
	}
	return s.sums[key]
}

func allButLast(n *Node) []int {
	axes := make([]int, len(n.shape)-1)
	for i := range axes {
		axes[i] = i
	}
	return axes
}
