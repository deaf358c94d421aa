package kernel

// The tile of C that the portable product keeps in registers (one wider spills),
// and the rows of A that are arranged at a time.
const (
	tileRows  = 3
	tileCols  = 2
	blockRows = 63
)

// mulPortable is MatMul in Go. A and B are copied into strips, tileRows rows of A
// and tileCols columns of B, in which the factors lie in the order of their use;
// what is missing from the last strip is zero, and its products are not stored.
func mulPortable[T Float](s *Scratch[T], o *product[T]) {
	if o.m == 1 && o.b.cs == 1 {
		mulRow(s, o)
		return
	}
	cols := (o.n + tileCols - 1) / tileCols * tileCols
	a := grow(&s.a, blockRows*depthMax)
	b := grow(&s.b, cols*depthMax)
	for p := 0; p < o.k; {
		k := depth(o.k, p)
		strips(b, o.b.from(p, 0).transposed(), o.n, k, tileCols)
		for i := 0; i < o.m; i += blockRows {
			rows := min(blockRows, o.m-i)
			strips(a, o.a.from(i, p), rows, k, tileRows)
			first := 0
			if o.upper {
				first = max(0, i-o.diagonal) / tileCols * tileCols
			}
			mulStrips(o.c.from(i, first), a, b[first*k:], rows, o.n-first, k, o.accumulate || p > 0)
		}
		p += k
	}
}

// mulRow is the product of a row and a matrix of contiguous rows, which are added up.
func mulRow[T Float](s *Scratch[T], o *product[T]) {
	sum, c := grow(&s.a, o.n), o.c.data[:o.n]
	for p := 0; p < o.k; {
		clear(sum)
		k := depth(o.k, p)
		q := p
		for ; q+4 <= p+k; q += 4 {
			a0, a1, a2, a3 := o.a.data[q*o.a.cs], o.a.data[(q+1)*o.a.cs], o.a.data[(q+2)*o.a.cs], o.a.data[(q+3)*o.a.cs]
			b0, b1, b2, b3 := o.b.data[q*o.b.rs:][:o.n], o.b.data[(q+1)*o.b.rs:][:o.n], o.b.data[(q+2)*o.b.rs:][:o.n], o.b.data[(q+3)*o.b.rs:][:o.n]
			for j, v := range sum {
				v += T(a0 * b0[j])
				v += T(a1 * b1[j])
				v += T(a2 * b2[j])
				v += T(a3 * b3[j])
				sum[j] = v
			}
		}
		for ; q < p+k; q++ {
			Axpy(sum, o.a.data[q*o.a.cs], o.b.data[q*o.b.rs:][:o.n])
		}
		if o.accumulate || p > 0 {
			for j, v := range sum {
				c[j] += v
			}
		} else {
			copy(c, sum)
		}
		p += k
	}
}

// strips copies rows x k elements into strips of width rows, each by columns:
// dst[(i/width*k+p)*width+i%width] is (i, p) of src, zero for i >= rows.
func strips[T Float](dst []T, src matrix[T], rows, k, width int) {
	for i := 0; i < rows; i += width {
		strip := dst[i*k:][:k*width]
		for r := range width {
			if i+r >= rows {
				for p := range k {
					strip[p*width+r] = 0
				}
				continue
			}
			row := src.from(i+r, 0)
			for p := range k {
				strip[p*width+r] = row.data[p*row.cs]
			}
		}
	}
}

// mulStrips multiplies strips of A and B, of depth k, into m x n elements of C.
func mulStrips[T Float](c matrix[T], a, b []T, m, n, k int, accumulate bool) {
	for j := 0; j < n; j += tileCols {
		for i := 0; i < m; i += tileRows {
			sums := mulTile(a[i*k:][:k*tileRows], b[j*k:][:k*tileCols])
			for r := range min(tileRows, m-i) {
				row := c.from(i+r, j).data[:min(tileCols, n-j)]
				for q := range row {
					if accumulate {
						row[q] += sums[r*tileCols+q]
					} else {
						row[q] = sums[r*tileCols+q]
					}
				}
			}
		}
	}
}

// mulTile is the product of a strip of A and a strip of B. The conversions keep
// the compiler from fusing the products into the sums.
func mulTile[T Float](a, b []T) [tileRows * tileCols]T {
	var c00, c01, c10, c11, c20, c21 T
	for len(a) >= tileRows && len(b) >= tileCols {
		a0, a1, a2 := a[0], a[1], a[2]
		b0, b1 := b[0], b[1]
		c00 += T(a0 * b0)
		c01 += T(a0 * b1)
		c10 += T(a1 * b0)
		c11 += T(a1 * b1)
		c20 += T(a2 * b0)
		c21 += T(a2 * b1)
		a, b = a[tileRows:], b[tileCols:]
	}
	return [...]T{c00, c01, c10, c11, c20, c21}
}
