package graph

import (
	"fmt"
	"math"

	"basin/kernel"
)

// CausalAttention is softmax(q k'/sqrt(D/heads)) v for each example and head, over
// positions up to the own (Vaswani et al. 2017). qkv (N,T,3D) holds queries, keys and
// values beside one another, each of them the heads beside one another; the result is
// (N,T,D). Scores are never held for more than one head.
func (g *Graph) CausalAttention(qkv *Node, heads int) *Node {
	return g.add(opCausalAttention, attr{heads: heads}, qkv)
}

func attentionShape(n *Node) (Shape, error) {
	s, heads := n.args[0].shape, n.attr.heads
	if len(s) != 3 || heads < 1 || s[2]%(3*heads) != 0 {
		return nil, fmt.Errorf("shape %v does not hold queries, keys and values of %d heads", s, heads)
	}
	return Shape{s[0], s[1], s[2] / 3}, nil
}

func attentionGradShape(n *Node) (Shape, error) {
	s, err := attentionShape(n)
	if d := n.args[1].shape; err == nil && (len(d) != 3 || d[0] != s[0] || d[1] != s[1] || d[2] != s[2]) {
		return nil, fmt.Errorf("adjoint %v of attention %v over %v", d, s, n.args[0].shape)
	}
	return n.args[0].shape, err
}

// attentionOf tells the kernel what n asks for.
func attentionOf(n *Node) kernel.Attention {
	s := n.args[0].shape
	return kernel.Attention{Examples: s[0], Positions: s[1], Heads: n.attr.heads, Width: s[2] / (3 * n.attr.heads)}
}

func attentionRoom(n *Node) int { return attentionOf(n).Room() }

func attention[T Float](c *call[T]) {
	a := attentionOf(c.n)
	a.Examples = len(c.out) / (a.Positions * a.Heads * a.Width)
	kernel.CausalAttention(c.scratch, a, c.out, c.args[0], c.own)
}

func attentionGrad[T Float](c *call[T]) {
	a := attentionOf(c.n)
	a.Examples = len(c.out) / (a.Positions * a.Heads * a.Width * 3)
	kernel.CausalAttentionGrad(c.scratch, a, c.out, c.args[0], c.args[1], c.own)
}

// products counts the operations of matrix products alone, each over the T(T+1)/2
// pairs of positions that count.
func products(k float64) func(n *Node) float64 {
	return func(n *Node) float64 {
		s := n.args[0].shape
		return k * float64(s.Len()/3) * float64(s[1]+1)
	}
}

func attentionVJP(g *Graph, n *Node, _ int, d *Node) *Node {
	return g.add(opCausalAttentionGrad, n.attr, n.args[0], d)
}

// Derivatives beyond the first are composed of products of stacks. A heads is qkv, or
// what has its shape, as three stacks (N heads, T, D/heads) of matrices.
type heads struct{ q, k, v *Node }

func (g *Graph) heads(n, qkv *Node) heads {
	part := func(i int) *Node { return g.head(qkv, n.attr.heads, i, 3) }
	return heads{part(0), part(1), part(2)}
}

// scores are q k'/sqrt(D/heads); the function is linear in each of q and k.
func (g *Graph) scores(q, k *Node) *Node {
	return g.scaledProduct(q, k, false, true, q)
}

func (g *Graph) scaledProduct(a, b *Node, ta, tb bool, q *Node) *Node {
	if !q.ok() {
		return q
	}
	return g.Scale(1/math.Sqrt(float64(q.shape[2])), g.BatchMatMul(a, b, ta, tb))
}

// The tangent, in a direction c of qkv, of p v for p = softmax(s) is p v_c + p_c v, with
// p_c the derivative of the softmax times s_c = scores(q_c, k) + scores(q, k_c).
func attentionJVP(g *Graph, n *Node, _ int, c *Node) *Node {
	x, dx := g.heads(n, n.args[0]), g.heads(n, c)
	p := g.CausalSoftmax(g.scores(x.q, x.k))
	dp := g.causalGrad(p, g.scoresAlong(x, dx))
	o := g.Add(g.BatchMatMul(p, dx.v, false, false), g.BatchMatMul(dp, x.v, false, false))
	return g.merged(o, n.attr.heads, 0, 1)
}

func (g *Graph) scoresAlong(x, dx heads) *Node {
	return g.Add(g.scores(dx.q, x.k), g.scores(x.q, dx.k))
}

// The gradient is linear in d; its derivative in d is the adjoint of that of attention.
// Its derivative in qkv is the Hessian of <d, attention(qkv)>, a symmetric matrix: the
// tangent of
//
//	dq = ds k / sqrt(D/heads)    dk = ds' q / sqrt(D/heads)    dv = p' d
//
// with ds = J(s) d v', where J is the derivative of the softmax.
func attentionGradRule(g *Graph, n *Node, c *Node) *Node {
	x, dx, count := g.heads(n, n.args[0]), g.heads(n, c), n.attr.heads
	d := g.head(n.args[1], count, 0, 1)
	p := g.CausalSoftmax(g.scores(x.q, x.k))
	pc := g.causalGrad(p, g.scoresAlong(x, dx))
	dp := g.BatchMatMul(d, x.v, false, true)
	ds := g.causalGrad(p, dp)
	dsc := g.Add(g.softmaxTwice(p, pc, dp), g.causalGrad(p, g.BatchMatMul(d, dx.v, false, true)))
	dq := g.Add(g.scaledProduct(dsc, x.k, false, false, x.q), g.scaledProduct(ds, dx.k, false, false, x.q))
	dk := g.Add(g.scaledProduct(dsc, x.q, true, false, x.q), g.scaledProduct(ds, dx.q, true, false, x.q))
	dv := g.BatchMatMul(pc, d, true, false)
	return g.Add(g.Add(g.merged(dq, count, 0, 3), g.merged(dk, count, 1, 3)), g.merged(dv, count, 2, 3))
}

func attentionGradJVP(g *Graph, n *Node, i int, c *Node) *Node {
	if i == 1 {
		return g.add(n.op, n.attr, n.args[0], c)
	}
	return attentionGradRule(g, n, c)
}

func attentionGradVJP(g *Graph, n *Node, i int, c *Node) *Node {
	if i == 1 {
		return attentionJVP(g, n, 0, c)
	}
	return attentionGradRule(g, n, c)
}
