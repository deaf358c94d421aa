package kernel

import (
	"math/bits"
	"unsafe"
)

// Short rows are taken many at a time: transposed, so that vectors go across them. What
// they give has the bits that one row after another would.

const (
	mostAcross  = 16 // elements in a row
	leastAcross = 4  // rows
	blockAcross = 64 // rows at a time
)

// across tells whether rows of length n, so many of them, are best taken together.
func across(rows, n int) bool {
	return active != portable && n <= mostAcross && rows >= leastAcross
}

// A turned block is rows that are turned over: line j, of as many numbers as there are
// rows, has element j of each. What is added up has zero lines up to a power of two.
type turned[T Float] struct {
	rows, n, slots int
	z, exps        []T // the exponentials are of z less the largest of its row
	terms          []T // the exponentials, zero in place of the last that is largest
	largest, more  []T
}

// turn turns over rows of length n, in the memory of s.
func turn[T Float](s *Scratch[T], z []T, n int) *turned[T] {
	const lines = mostAcross * blockAcross
	if s.across == nil {
		s.across = new(turned[T])
		room := make([]T, 3*lines+2*blockAcross)
		s.across.z, s.across.exps, s.across.terms = room[:lines], room[lines:2*lines], room[2*lines:3*lines]
		s.across.largest, s.across.more = room[3*lines:][:blockAcross], room[3*lines+blockAcross:]
	}
	t := s.across
	t.rows, t.n, t.slots = len(z)/n, n, 1<<bits.Len(uint(n-1))
	Transpose(t.z, t.rows, z, n, t.rows, n)
	sum := t.slots * t.rows
	clear(t.exps[n*t.rows : sum])
	clear(t.terms[n*t.rows : sum])
	l := sweep[T]{
		dst: &t.exps[0], a: &t.z[0], b: &t.terms[0], c: &t.largest[0], n: t.rows, rows: n,
	}
	l.run(expsAcrossLoop)
	return t
}

// crossEntropyAcross is CrossEntropy of one block.
func crossEntropyAcross[T Float](t *turned[T], dst []T, labels []int) {
	differences := t.more[:len(labels)]
	for i, y := range labels {
		differences[i] = t.largest[i] - t.z[y*t.rows+i]
	}
	s := sweep[T]{dst: unsafe.SliceData(dst), a: &t.terms[0], n: t.rows, rows: t.slots}
	s.run(sumsAcrossLoop)
	s = sweep[T]{dst: unsafe.SliceData(dst), a: &t.more[0], n: t.rows}
	s.run(addLog1pLoop)
}

// crossEntropyGradAcross is CrossEntropyGrad of one block.
func crossEntropyGradAcross[T Float](t *turned[T], dst []T, labels []int) {
	own := t.more[:len(labels)]
	for i, y := range labels {
		e := &t.exps[y*t.rows+i]
		own[i], *e = *e, 0
	}
	s := sweep[T]{dst: &t.exps[0], b: &t.largest[0], c: &t.more[0], n: t.rows, rows: t.slots}
	s.run(gradAcrossLoop)
	Transpose(dst, t.n, t.exps, t.rows, t.n, t.rows)
	for i, y := range labels {
		dst[i*t.n+y] = own[i]
	}
}
