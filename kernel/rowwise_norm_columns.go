package kernel

import "math"

// columns are taken together; what is known of each of them fits into registers.
const columns = 32

// StandardizeColumns is StandardizeRows for the columns of a matrix, whose rows have
// the given width: r has an element for each column. Sums go down the rows, one after
// the other. dst may be x.
func StandardizeColumns[T Float](dst, x []T, width int, eps float64, r []T) {
	n := float64(len(x) / width)
	for at := 0; at < width; at += columns {
		var m, s [columns]float64
		some := min(columns, width-at)
		for i := at; i < len(x); i += width {
			for j, v := range x[i:][:some] {
				m[j] += float64(v)
			}
		}
		for j := range some {
			m[j] /= n
		}
		for i := at; i < len(x); i += width {
			for j, v := range x[i:][:some] {
				d := float64(v) - m[j]
				s[j] += float64(d * d)
			}
		}
		for j := range some {
			s[j] = 1 / math.Sqrt(s[j]/n+eps)
			r[at+j] = T(s[j])
		}
		for i := at; i < len(x); i += width {
			z := dst[i:][:some]
			for j, v := range x[i:][:some] {
				z[j] = T((float64(v) - m[j]) * s[j])
			}
		}
	}
}

// StandardizeColumnsGrad is StandardizeRowsGrad for the columns: with means down them
// it sets dst to r (d - mean(d) - z mean(d z)). dst may be d.
func StandardizeColumnsGrad[T Float](dst, d, z []T, width int, r []T) {
	n := float64(len(d) / width)
	for at := 0; at < width; at += columns {
		var m, c [columns]float64
		some := min(columns, width-at)
		for i := at; i < len(d); i += width {
			z := z[i:][:some]
			for j, v := range d[i:][:some] {
				m[j] += float64(v)
				c[j] += float64(float64(v) * float64(z[j]))
			}
		}
		for j := range some {
			m[j] /= n
			c[j] /= n
		}
		for i := at; i < len(d); i += width {
			out, z := dst[i:][:some], z[i:][:some]
			for j, v := range d[i:][:some] {
				out[j] = T(float64(r[at+j]) * ((float64(v) - m[j]) - float64(float64(z[j])*c[j])))
			}
		}
	}
}
