package kernel

import "unsafe"

// CrossEntropy sets dst[i] to -log softmax(z_i)_y for row i of z and y = labels[i];
// rows have length n. The largest term of the sum is left out of it and the
// logarithm is that of 1 + the rest, so that losses far below the resolution of T
// at 1 keep their digits. It works in s.
func CrossEntropy[T Float](s *Scratch[T], dst, z []T, labels []int, n int) {
	labels, z = labels[:len(dst)], z[:len(dst)*n]
	checkLabels(labels, n)
	together := across(len(dst), n)
	for len(dst) > 0 {
		rows := rowsAtOnce(len(dst), n, together)
		if together {
			crossEntropyAcross(turn(s, z[:rows*n], n), dst[:rows], labels[:rows])
		} else {
			crossEntropyRows(s, dst[:rows], z[:rows*n], labels[:rows], n)
		}
		dst, z, labels = dst[rows:], z[rows*n:], labels[rows:]
	}
}

// rowsAtOnce is how many of the rows of length n, one at least, are taken at a time.
func rowsAtOnce(rows, n int, together bool) int {
	if together {
		return min(rows, blockAcross)
	}
	return min(rows, max(1, mostAcross*blockAcross/n))
}

func crossEntropyRows[T Float](s *Scratch[T], dst, z []T, labels []int, n int) {
	room := grow(&s.rows, len(z))
	l := sweep[T]{b: unsafe.SliceData(dst), c: unsafe.SliceData(room), labels: unsafe.SliceData(labels)}
	if l.sweepEach(crossEntropyLoop, room, z, n) {
		l = sweep[T]{dst: unsafe.SliceData(dst), a: unsafe.SliceData(room), n: len(dst)}
		l.run(addLog1pLoop)
		return
	}
	for i, y := range labels {
		row, terms := z[i*n:(i+1)*n], room[:n]
		at := expRow(terms, row)
		terms[at] = 0
		rest, difference := T(Sum(terms)), T(float64(row[at])-float64(row[y]))
		dst[i] = T(float64(difference) + log1pOf(float64(rest)))
	}
}

// CrossEntropyGrad sets row i of dst to the gradient of CrossEntropy in row i of z,
// softmax(z_i)_j - [j = labels[i]]. The element of the label is minus the sum of
// the others, which keeps its digits where the softmax is nearly 1. It works in s.
func CrossEntropyGrad[T Float](s *Scratch[T], dst, z []T, labels []int, n int) {
	labels, z = labels[:len(dst)/n], z[:len(dst)]
	checkLabels(labels, n)
	if !across(len(labels), n) {
		crossEntropyGradRows(dst, z, labels, n)
		return
	}
	for len(labels) > 0 {
		rows := rowsAtOnce(len(labels), n, true)
		crossEntropyGradAcross(turn(s, z[:rows*n], n), dst[:rows*n], labels[:rows])
		dst, z, labels = dst[rows*n:], z[rows*n:], labels[rows:]
	}
}

func crossEntropyGradRows[T Float](dst, z []T, labels []int, n int) {
	if l := (sweep[T]{labels: unsafe.SliceData(labels)}); l.sweepEach(crossEntropyGradLoop, dst, z, n) {
		return
	}
	for i, y := range labels {
		g := dst[i*n : (i+1)*n]
		expRow(g, z[i*n:(i+1)*n])
		label := float64(g[y])
		g[y] = 0
		others := Sum(g)
		r := 1 / (others + label)
		Scale(g, T(r))
		g[y] = T(-(others * r))
	}
}

// CrossEntropyBoth is CrossEntropy and CrossEntropyGrad, to dst and grad.
func CrossEntropyBoth[T Float](s *Scratch[T], dst, grad, z []T, labels []int, n int) {
	if !across(len(dst), n) {
		CrossEntropy(s, dst, z, labels, n)
		CrossEntropyGrad(s, grad, z, labels, n)
		return
	}
	labels, z, grad = labels[:len(dst)], z[:len(dst)*n], grad[:len(dst)*n]
	checkLabels(labels, n)
	for len(dst) > 0 {
		rows := rowsAtOnce(len(dst), n, true)
		t := turn(s, z[:rows*n], n)
		crossEntropyAcross(t, dst[:rows], labels[:rows])
		crossEntropyGradAcross(t, grad[:rows*n], labels[:rows])
		dst, grad, z, labels = dst[rows:], grad[rows*n:], z[rows*n:], labels[rows:]
	}
}

// checkLabels panics where a label names no element of a row of length n.
func checkLabels(labels []int, n int) {
	for _, y := range labels {
		if uint(y) >= uint(n) {
			panic("kernel: label outside its row")
		}
	}
}

// Pick sets dst[i] to a[i*n+labels[i]].
func Pick[T Float](dst, a []T, labels []int, n int) {
	labels = labels[:len(dst)]
	for i := range dst {
		dst[i] = a[i*n : (i+1)*n][labels[i]]
	}
}

// Scatter is the adjoint of Pick: row i of dst, of length n, is a[i] at labels[i]
// and 0 elsewhere.
func Scatter[T Float](dst, a []T, labels []int, n int) {
	clear(dst)
	a = a[:len(labels)]
	for i, y := range labels {
		dst[i*n : (i+1)*n][y] = a[i]
	}
}

// Signs sets dst[i] to 1 where labels[i] is 1 and to -1 where it is 0.
func Signs[T Float](dst []T, labels []int) {
	labels = labels[:len(dst)]
	for i := range dst {
		dst[i] = T(2*labels[i] - 1)
	}
}
