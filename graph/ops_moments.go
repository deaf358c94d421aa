package graph

import (
	"fmt"
	"math"

	"basin/kernel"
)

// column_moments has what is to be known of each column of each part of a matrix: its
// mean, what rounding the mean has left, and the sum of the squares of the distances
// from it.
func columnMomentsShape(n *Node) (Shape, error) {
	a := n.args[0].shape
	if len(a) != 2 || a[0] == 0 {
		return nil, fmt.Errorf("%v is not the shape of a matrix with rows", a)
	}
	return Shape{partsOf(a[0], a[1]), 3, a[1]}, nil
}

func columnMoments[T Float](c *call[T]) {
	rows, cols := c.n.args[0].shape[0], c.n.args[0].shape[1]
	_, part := cut(cols)
	for p := c.lo; p < c.hi; p++ {
		from, to := p*part, min((p+1)*part, rows)
		m := c.out[3*p*cols:]
		kernel.ColumnMoments(m[:cols], m[cols:][:cols], m[2*cols:][:cols], c.args[0][from*cols:to*cols])
	}
}

// Which of the moments of whole columns a node has.
const (
	meanMoment  = iota // rounded
	restMoment         // the mean less that
	scaleMoment        // 1/sqrt(v + eps), for the biased variance v
)

// joinedShape is a row.
func joinedShape(n *Node) (Shape, error) {
	a := n.args[0].shape
	if len(a) != 3 || a[1] != 3 || a[0] != partsOf(n.attr.width, a[2]) {
		return nil, fmt.Errorf("%v is not the shape of moments of %d rows", a, n.attr.width)
	}
	return Shape{1, a[2]}, nil
}

// joinMoments joins those of the parts, in order (Chan, Golub and LeVeque 1979).
func joinMoments[T Float](c *call[T]) {
	cols, rows := len(c.out), c.n.attr.width
	_, part := cut(cols)
	for j := range c.out {
		var sum, squares float64
		of := func(p int) (n, mean float64, m []T) {
			m = c.args[0][3*p*cols+j:]
			return float64(min(part, rows-p*part)), float64(m[0]) + float64(m[cols]), m
		}
		for p := range partsOf(rows, cols) {
			n, mean, _ := of(p)
			sum += float64(n * mean)
		}
		all := sum / float64(rows)
		switch c.n.attr.slot {
		case meanMoment:
			c.out[j] = T(all)
		case restMoment:
			c.out[j] = T(all - float64(T(all)))
		case scaleMoment:
			for p := range partsOf(rows, cols) {
				n, mean, m := of(p)
				squares += float64(m[2*cols]) + float64(n*float64((mean-all)*(mean-all)))
			}
			c.out[j] = T(1 / math.Sqrt(squares/float64(rows)+c.n.attr.num))
		}
	}
}
