package kernel

import (
	"math"
	"unsafe"
)

// A causal is scores of attention, or probabilities: rows of which each has one valid
// element more than the one before it. They are stride elements apart, all of which may
// be written. The assembly takes whole lines, of 64 bytes, alone. It knows the offsets
// of the fields.
//
// A sum over a row has an accumulator for each place in a line: element j goes to
// accumulator j modulo their number; then the upper half is added to the lower half,
// and so on.
type causal[T Float] struct {
	p, d   *T // d: as many rows beside those of p
	stride int
	rows   int
	valid  int // elements of the first row
	scale  T
}

// lineOf is the number of elements in a line.
func lineOf[T Float]() int { return 64 / int(unsafe.Sizeof(T(0))) }

// lined is n rounded up to whole lines.
func lined[T Float](n int) int { return (n + lineOf[T]() - 1) / lineOf[T]() * lineOf[T]() }

// causalSoftmax sets the valid part of each row of p to the softmax of scale p, and the
// rest of the row to zero. scale is positive.
func causalSoftmax[T Float](p []T, stride, rows, valid int, scale T) {
	_ = p[:rows*stride]
	c := causal[T]{p: &p[0], d: &p[0], stride: stride, rows: rows, valid: valid, scale: scale}
	if stride%lineOf[T]() == 0 && c.softmax() {
		return
	}
	f := functionsOf[T]()
	for i := range rows {
		row := p[i*stride:][:stride]
		clear(row[valid+i:])
		row = row[:valid+i]
		most := T(math.Inf(-1))
		for _, v := range row {
			if v > most {
				most = v
			}
		}
		for j, v := range row {
			row[j] = f.expOf(T((v - most) * scale))
		}
		factor := 1 / lineSum(row, nil)
		for j := range row {
			row[j] *= factor
		}
	}
}

// causalSoftmaxGrad sets the valid part of each row of d to scale p (d - <p, d>), for
// rows of p from causalSoftmax, and the rest of the row to zero: the derivative of it
// with respect to its argument, times d.
func causalSoftmaxGrad[T Float](d, p []T, stride, rows, valid int, scale T) {
	_, _ = p[:rows*stride], d[:rows*stride]
	c := causal[T]{p: &p[0], d: &d[0], stride: stride, rows: rows, valid: valid, scale: scale}
	if stride%lineOf[T]() == 0 && c.softmaxGrad() {
		return
	}
	for i := range rows {
		p, d := p[i*stride:][:valid+i], d[i*stride:][:stride]
		clear(d[len(p):])
		d = d[:len(p)]
		mean := lineSum(p, d)
		for j, v := range d {
			d[j] = T(T((v-mean)*p[j]) * scale)
		}
	}
}

// lineSum is the sum of a, or of a b if there is a b.
func lineSum[T Float](a, b []T) T {
	var sums [16]T
	n := lineOf[T]()
	for j, v := range a {
		if b != nil {
			v = T(v * b[j])
		}
		sums[j%n] += v
	}
	for half := n / 2; half > 0; half /= 2 {
		for j := range half {
			sums[j] += sums[half+j]
		}
	}
	return sums[0]
}
