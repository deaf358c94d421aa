package kernel

// The tile that the portable product keeps in registers, and the rows of A that
// are arranged at a time.
const (
	tileRows  = 3
	tileCols  = 3
	blockRows = 63
)

// mulPortable is MatMul in Go. A and B are copied into strips, tileRows rows of A
// and tileCols columns of B, in which the factors lie in the order of their use;
// what is missing from the last strip is zero, and its products are not stored.
func mulPortable[T Float](s *Scratch[T], o operands[T]) {
	cols := (o.n + tileCols - 1) / tileCols * tileCols
	ap := grow(&s.a, blockRows*depthMax)
	bp := grow(&s.b, cols*depthMax)
	for p := 0; p < o.k; {
		kc := depth(o.k, p)
		strips(bp, o.b[p*o.brs:], o.bcs, o.brs, o.n, kc, tileCols)
		for i := 0; i < o.m; i += blockRows {
			rows := min(blockRows, o.m-i)
			strips(ap, o.a[i*o.ars+p*o.acs:], o.ars, o.acs, rows, kc, tileRows)
			mulStrips(o.c[i*o.ldc:], o.ldc, ap, bp, rows, o.n, kc, o.accumulate || p > 0)
		}
		p += kc
	}
}

// strips copies a rows x k matrix into strips of width rows, each by columns:
// dst[(i/width*k+p)*width+i%width] = src[i*rs+p*cs], zero for i >= rows.
func strips[T Float](dst, src []T, rs, cs, rows, k, width int) {
	for i := 0; i < rows; i += width {
		strip := dst[i*k : (i+width)*k]
		for r := range width {
			if i+r >= rows {
				for p := range k {
					strip[p*width+r] = 0
				}
				continue
			}
			for p := range k {
				strip[p*width+r] = src[(i+r)*rs+p*cs]
			}
		}
	}
}

// mulStrips multiplies strips of A and B, of depth k, into m x n elements of C.
func mulStrips[T Float](c []T, ldc int, ap, bp []T, m, n, k int, accumulate bool) {
	for j := 0; j < n; j += tileCols {
		for i := 0; i < m; i += tileRows {
			t := mulTile(ap[i*k:(i+tileRows)*k], bp[j*k:(j+tileCols)*k])
			for r := range min(tileRows, m-i) {
				row := c[(i+r)*ldc+j:][:min(tileCols, n-j)]
				for q := range row {
					if accumulate {
						row[q] += t[r*tileCols+q]
					} else {
						row[q] = t[r*tileCols+q]
					}
				}
			}
		}
	}
}

// mulTile is the product of a strip of A and a strip of B. The conversions keep
// the compiler from fusing the products into the sums.
func mulTile[T Float](a, b []T) (t [tileRows * tileCols]T) {
	var c00, c01, c02, c10, c11, c12, c20, c21, c22 T
	for len(a) >= tileRows && len(b) >= tileCols {
		a0, a1, a2 := a[0], a[1], a[2]
		b0, b1, b2 := b[0], b[1], b[2]
		c00 += T(a0 * b0)
		c01 += T(a0 * b1)
		c02 += T(a0 * b2)
		c10 += T(a1 * b0)
		c11 += T(a1 * b1)
		c12 += T(a1 * b2)
		c20 += T(a2 * b0)
		c21 += T(a2 * b1)
		c22 += T(a2 * b2)
		a, b = a[tileRows:], b[tileCols:]
	}
	return [...]T{c00, c01, c02, c10, c11, c12, c20, c21, c22}
}
