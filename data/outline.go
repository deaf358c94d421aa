package data

import (
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomediumitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/gomonobolditalic"
	"golang.org/x/image/font/gofont/gomonoitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/gofont/gosmallcaps"
	"golang.org/x/image/font/gofont/gosmallcapsitalic"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// fonts are the styles that digits are drawn in.
var fonts = [...][]byte{
	goregular.TTF, goitalic.TTF, gomedium.TTF, gomediumitalic.TTF, gobold.TTF, gobolditalic.TTF,
	gomono.TTF, gomonoitalic.TTF, gomonobold.TTF, gomonobolditalic.TTF,
	gosmallcaps.TTF, gosmallcapsitalic.TTF,
}

// A segment is a directed line from (ax, ay) to (bx, by).
type segment struct{ ax, ay, bx, by float64 }

// chords is how many lines a quadratic curve is drawn with.
const chords = 8

// outline gives the contours of a digit in a font, scaled to a height of 1 and
// centred on the origin, y pointing down. All is whole numbers up to the last
// division, so that every machine draws the same digit.
func outline(font *sfnt.Font, digit int) ([]segment, error) {
	var buf sfnt.Buffer
	glyph, err := font.GlyphIndex(&buf, rune('0'+digit))
	if err != nil {
		return nil, err
	}
	// With the units per em for a size, coordinates come in the font's own units.
	contours, err := font.LoadGlyph(&buf, glyph, fixed.Int26_6(font.UnitsPerEm()), nil)
	if err != nil {
		return nil, err
	}
	return scaled(polygon(contours)), nil
}

// An edge is a segment in units of 1/chords^2 of the font's own.
type edge struct{ ax, ay, bx, by int }

// polygon draws contours with straight lines.
func polygon(contours sfnt.Segments) []edge {
	const unit = chords * chords
	var edges []edge
	var x, y int // the pen
	lineTo := func(px, py int) {
		if px != x || py != y {
			edges = append(edges, edge{x, y, px, py})
		}
		x, y = px, py
	}
	for _, s := range contours {
		p, q := s.Args[0], s.Args[1]
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			x, y = unit*int(p.X), unit*int(p.Y)
		case sfnt.SegmentOpLineTo:
			lineTo(unit*int(p.X), unit*int(p.Y))
		case sfnt.SegmentOpQuadTo:
			ax, ay := x/unit, y/unit
			for k := 1; k <= chords; k++ {
				a, b, c := (chords-k)*(chords-k), 2*k*(chords-k), k*k
				lineTo(a*ax+b*int(p.X)+c*int(q.X), a*ay+b*int(p.Y)+c*int(q.Y))
			}
		default:
			panic("data: a TrueType font with a cubic curve")
		}
	}
	return edges
}

// scaled turns edges to segments of a shape of height 1 around the origin.
func scaled(edges []edge) []segment {
	left, right, top, bottom := edges[0].ax, edges[0].ax, edges[0].ay, edges[0].ay
	for _, e := range edges {
		left, right = min(left, e.ax), max(right, e.ax)
		top, bottom = min(top, e.ay), max(bottom, e.ay)
	}
	height := float64(bottom - top)
	place := func(v, lo, hi int) float64 { return float64(2*v-lo-hi) / (2 * height) }
	segments := make([]segment, len(edges))
	for i, e := range edges {
		segments[i] = segment{
			place(e.ax, left, right), place(e.ay, top, bottom),
			place(e.bx, left, right), place(e.by, top, bottom),
		}
	}
	return segments
}
