package optim

import (
	"basin/internal/crew"
	"basin/linop"
)

// A workshop is the room in which eigenvectors are found, kept from one time to the
// next.
type workshop struct {
	linop.Scratch
	room                  linop.Room[float64]
	wide, values, vectors []float64
}

// use lets products be shared.
func (w *workshop) use(c *crew.Crew) {
	w.Scratch.Use(c)
	w.room.Use(c)
}

// fit gives room for an n x n matrix.
func (w *workshop) fit(n int) {
	if cap(w.wide) < n*n {
		w.wide, w.values, w.vectors = make([]float64, n*n), make([]float64, n), make([]float64, n*n)
	}
	w.wide, w.values, w.vectors = w.wide[:n*n], w.values[:n], w.vectors[:n*n]
}
