package task

import (
	"basin/problem"
	"basin/rng"
)

// A shift moves pictures by up to pad pixels in both directions, which is to cut them
// at random from their frame of so many black pixels, and turns half of them left to
// right.
type shift struct {
	side, channels, pad int
	black               []float32 // as the network sees it, by channels
}

func (h *shift) size() int { return h.side * h.side * h.channels }

// shiftAll does so to the pictures x, N x side x side x channels, in place; from is
// room for one. What is done depends on the seed, the step and the picture's place in
// the batch alone.
func shiftAll[T problem.Float](h *shift, x, from []T, seed uint64, t int) {
	size := h.size()
	s := rng.At(seed, "shift", t)
	for lo := 0; lo < len(x); lo += size {
		copy(from, x[lo:lo+size])
		down, right, mirror := s.IntN(2*h.pad+1)-h.pad, s.IntN(2*h.pad+1)-h.pad, s.Sign() < 0
		shiftOne(h, x[lo:lo+size], from, down, right, mirror)
	}
}

// shiftOne sets to(i, j) = from(i+down, j+right), with to's columns in reverse if
// mirrored.
func shiftOne[T problem.Float](h *shift, to, from []T, down, right int, mirror bool) {
	for i := range h.side {
		for j := range h.side {
			col := j
			if mirror {
				col = h.side - 1 - j
			}
			pixel := to[(i*h.side+col)*h.channels:][:h.channels]
			y, x := i+down, j+right
			if y < 0 || y >= h.side || x < 0 || x >= h.side {
				for c, v := range h.black {
					pixel[c] = T(v)
				}
				continue
			}
			copy(pixel, from[(y*h.side+x)*h.channels:][:h.channels])
		}
	}
}
