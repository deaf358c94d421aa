package kernel

import "unsafe"

// panelLanes is the number of columns of which a panel has a multiple.
func panelLanes[T Float]() int {
	if active == portable {
		return tileCols
	}
	return active.lanes(isSingle[T]())
}

// panelWidth is the width of the next panel of B, for matrices A of that many rows,
// when cols columns are left.
func panelWidth[T Float](rows, cols int) int {
	if active == portable {
		return tileCols
	}
	lanes := panelLanes[T]()
	vectors, _ := shape(active, rows, cols, lanes)
	return vectors * lanes
}

// packPanel copies k rows of src, of cols columns, into a panel of B; rs or cs is 1. It
// may write on into as many rows as there are lanes.
func packPanel[T Float](dst []T, width int, src matrix[T], k, cols int) {
	if active == portable {
		packPortable(dst, width, src, k, cols)
		return
	}
	lanes := panelLanes[T]()
	for j := 0; j < cols; j += lanes {
		to, from := &dst[j], &src.data[j*src.cs]
		if src.cs == 1 {
			pack(to, width, from, src.rs, k, min(lanes, cols-j))
		} else {
			packTransposed(to, width, from, src.cs, k, min(lanes, cols-j))
		}
	}
}

// rows makes B of rows that are brs apart. It is used in place, if that is one panel
// without large gaps.
func (t *tiles[T]) rows(s *Scratch[T], b []T, brs int) {
	if active == portable {
		t.rowsPortable(s, b, brs)
		return
	}
	width := panelWidth[T](t.m, t.n)
	if t.n <= width && brs <= 2*width {
		t.b, t.brs = b, brs
		return
	}
	lanes, depth := panelLanes[T](), len(t.runs)*t.k
	t.b, t.brs = grow(&s.packed, depth*roundUp(t.n, lanes)), 0
	j := 0
	if width == 2*lanes && t.n > width {
		panels := t.n / width
		unzip(&t.b[0], width*depth, &b[0], brs, depth, panels)
		j = panels * width
	}
	for ; j < t.n; j += width {
		width = panelWidth[T](t.m, t.n-j)
		packPanel(t.b[j*depth:], width, matrix[T]{b[j:], brs, 1}, depth, min(width, t.n-j))
	}
}

// run computes the products, panel by panel.
func (t *tiles[T]) run(s *Scratch[T]) {
	if active == portable {
		t.runPortable(s)
		return
	}
	lanes := panelLanes[T]()
	u := tile[T]{ldc: t.ldc, ars: t.ars, acs: t.acs, k: t.k, accumulate: t.accumulate}
	u.jumps, u.end = t.jumps(s)
	depth := len(t.runs) * t.k
	for j, cols := 0, 0; j < t.n; j += cols {
		var most int
		u.vectors, most = shape(active, t.m, t.n-j, lanes)
		cols = min(u.vectors*lanes, t.n-j)
		u.b, u.brs = &t.b[j*depth], u.vectors*lanes
		if t.brs > 0 {
			u.brs = t.brs
		}
		u.last = cols - (u.vectors-1)*lanes
		for q := range t.places.h {
			for h := range t.places.w {
				c := view[T]{&t.c[t.cAt.place(q, h)+j], t.ldc, 1}
				a := view[T]{&t.a[t.aAt.place(q, h)+t.runs[0]], t.ars, t.acs}
				u.multiply(c, a, t.m, most)
			}
		}
	}
}

// jumps is the list of the ways between runs, in bytes.
func (t *tiles[T]) jumps(s *Scratch[T]) (first, end *int) {
	s.jumps = s.jumps[:0]
	for r, at := range t.runs[1:] {
		s.jumps = append(s.jumps, (at-t.runs[r]-t.k*t.acs)*int(unsafe.Sizeof(T(0))))
	}
	n := len(s.jumps)
	s.jumps = append(s.jumps, 0)
	return &s.jumps[0], &s.jumps[n]
}
