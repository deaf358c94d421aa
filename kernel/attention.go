package kernel

import "math"

// An Attention is the size of a causal attention over examples of as many positions
// and heads, each of the width of its queries, keys and values. Queries, keys and
// values lie in qkv (Examples, Positions, 3, Heads, Width), all else beside it in
// (Examples, Positions, Heads, Width).
type Attention struct{ Examples, Positions, Heads, Width int }

// attentionRows is the number of queries that are taken together. They meet the keys
// up to the last of them, so that most products with later keys, which do not count,
// are not computed.
const attentionRows = 32

// Room is the number of elements that the kernels need to work in.
func (a Attention) Room() int {
	return 2 * (min(attentionRows, a.Positions) + a.Width) * lined[float32](a.Positions)
}

// CausalAttention sets out to softmax(q k'/sqrt(Width)) v for each example and head,
// where a position attends to itself and to those before it.
func CausalAttention[T Float](s *Scratch[T], a Attention, out, qkv, room []T) {
	for x := range a.Examples * a.Heads {
		h := newHead(a, x, qkv, out, room)
		h.transpose(h.kt, h.k)
		for from := 0; from < a.Positions; from += attentionRows {
			p, rows, n := h.probabilities(s, from)
			MatMul(s, h.beside[from*h.besideRow:], h.besideRow, p, h.line, 1, h.v, h.row, 1, rows, a.Width, n, false)
		}
	}
}

// CausalAttentionGrad sets dqkv to the gradient of the inner product of CausalAttention
// and d. Scores are computed again.
func CausalAttentionGrad[T Float](s *Scratch[T], a Attention, dqkv, qkv, d, room []T) {
	last := (a.Positions - 1) / attentionRows * attentionRows
	for x := range a.Examples * a.Heads {
		h, grad := newHead(a, x, qkv, d, room), newHead(a, x, dqkv, d, room)
		h.transpose(h.kt, h.k)
		h.transpose(h.vt, h.v)
		// The last queries come first: theirs are the first products for all keys.
		for from := last; from >= 0; from -= attentionRows {
			p, rows, n := h.probabilities(s, from)
			q, dOut := h.q[from*h.row:], h.beside[from*h.besideRow:]
			MatMul(s, grad.v, h.row, p, 1, h.line, dOut, h.besideRow, 1, n, a.Width, rows, from < last)
			MatMul(s, h.ds, h.line, dOut, h.besideRow, 1, h.vt, h.line, 1, rows, n, a.Width, false)
			causalSoftmaxGrad(h.ds, p, h.line, rows, from+1, h.scale)
			MatMul(s, grad.q[from*h.row:], h.row, h.ds, h.line, 1, h.k, h.row, 1, rows, a.Width, n, false)
			MatMul(s, grad.k, h.row, h.ds, 1, h.line, q, h.row, 1, n, a.Width, rows, from < last)
		}
	}
}

// A head is one head of one example.
type head[T Float] struct {
	positions, width int
	q, k, v          []T // from its first query, key and value on
	row              int // from one position to the next
	beside           []T // from its first result on
	besideRow        int
	p, ds            []T // probabilities of some queries and the derivative of their scores
	kt, vt           []T // keys and values, transposed
	line             int // from one row of p, ds, kt or vt to the next
	scale            T
}

func newHead[T Float](a Attention, x int, qkv, beside, room []T) head[T] {
	d, line := a.Heads*a.Width, lined[T](a.Positions)
	first, h := x/a.Heads*a.Positions, x%a.Heads*a.Width
	qkv = qkv[first*3*d+h:]
	p, kt := min(attentionRows, a.Positions)*line, a.Width*line
	return head[T]{
		a.Positions, a.Width, qkv, qkv[d:], qkv[2*d:], 3 * d, beside[first*d+h:], d,
		room[:p], room[p:][:p], room[2*p:][:kt], room[2*p+kt:][:kt], line, T(1 / math.Sqrt(float64(a.Width))),
	}
}

// transpose sets dst to the keys or values a with a position in each column.
func (h *head[T]) transpose(dst, a []T) {
	Transpose(dst, h.line, a, h.row, h.positions, h.width)
}

// probabilities gives the softmax of the scores of some queries with the n keys up to
// the last of them.
func (h *head[T]) probabilities(s *Scratch[T], from int) (p []T, rows, n int) {
	rows = min(attentionRows, h.positions-from)
	n = from + rows
	MatMul(s, h.p, h.line, h.q[from*h.row:], h.row, 1, h.kt, h.line, 1, rows, n, h.width, false)
	causalSoftmax(h.p, h.line, rows, from+1, h.scale)
	return h.p, rows, n
}
