package data

import "basin/rng"

// size is the width and height of a picture of a digit.
const size = 28

const (
	cell  = 7             // pixels between the knots of a warp
	knots = size/cell + 3 // in each direction
)

// A warp moves every point of a picture a little, smoothly: a uniform cubic
// B-spline over random displacements (after Simard, Steinkraus & Platt 2003, Best
// practices for convolutional neural networks, section 2).
type warp [knots][2 * knots]float64 // x displacements of a row of knots, then y

func newWarp(s *rng.Stream, most float64) warp {
	var w warp
	for i := range w {
		for j := range w[i] {
			w[i][j] = between(s, -most, most)
		}
	}
	return w
}

// A warpRow is a warp along one row of pixels.
type warpRow [2 * knots]float64

func (w *warp) row(i int) warpRow {
	var r warpRow
	for k, b := range blend[i%cell] {
		for j, d := range w[i/cell+k] {
			r[j] += float64(b * d)
		}
	}
	return r
}

func (r *warpRow) at(j int) (dx, dy float64) {
	k := j / cell
	b := &blend[j%cell]
	for m := range b {
		dx += float64(b[m] * r[k+m])
		dy += float64(b[m] * r[knots+k+m])
	}
	return dx, dy
}

// blend holds the weights of the four knots around the centre of each pixel of a
// cell.
var blend = func() (b [cell][4]float64) {
	for i := range b {
		u := (float64(i) + 0.5) / cell
		v := 1 - u
		u2, u3 := u*u, u*u*u
		b[i] = [4]float64{
			v * v * v / 6,
			(float64(3*u3) - float64(6*u2) + 4) / 6,
			(float64(3*u) + float64(3*u2) - float64(3*u3) + 1) / 6,
			u3 / 6,
		}
	}
	return b
}()
