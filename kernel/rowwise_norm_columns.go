package kernel

import (
	"math"
	"unsafe"
)

// columns are taken together; what is known of each of them fits into registers.
const columns = 16

// A columnSweep goes down the rows of so many columns of matrices whose rows have the
// given width. What it knows of each column is in double precision. The assembly knows
// the offsets of the fields.
type columnSweep[T Float] struct {
	dst, a, b            *T
	width, rows          int
	first, second, third *[columns]float64
}

// A columnLoop is the number of an assembly loop: its place in kernel/gen's list.
type columnLoop int

const (
	columnSums    columnLoop = iota // first += a
	columnSquares                   // second += (a - first)^2
	columnScale                     // dst = second (a - first)
	columnDots                      // first += a, second += a b
	columnGrads                     // dst = third ((a - first) - b second)
)

// StandardizeColumns is StandardizeRows for the columns of a matrix, whose rows have
// the given width: r has an element for each column. Sums go down the rows, one after
// the other. dst may be x.
func StandardizeColumns[T Float](dst, x []T, width int, eps float64, r []T) {
	n := float64(len(x) / width)
	for at := 0; at < width; at += columns {
		var m, s [columns]float64
		some := min(columns, width-at)
		c := columnSweep[T]{first: &m, second: &s}
		c.at(width, dst[at:], x[at:], nil)
		if !c.run(columnSums, some) {
			for i := at; i < len(x); i += width {
				for j, v := range x[i:][:some] {
					m[j] += float64(v)
				}
			}
		}
		for j := range some {
			m[j] /= n
		}
		if !c.run(columnSquares, some) {
			for i := at; i < len(x); i += width {
				for j, v := range x[i:][:some] {
					d := float64(v) - m[j]
					s[j] += float64(d * d)
				}
			}
		}
		for j := range some {
			s[j] = 1 / math.Sqrt(s[j]/n+eps)
			r[at+j] = T(s[j])
		}
		if !c.run(columnScale, some) {
			for i := at; i < len(x); i += width {
				z := dst[i:][:some]
				for j, v := range x[i:][:some] {
					z[j] = T((float64(v) - m[j]) * s[j])
				}
			}
		}
	}
}

// StandardizeColumnsGrad is StandardizeRowsGrad for the columns: with means down them
// it sets dst to r (d - mean(d) - z mean(d z)). dst may be d.
func StandardizeColumnsGrad[T Float](dst, d, z []T, width int, r []T) {
	n := float64(len(d) / width)
	for at := 0; at < width; at += columns {
		var m, s, f [columns]float64
		some := min(columns, width-at)
		c := columnSweep[T]{first: &m, second: &s, third: &f}
		c.at(width, dst[at:], d[at:], z[at:])
		if !c.run(columnDots, some) {
			for i := at; i < len(d); i += width {
				z := z[i:][:some]
				for j, v := range d[i:][:some] {
					m[j] += float64(v)
					s[j] += float64(float64(v) * float64(z[j]))
				}
			}
		}
		for j := range some {
			m[j] /= n
			s[j] /= n
			f[j] = float64(r[at+j])
		}
		if !c.run(columnGrads, some) {
			for i := at; i < len(d); i += width {
				out, z := dst[i:][:some], z[i:][:some]
				for j, v := range d[i:][:some] {
					out[j] = T(f[j] * ((float64(v) - m[j]) - float64(float64(z[j])*s[j])))
				}
			}
		}
	}
}

// at points c to parts of matrices that reach to their ends; b may be nil.
func (c *columnSweep[T]) at(width int, dst, a, b []T) {
	c.width, c.rows = width, (len(a)+width-1)/width
	c.dst, c.a, c.b = unsafe.SliceData(dst[:len(a)]), unsafe.SliceData(a), unsafe.SliceData(b)
	if b != nil {
		_ = b[:len(a)]
	}
}
