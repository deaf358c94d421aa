package kernel

import "math"

// An Attention is the size of a causal attention over examples of as many positions
// and heads, each of the width of its queries, keys and values. Queries, keys and
// values lie in qkv (Examples, Positions, 3, Heads, Width), all else beside it in
// (Examples, Positions, Heads, Width).
type Attention struct{ Examples, Positions, Heads, Width int }

// attentionRows is the number of queries that are taken together. They meet the keys
// up to the last of them, so that about half the products with later keys, which do
// not count, are not computed.
const attentionRows = 64

// Room is the number of elements that the kernels need to work in.
func (a Attention) Room() int { return 2 * min(attentionRows, a.Positions) * a.Positions }

// CausalAttention sets out to softmax(q k'/sqrt(Width)) v for each example and head,
// where a position attends to itself and to those before it.
func CausalAttention[T Float](s *Scratch[T], a Attention, out, qkv, room []T) {
	for x := range a.Examples * a.Heads {
		h := a.head(x)
		for from := 0; from < a.Positions; from += attentionRows {
			rows := min(attentionRows, a.Positions-from)
			p := probabilities(s, h, qkv, room, from, rows)
			MatMul(s, out[h.out+from*h.outRow:], h.outRow, p, from+rows, 1, qkv[h.v:], h.row, 1, rows, a.Width, from+rows, false)
		}
	}
}

// CausalAttentionGrad sets dqkv to the gradient of the inner product of CausalAttention
// and d. Scores are computed again.
func CausalAttentionGrad[T Float](s *Scratch[T], a Attention, dqkv, qkv, d, room []T) {
	scale := T(1 / math.Sqrt(float64(a.Width)))
	half := len(room) / 2
	for x := range a.Examples * a.Heads {
		h := a.head(x)
		// The last queries come first: theirs are the first products for all keys.
		last := (a.Positions - 1) / attentionRows * attentionRows
		for from := last; from >= 0; from -= attentionRows {
			rows := min(attentionRows, a.Positions-from)
			n, more := from+rows, from < last
			p := probabilities(s, h, qkv, room[:half], from, rows)
			dOut, q := d[h.out+from*h.outRow:], qkv[h.q+from*h.row:]
			MatMul(s, dqkv[h.v:], h.row, p, 1, n, dOut, h.outRow, 1, n, a.Width, rows, more)
			ds := room[half:][:rows*n]
			MatMul(s, ds, n, dOut, h.outRow, 1, qkv[h.v:], 1, h.row, rows, n, a.Width, false)
			for i := range rows {
				valid := from + i + 1
				pi, di := p[i*n:][:valid], ds[i*n:][:valid]
				mean := T(Dot(pi, di))
				for j := range di {
					di[j] = pi[j] * (di[j] - mean) * scale
				}
				clear(ds[i*n:][valid:n])
			}
			MatMul(s, dqkv[h.q+from*h.row:], h.row, ds, n, 1, qkv[h.k:], h.row, 1, rows, a.Width, n, false)
			MatMul(s, dqkv[h.k:], h.row, ds, 1, n, q, h.row, 1, n, a.Width, rows, more)
		}
	}
}

// An attentionHead is where one head of one example is found.
type attentionHead struct {
	width   int
	q, k, v int // its first query, key and value in qkv
	out     int // its first result
	row     int // from one position to the next in qkv
	outRow  int // and in what is beside it
}

func (a Attention) head(x int) attentionHead {
	d := a.Heads * a.Width
	example, h := x/a.Heads, x%a.Heads
	q := example*a.Positions*3*d + h*a.Width
	return attentionHead{a.Width, q, q + d, q + 2*d, example*a.Positions*d + h*a.Width, 3 * d, d}
}

// probabilities gives the softmax of the scores of some queries with the keys up to the
// last of them.
func probabilities[T Float](s *Scratch[T], h attentionHead, qkv, room []T, from, rows int) []T {
	n := from + rows
	p := room[:rows*n]
	MatMul(s, p, n, qkv[h.q+from*h.row:], h.row, 1, qkv[h.k:], 1, h.row, rows, n, h.width, false)
	Scale(p, T(1/math.Sqrt(float64(h.width))))
	for i := range rows {
		row, valid := p[i*n:][:n], from+i+1
		Softmax(row[:valid], row[:valid], valid)
		clear(row[valid:])
	}
	return p
}
