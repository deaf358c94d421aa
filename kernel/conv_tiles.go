package kernel

// Tiles are products of one packed matrix B with many matrices A of one form, at each
// place (q,h) of the grids cAt and aAt:
//
//	c[cAt(q,h) + i ldc + j] = sum_{r,p} a[aAt(q,h) + runs[r] + i ars + p acs] * b(r k + p, j)  (+ c[...])
//
// for i < m, j < n, p < k, where B has panels of columns, as packPanel leaves them, one
// after the other, or is a single panel whose rows are brs apart. An element is the sum of its products in the order of r and p,
// added to zero, and then to C if accumulate; path by path as in MatMul.
type tiles[T Float] struct {
	c, a, b       []T
	ldc, ars, acs int
	brs           int // 0: panels
	runs          []int
	m, n, k       int
	places        area
	cAt, aAt      grid
	accumulate    bool
}

// sectionLen is the length of the longest sum that is made in one go. It keeps a panel
// of B in the first-level cache.
const sectionLen = 288

// A section is a part of a sum over lines of equal length: whole lines, or k elements
// of one line.
type section struct{ first, lines, skip, k int }

// sections counts the sections of a sum: as few as can be.
func sections(lines, length int) int {
	if length > sectionLen {
		return lines * ceil(length, sectionLen)
	}
	return ceil(lines, sectionLen/length)
}

// sectionOf gives section p. Sections are as even as can be.
func sectionOf(lines, length, p int) section {
	if length > sectionLen {
		n := ceil(length, sectionLen)
		line, p := p/n, p%n
		skip := length * p / n
		return section{line, 1, skip, length*(p+1)/n - skip}
	}
	n := sections(lines, length)
	first := lines * p / n
	return section{first, lines*(p+1)/n - first, 0, length}
}

// depth is the number of its elements, row the place of the first.
func (c *section) depth() int         { return c.lines * c.k }
func (c *section) row(length int) int { return c.first*length + c.skip }

func ceil(a, b int) int    { return (a + b - 1) / b }
func roundUp(a, b int) int { return ceil(a, b) * b }

// rowsPortable is rows in Go.
func (t *tiles[T]) rowsPortable(s *Scratch[T], b []T, brs int) {
	depth := len(t.runs) * t.k
	t.b = grow(&s.packed, depth*roundUp(t.n, tileCols))
	for j := 0; j < t.n; j += tileCols {
		packPortable(t.b[j*depth:], tileCols, matrix[T]{b[j:], brs, 1}, depth, min(tileCols, t.n-j))
	}
}

// runPortable is run in Go.
func (t *tiles[T]) runPortable(s *Scratch[T]) {
	depth := len(t.runs) * t.k
	strips := grow(&s.a, blockRows*depth)
	for q := range t.places.h {
		for h := range t.places.w {
			c, a := t.c[t.cAt.place(q, h):], t.a[t.aAt.place(q, h):]
			for i := 0; i < t.m; i += blockRows {
				rows := min(blockRows, t.m-i)
				for j := 0; j < rows; j += tileRows {
					for r, from := range t.runs {
						at := matrix[T]{a[from+(i+j)*t.ars:], t.acs, t.ars}
						packPortable(strips[j*depth+r*t.k*tileRows:], tileRows, at, t.k, min(tileRows, rows-j))
					}
				}
				mulStrips(matrix[T]{c[i*t.ldc:], t.ldc, 1}, strips, t.b, rows, t.n, depth, t.accumulate)
			}
		}
	}
}

// packPortable copies k rows of src, of cols columns, into a panel of B of that width:
// dst[p*width+j] is (p, j) of src, zero for j >= cols.
func packPortable[T Float](dst []T, width int, src matrix[T], k, cols int) {
	for p := range k {
		row := dst[p*width:][:width]
		for j := range row {
			row[j] = 0
			if j < cols {
				row[j] = src.data[p*src.rs+j*src.cs]
			}
		}
	}
}
