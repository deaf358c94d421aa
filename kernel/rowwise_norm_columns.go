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

// ColumnMoments gives, for each column of a matrix whose rows have the length of mean,
// the mean, rest of it that rounding to T leaves, and the sum of the squares of the
// distances from the mean, for each in double precision.
func ColumnMoments[T Float](mean, rest, squares, x []T) {
	width := len(mean)
	for at := 0; at < width; at += columns {
		var m, s [columns]float64
		some := min(columns, width-at)
		c := columnSweep[T]{first: &m, second: &s}
		c.at(width, x[at:], x[at:], nil)
		c.moments(x[at:], some)
		for j := range some {
			mean[at+j] = T(m[j])
			rest[at+j] = T(m[j] - float64(T(m[j])))
			squares[at+j] = T(s[j])
		}
	}
}

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
		c.moments(x[at:], some)
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

// moments sets first to the means of some columns of x, the matrix that c is pointed to,
// and second to the sums of the squares of the distances from them.
func (c *columnSweep[T]) moments(x []T, some int) {
	m, s := c.first, c.second
	if !c.run(columnSums, some) {
		for i := 0; i < len(x); i += c.width {
			for j, v := range x[i:][:some] {
				m[j] += float64(v)
			}
		}
	}
	for j := range some {
		m[j] /= float64(c.rows)
	}
	if !c.run(columnSquares, some) {
		for i := 0; i < len(x); i += c.width {
			for j, v := range x[i:][:some] {
				d := float64(v) - m[j]
				s[j] += float64(d * d)
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
