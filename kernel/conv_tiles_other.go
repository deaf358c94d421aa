//go:build !amd64

package kernel

func panelLanes[T Float]() int { return tileCols }

func panelWidth[T Float](rows, cols int) int { return tileCols }

func packPanel[T Float](dst []T, width int, src matrix[T], k, cols int) {
	packPortable(dst, width, src, k, cols)
}

func (t *tiles[T]) rows(s *Scratch[T], b []T, brs int) { t.rowsPortable(s, b, brs) }

func (t *tiles[T]) run(s *Scratch[T]) { t.runPortable(s) }

func (t *taps[T]) run(s *Scratch[T]) { t.runPortable(s) }
