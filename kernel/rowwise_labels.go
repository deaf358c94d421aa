package kernel

import "math"

// CrossEntropy sets dst[i] to -log softmax(z_i)_y for row i of z and y = labels[i];
// rows have length n. The largest term of the sum is left out of it and the
// logarithm is that of 1 + the rest, so that losses far below the resolution of T
// at 1 keep their digits. It works in room, which has the length of z.
func CrossEntropy[T Float](dst, z, room []T, labels []int, n int) {
	expRows(room, z, n)
	labels = labels[:len(dst)]
	for i := range dst {
		row, terms := z[i*n:(i+1)*n], room[i*n:(i+1)*n]
		_, at := rowMax(terms)
		terms[at] = 0
		dst[i] = T(float64(row[at]) - float64(row[labels[i]]) + math.Log1p(Sum(terms)))
	}
}

// CrossEntropyGrad sets row i of dst to the gradient of CrossEntropy in row i of z,
// softmax(z_i)_j - [j = labels[i]]. The element of the label is minus the sum of
// the others, which keeps its digits where the softmax is nearly 1.
func CrossEntropyGrad[T Float](dst, z []T, labels []int, n int) {
	expRows(dst, z, n)
	for i, y := range labels {
		g := dst[i*n : (i+1)*n]
		label := float64(g[y])
		g[y] = 0
		others := Sum(g)
		scaleRow(g, 1/(others+label))
		g[y] = T(-others / (others + label))
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
