package data

import (
	"math"

	"basin/rng"
)

// A pose is how one digit is drawn.
type pose struct {
	xx, xy, yx, yy float64 // from pixels to heights of the digit
	dx, dy         float64 // shift in pixels
	height         float64 // pixels per height of the digit
	weight         float64 // pixels by which strokes are thicker on each side
	edge           float64 // pixels from full ink to none
	ink            float64 // brightness of a stroke, up to 1
	noise          float64 // factor of bell, in units of brightness
	warp           warp
}

// The ranges of poses, chosen so that people read the digits, no linear model
// separates them, and a small network nearly does; see Glyphs.
const (
	meanHeight = 19.0 // pixels
	maxTurn    = 0.16 // tangent of half the angle: 18 degrees
	maxSlant   = 0.30 // shift to the side per height
	maxStretch = 0.22 // of width and height, each
	maxShift   = 2.0  // pixels
	maxWarp    = 4.0  // pixels, at a knot
	maxWeight  = 0.55 // pixels
	minInk     = 0.6
	maxNoise   = 0.35
)

func newPose(s *rng.Stream) pose {
	var p pose
	// The half-angle formulas need no sine, which machines compute differently.
	t := between(s, -maxTurn, maxTurn)
	cos, sin := (1-float64(t*t))/(1+float64(t*t)), 2*t/(1+float64(t*t))
	slant := between(s, -maxSlant, maxSlant)
	width := meanHeight * between(s, 1-maxStretch, 1+maxStretch)
	height := meanHeight * between(s, 1-maxStretch, 1+maxStretch)
	// The inverse of: stretch, slant, turn.
	p.xx, p.xy = (cos+float64(slant*sin))/width, (sin-float64(slant*cos))/width
	p.yx, p.yy = -sin/height, cos/height
	p.dx, p.dy = between(s, -maxShift, maxShift), between(s, -maxShift, maxShift)
	p.height = math.Sqrt(width * height)
	p.weight = between(s, -maxWeight, maxWeight)
	p.edge = between(s, 1, 2)
	p.ink = between(s, minInk, 1)
	p.noise = between(s, 0, maxNoise)
	p.warp = newWarp(s, between(s, 0, maxWarp))
	return p
}

func between(s *rng.Stream, lo, hi float64) float64 { return lo + float64((hi-lo)*s.Float64()) }

// draw paints a digit, given by its field, on a picture of size x size pixels.
func (p *pose) draw(picture []byte, f *field, s *rng.Stream) {
	for i := range size {
		row := p.warp.row(i)
		for j := range size {
			wx, wy := row.at(j)
			x := float64(j) + 0.5 - size/2 - p.dx + wx
			y := float64(i) + 0.5 - size/2 - p.dy + wy
			d := f.at(float64(p.xx*x)+float64(p.xy*y), float64(p.yx*x)+float64(p.yy*y))
			ink := float64(p.ink * min(max(0.5+(p.weight-float64(p.height*d))/p.edge, 0), 1))
			v := ink + float64(p.noise*bell(s.Uint64()))
			picture[i*size+j] = byte(float64(255*min(max(v, 0), 1)) + 0.5)
		}
	}
}

// bell is the sum of the four parts of 16 bits, less its mean: nearly normal, with
// standard deviation 1/sqrt(3).
func bell(u uint64) float64 {
	sum := u&0xffff + u>>16&0xffff + u>>32&0xffff + u>>48
	return float64(int(sum)-2*0xffff) / 0xffff
}
