package optim

import (
	"basin/kernel"
	"basin/problem"
)

// A span is a stretch of neighbouring blocks, X[lo:hi]. A rule that keeps values
// beside the parameters keeps this stretch's from at on.
type span struct{ lo, hi, at int }

// spans joins blocks to as few stretches as possible; n is their length together.
func spans(blocks []problem.Block) (list []span, n int) {
	for _, b := range blocks {
		lo, hi := b.Off, b.Off+b.Len()
		if k := len(list) - 1; k >= 0 && list[k].hi == lo {
			list[k].hi = hi
		} else {
			list = append(list, span{lo, hi, n})
		}
		n += hi - lo
	}
	return list, n
}

// blockSpans is spans with a stretch for each block, for rules that treat every block
// apart.
func blockSpans(blocks []problem.Block) (list []span, n int) {
	for _, b := range blocks {
		list = append(list, span{b.Off, b.Off + b.Len(), n})
		n += b.Len()
	}
	return list, n
}

// blockPieces is blockSpans with the stretch of every block cut into pieces.
func blockPieces(blocks []problem.Block) (list [][]span, n int) {
	whole, n := blockSpans(blocks)
	for _, p := range whole {
		list = append(list, pieces([]span{p}, piece))
	}
	return list, n
}

// longest is the length of the longest stretch.
func longest(list []span) int {
	n := 0
	for _, p := range list {
		n = max(n, p.hi-p.lo)
	}
	return n
}

// gather joins the blocks' values of x; spans is where they are kept.
func gather[T problem.Float](x []T, blocks []problem.Block) (list []span, values []T) {
	list, n := spans(blocks)
	values = kernel.Vector[T](n)
	for _, p := range list {
		copy(values[p.at:], x[p.lo:p.hi])
	}
	return list, values
}
